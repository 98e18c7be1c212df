import { expect, test } from "vitest";
import { z } from "zod";
import { startGate } from "../support/gate-fixture.ts";
import { tabOf } from "../support/state-people.ts";

async function startLeading() {
	return startGate({
		gate: ({ State, event }) => {
			const input = z.object({ path: z.string(), external: z.boolean().optional() });
			class Door extends State {
				open = event({ input }, ({ input: { path, external }, redirect }) => {
					redirect(path, external === undefined ? {} : { external });
				});
			}
			return { states: { door: Door } };
		},
	});
}

test("an event leads to pages of the app, and to another site only where it says so (R79)", async () => {
	const fixture = await startLeading();
	const tab = await tabOf(fixture, "ada");
	const open = async (path: string, external?: boolean) => {
		const { outcome } = await tab.send("door.open", { path, external });
		return outcome?.status === "ok" ? outcome.redirect : outcome?.status;
	};
	expect(await open("/notes?a=1#top")).toBe("/notes?a=1#top");
	expect(await open("https://docs.example/a", true)).toBe("https://docs.example/a");
	for (const path of [
		"https://evil.example",
		"//evil.example",
		"/\\evil.example",
		"\\\\evil.example",
		"/\t/evil.example",
		"notes",
		"",
		"javascript:alert(1)",
		"data:text/html,x",
		"https:evil.example",
	])
		expect([path, await open(path)]).toEqual([path, "failed"]);
	for (const path of [
		"javascript:alert(1)",
		"data:text/html,x",
		"blob:https://a.example/x",
		"file:///etc/passwd",
		"ftp://a.example",
	])
		expect([path, await open(path, true)]).toEqual([path, "failed"]);
	expect(new Set(fixture.log.splice(0).map(({ code }) => code))).toEqual(new Set(["event_failed"]));
});
