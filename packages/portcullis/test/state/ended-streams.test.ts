import { expect, it, vi } from "vitest";
import { startBoard } from "../support/state-board.ts";
import { signOut, tabOf } from "../support/state-people.ts";

it("what an ended stream still holds is dropped if its browser does not read it within ten seconds", async () => {
	const { fixture } = await startBoard();
	/**
	 * A stream that a sign-out has ended, of which nothing was read, and the end of the ten seconds.
	 */
	const ended = async () => {
		const tab = await tabOf(fixture, "vic");
		const body = JSON.stringify({ clients: [{ client: tab.client, rev: tab.rev }] });
		const request = new Request(`${fixture.origin}/_portcullis/stream`, {
			method: "POST",
			headers: tab.headers(),
			body,
		});
		const answer = await fixture.gate.handle(request, () => new Response());
		const wait = vi.spyOn(globalThis, "setTimeout");
		await signOut(tab);
		const waiting = wait.mock.calls.filter(([, delay]) => delay === 10_000);
		wait.mockRestore();
		return {
			answer,
			tenSecondsLater: () => {
				for (const [work] of waiting) (work as () => void)();
			},
		};
	};
	const inTime = await ended();
	expect((await inTime.answer.text()).split("\n")).toContain('{"type":"session"}');
	const late = await ended();
	late.tenSecondsLater();
	await expect(late.answer.text()).rejects.toThrow("does not read");
});
