import { expect, it } from "vitest";
import { startBoard } from "../support/state-board.ts";
import { tabOf } from "../support/state-people.ts";

it("nothing is run for a session that has to be renewed first, not even what everybody may", async () => {
	const board = await startBoard({ auth: { extraScopes: ["offline_access"] } });
	const tab = await tabOf(board.fixture, "ada");
	expect((await tab.send("board.write", "before")).status).toBe(200);
	board.fixture.clock.ahead += 3600;
	for (const event of ["board.write", "board.toggle"]) {
		const { status, problem } = await tab.send(event, "after");
		expect([event, status, problem?.code]).toEqual([event, 401, "refresh_required"]);
	}
	const response = await tab.post("hydrate", {});
	expect([response.status, (await response.json()).code]).toEqual([401, "refresh_required"]);
	expect(board.done).toEqual(["write before"]);
});
