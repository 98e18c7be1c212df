import { afterEach, describe, expect, test, vi } from "vitest";
import { type Board, startBoard } from "../support/state-board.ts";
import { PEOPLE, signInAs, signOut, tabOf } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";
import { until } from "../support/state-until.ts";

const PROTECTED = [
	"draft",
	"numbers",
	"count",
	"mine",
	"rows",
	"size",
	"later",
	"plans",
	"opened",
	"gated",
	"locked",
];
const WITHHELD = {
	"board.draft": "",
	"board.mine": "",
	"board.plans": "",
	"board.opened": "",
	"board.gated": "",
	"board.locked": "",
	"board.rows": [],
	"board.size": 0,
	"board.later": "",
};

/** A tab of Ada's that has everything there is. */
async function fullTab(board: Board): Promise<StateTab> {
	const tab = await tabOf(board.fixture, "ada");
	board.rows.splice(0, Number.POSITIVE_INFINITY, "a row");
	board.changed();
	await tab.send("board.write", "of Ada");
	await tab.send("keys.take");
	await tab.send("board.toggle");
	expect([...tab.withheld]).toEqual([]);
	expect(tab.values).toMatchObject({
		"board.draft": "of Ada",
		"board.locked": "locked of Ada",
		"board.gated": "behind a key",
		"board.plans": "plans of the owners",
		"board.mine": "ada",
		"board.rows": ["a row"],
		"board.later": "later of Ada",
	});
	return tab;
}

afterEach(() => {
	vi.useRealTimers();
});

describe("what was delivered is withheld again", () => {
	test("after a logout; what is public stays", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		await signOut(tab);
		expect((await tab.send("board.write", "late")).status).toBe(409);
		await tab.hydrate();
		expect(tab.values).toMatchObject({ ...WITHHELD, "board.dark": true });
		expect(PROTECTED.every((name) => tab.withheld.has(`board.${name}`))).toBe(true);
		expect((await tab.send("board.write", "late")).problem?.code).toBe("login_required");
	});

	test("an event whose session ends while it waits for the one before is not run", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		const first = tab.send("board.waitFor", "the logout");
		await board.doors.reached("the logout");
		const waiting = tab.send("board.write", "late");
		await signOut(new StateTab(tab.origin, tab.browser));
		board.doors.open("the logout");
		await first;
		expect((await waiting).problem?.code).toBe("login_required");
		expect(board.done).not.toContain("write late");
	});

	test("after a logout, for cookies that were copied before: in events and streams of this process", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		const copied = { headers: tab.headers() };
		await signOut(tab);
		const request = tab.request("board.write", "by a thief");
		const event = await tab.post("event", request, copied);
		expect([event.status, board.done]).toEqual([409, ["write of Ada"]]);
		const stream = await tab.post("stream", { clients: [{ client: tab.client, rev: 0 }] }, copied);
		// It is a stream of nobody's, with a client that is somebody else's.
		const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
		let text = "";
		while (reader && !text.includes("stale")) text += (await reader.read()).value ?? "";
		await reader?.cancel();
		expect(text).not.toMatch(/of Ada|plans|a row/);
	});

	test("after a change of person; nothing of the one before is there for the next one, nor afterwards", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		const name = tab.client;
		const browser = tab.browser as NonNullable<StateTab["browser"]>;
		await signInAs(board.fixture, "vic", browser);
		expect((await tab.send("board.write", "by Vic")).problem?.code).toBe("client_stale");
		await tab.hydrate();
		expect(tab.client).not.toBe(name);
		const vics = {
			"board.draft": "",
			"board.plans": "",
			"board.gated": "",
			"board.mine": "vic",
			"board.dark": true,
		};
		expect(tab.values).toMatchObject(vics);
		expect(tab.withheld).toEqual(new Set(["board.plans", "board.gated", "board.locked"]));
		await tab.send("board.write", "of Vic");
		await signInAs(board.fixture, "ada", browser);
		await tab.hydrate();
		expect(tab.values).toMatchObject({
			"board.draft": "",
			"board.mine": "ada",
			"board.gated": "",
			"board.locked": "",
		});
	});

	test("after a login with other claims", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		board.fixture.idp.person = { ...PEOPLE.ada, groups: ["staff"] };
		await board.fixture.signIn(tab.browser, { path: "/login" });
		await tab.hydrate();
		expect(tab.values).toMatchObject({ "board.mine": "ada", "board.plans": "", "board.draft": "" });
		expect(tab.withheld.has("board.plans")).toBe(true);
		expect((await tab.send("board.plan")).status).toBe(403);
	});

	test("when the session has expired", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		board.fixture.clock.ahead = 3600;
		expect((await tab.send("board.toggle")).problem?.code).toBe("client_stale");
		await tab.hydrate();
		expect(tab.values).toMatchObject({ ...WITHHELD, "board.dark": true });
		expect((await tab.send("board.write", "late")).status).toBe(401);
		expect(board.done).toEqual(["write of Ada"]);
	});

	test("when a check that reads server state says no, and given again when it says yes", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		const dropped = await tab.send("keys.drop");
		expect(tab.values).toMatchObject({ "board.gated": "", "board.locked": "" });
		expect(tab.withheld).toEqual(new Set(["board.gated", "board.locked"]));
		expect(dropped.text).not.toMatch(/behind|of Ada/);
		// What changes meanwhile does not get out either.
		const written = await tab.send("board.write", "unseen");
		expect(written.text).not.toContain("locked unseen");
		await tab.send("keys.take");
		expect(tab.values).toMatchObject({
			"board.gated": "behind a key",
			"board.locked": "locked unseen",
		});
		expect(tab.withheld.size).toBe(0);
	});

	test("at the next event, when a check on something outside says no", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		board.isOpen = false;
		await tab.send("board.toggle");
		expect([tab.values["board.opened"], tab.withheld.has("board.opened")]).toEqual(["", true]);
	});
});

describe("on a stream", () => {
	test("rules are looked at again within 60 seconds, though nothing has happened", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
		const stream = await tab.stream();
		await until(() => stream.lines.length > 0);
		board.isOpen = false;
		vi.advanceTimersByTime(59_000);
		expect(tab.withheld.has("board.opened")).toBe(false);
		vi.advanceTimersByTime(1000);
		await until(() => tab.withheld.has("board.opened"));
		expect(tab.values["board.opened"]).toBe("");
		stream.close();
	});

	test("a group that was taken away counts on a stream that was open before, though nothing else is asked", async () => {
		const board = await startBoard();
		const { clock, idp } = board.fixture;
		const tab = await fullTab(board);
		vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
		const stream = await tab.stream();
		await until(() => stream.lines.length > 0);
		clock.ahead = 1801;
		idp.faults = { clockSkew: 1801, userinfoClaims: { groups: [] } };
		idp.requests.length = 0;
		await until(() => {
			vi.advanceTimersByTime(60_000);
			return tab.withheld.has("board.plans");
		});
		expect(tab.values["board.plans"]).toBe("");
		expect(idp.count("userinfo")).toBe(1);
		stream.close();
	});

	test("a change elsewhere brings the new rule along", async () => {
		const board = await startBoard();
		const tab = await fullTab(board);
		const stream = await tab.stream();
		board.isOpen = false;
		board.rows.push("another");
		board.changed();
		await until(() => tab.values["board.size"] === 2);
		expect(tab.withheld.has("board.opened")).toBe(true);
		stream.close();
	});

	test("it ends with the session: by a logout, a login as somebody else and the end of its time (R71)", async () => {
		const board = await startBoard();
		const { fixture } = board;
		const ends: [string, (tab: StateTab) => Promise<unknown>][] = [
			["logout", signOut],
			["login", (tab) => signInAs(fixture, "vic", tab.browser)],
		];
		for (const [how, end] of ends) {
			const tab = await fullTab(board);
			const stream = await tab.stream();
			await end(tab);
			const endedAt = performance.now();
			board.rows.push(`secret after ${how}`);
			board.changed();
			await stream.ended;
			expect(performance.now() - endedAt).toBeLessThan(2000);
			expect(stream.lines.at(-1)).toEqual({ type: "session" });
			expect(JSON.stringify(stream.lines)).not.toContain("secret after");
		}
		const tab = await fullTab(board);
		const { session } = await tab.hydrate();
		const expiresAt = session.signedIn ? session.expiresAt : 0;
		// Seconds or milliseconds, whichever the contract says, half a second is left of it.
		fixture.clock.ahead =
			(expiresAt < 1e11 ? expiresAt * 1000 : expiresAt) / 1000 - Date.now() / 1000 - 0.5;
		const stream = await tab.stream();
		const openedAt = performance.now();
		await stream.ended;
		expect(performance.now() - openedAt).toBeLessThan(2500);
		expect(stream.lines.at(-1)).toEqual({ type: "session" });
	});

	test("nobody else's clients are on it", async () => {
		const board = await startBoard();
		const adas = await fullTab(board);
		const vics = await tabOf(board.fixture, "vic");
		const anonymous = await tabOf(board.fixture, undefined);
		for (const [tab, others] of [
			[vics, [adas, anonymous]],
			[anonymous, [adas, vics]],
		] as const) {
			const clients = [...others, tab].map(({ client }) => ({ client, rev: 0 }));
			const response = await tab.post("stream", {
				clients: [...clients, { client: "made up", rev: 0 }],
			});
			let text = "";
			const decoder = new TextDecoder();
			for await (const chunk of response.body ?? []) {
				text += decoder.decode(chunk, { stream: true });
				if (text.includes('"client":3') && text.includes('"type":"delta"')) break;
			}
			const lines = text
				.split("\n")
				.filter(Boolean)
				.map((line) => JSON.parse(line));
			expect(lines.filter(({ type }) => type === "stale").map(({ client }) => client)).toEqual([
				0, 1, 3,
			]);
			expect(lines.filter(({ type }) => type === "delta").every(({ client }) => client === 2)).toBe(
				true,
			);
			expect(text).not.toMatch(/of Ada|plans of/);
		}
	});
});

test("a generator delivers nothing any more once its session has ended", async () => {
	const board = await startBoard();
	const tab = await fullTab(board);
	const watching = tab.send("board.watch");
	await board.doors.reached("watch 0");
	board.rows.push("before the end");
	board.doors.open("watch 0");
	await board.doors.reached("watch 1");
	const beside = new StateTab(board.fixture.origin, tab.browser);
	await signOut(beside);
	board.rows.push("after the end");
	board.changed();
	board.doors.open("watch 1");
	board.doors.open("watch 2");
	expect((await watching).text).not.toContain("after the end");
});
