import { describe, expect, test } from "vitest";
import type { EventRequest } from "../../src/wire/state.ts";
import { startGate } from "../support/gate-fixture.ts";
import { type Board, startBoard } from "../support/state-board.ts";
import { signInAs, signOut, tabOf } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";
import { until } from "../support/state-until.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Sends requests that were numbered before, each after a delay of its own: they overtake each other
 * on the way.
 */
function sendShuffled(tab: StateTab, requests: readonly EventRequest[]) {
	return Promise.all(
		requests.map(async (request) => {
			await pause(Math.random() * 20);
			return tab.sendRequest(request);
		}),
	);
}

function numbered(tab: StateTab, event: string, from: number, count: number): EventRequest[] {
	return Array.from({ length: count }, (_, i) => tab.request(event, from + i, { seq: from + i }));
}

/** Sends an event, and loses the connection before the answer is there. */
async function sendAndLose(
	tab: StateTab,
	request: EventRequest,
	when: Promise<void>,
): Promise<void> {
	const abort = new AbortController();
	const lost = tab.post("event", request, { signal: abort.signal }).then(
		(response) => response.text(),
		() => "lost",
	);
	await when;
	abort.abort();
	await lost.catch(() => {});
}

/** A fresh look at the same client. */
async function lookAt(tab: StateTab): Promise<Record<string, unknown>> {
	const fresh = new StateTab(tab.origin, tab.browser);
	fresh.client = tab.client;
	await fresh.hydrate();
	return fresh.values;
}

describe("order", () => {
	test("two people hammering: each client's events run in its order, and no update is lost", async () => {
		const board = await startBoard();
		const tabs = [await tabOf(board.fixture, "ada"), await tabOf(board.fixture, "vic")];
		const all = Array.from({ length: 60 }, (_, i) => i + 1);
		await Promise.all(
			tabs.map(async (tab) => {
				// As many at once as a browser may have waiting, twice over.
				for (const from of [1, 21, 41]) {
					const sent = await sendShuffled(tab, numbered(tab, "board.append", from, 20));
					expect(sent.map(({ status }) => status)).toEqual(all.slice(0, 20).map(() => 200));
				}
			}),
		);
		for (const tab of tabs) {
			expect(await lookAt(tab)).toMatchObject({
				"board.numbers": all,
				"board.count": 60,
				"board.other": 60,
			});
			expect(tab.values).toMatchObject({ "board.numbers": all, "board.count": 60 });
		}
	});

	test("the second event of a new client waits for the first one", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const [first, second] = numbered(tab, "board.append", 1, 2) as [EventRequest, EventRequest];
		const later = tab.sendRequest(second);
		await pause(60);
		expect(board.done).toEqual([]);
		expect((await tab.sendRequest(first)).status).toBe(200);
		expect((await later).status).toBe(200);
		expect(board.done).toEqual(["append 1", "append 2"]);
	});

	test("an event whose predecessor never comes is run after a second; what comes later still is refused", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		expect((await tab.sendRequest(tab.request("board.append", 2, { seq: 2 }))).status).toBe(200);
		const late = await tab.sendRequest(tab.request("board.append", 1, { seq: 1 }));
		expect([late.status, late.problem?.code]).toEqual([409, "event_out_of_order"]);
		expect(board.done).toEqual(["append 2"]);
	});

	test("of forty requests at once those beyond the limit are refused, and none is half run", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const holding = tab.send("board.waitFor", "the door");
		await board.doors.reached("the door");
		const requests = numbered(tab, "board.append", 2, 40);
		const answered: number[] = [];
		const sending = requests.map(async (request) => {
			const sent = await tab.sendRequest(request);
			if (sent.status === 429) {
				expect(sent.problem?.code).toBe("too_many_requests");
				expect(sent.headers.get("retry-after")).toBe("1");
			}
			answered.push(sent.status);
			return sent;
		});
		// One is running, 31 may wait.
		await until(() => answered.length === 9);
		expect(answered.every((status) => status === 429)).toBe(true);
		board.doors.open("the door");
		expect((await holding).status).toBe(200);
		const sent = await Promise.all(sending);
		const run = requests.filter((_, i) => sent[i]?.status === 200).map(({ seq }) => seq);
		expect(run.length).toBeGreaterThan(0);
		expect(sent.every(({ status }) => [200, 409, 429].includes(status))).toBe(true);
		expect(board.done.filter((what) => what.startsWith("append"))).toEqual(
			run.map((n) => `append ${n}`),
		);
		const numbers = { "board.numbers": run, "board.count": run.length, "board.other": run.length };
		expect(await lookAt(tab)).toMatchObject(numbers);
		// Afterwards there is room again.
		expect((await tab.send("board.append", 99)).status).toBe(200);
	});

	test("background events of one client are limited too", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const sending = [];
		for (let i = 1; i <= 32; i++) {
			sending.push(tab.sendRequest(tab.request("board.beside", "many", { seq: i })));
		}
		await board.doors.reached("many");
		expect((await tab.sendRequest(tab.request("board.beside", "many", { seq: 33 }))).status).toBe(
			429,
		);
		// Other events of the client are not held up by them.
		expect((await tab.sendRequest(tab.request("board.append", 1, { seq: 33 }))).status).toBe(200);
		board.doors.open("many");
		expect((await Promise.all(sending)).map(({ value }) => value)).toEqual(
			sending.map(() => "many"),
		);
	});
});

describe("slow ones", () => {
	test("a handler that hangs holds up its own client alone", async () => {
		const board = await startBoard();
		const [slow, other, neighbour] = [
			await tabOf(board.fixture, "ada"),
			await tabOf(board.fixture, "vic"),
			await tabOf(board.fixture, "ada"),
		];
		const stream = await other.stream();
		const hanging = slow.send("board.waitFor", "ever");
		await board.doors.reached("ever");
		const begun = performance.now();
		for (let i = 1; i <= 20; i++) expect((await other.send("board.append", i)).status).toBe(200);
		expect((await neighbour.send("board.add", "live")).status).toBe(200);
		await until(() => other.values["board.size"] === 1);
		expect(performance.now() - begun).toBeLessThan(3000);
		board.doors.open("ever");
		expect((await hanging).value).toBe("ever");
		stream.close();
	});

	test("a browser that does not read its stream loses it, and delays nobody", async () => {
		const board = await startBoard();
		const [lazy, eager] = [await tabOf(board.fixture, "vic"), await tabOf(board.fixture, "ada")];
		const { origin, gate } = board.fixture;
		const body = JSON.stringify({ clients: [{ client: lazy.client, rev: lazy.rev }] });
		const request = new Request(`${origin}/_portcullis/stream`, {
			method: "POST",
			headers: lazy.headers(),
			body,
		});
		const unread = await gate.handle(request, () => new Response());
		const stream = await eager.stream();
		const begun = performance.now();
		for (let i = 1; i <= 40; i++) {
			board.rows.splice(0, 1, `${i} ${"x".repeat(40_000)}`);
			board.changed();
			await until(() => String((eager.values["board.rows"] as string[])[0]).startsWith(`${i} `));
		}
		expect(performance.now() - begun).toBeLessThan(8000);
		// What was kept for it is bounded: more than a megabyte was not.
		await expect(unread.text()).rejects.toThrow("does not read");
		stream.close();
		// With the next stream it has everything anew.
		const again = await lazy.stream();
		await until(() => String((lazy.values["board.rows"] as string[])[0]).startsWith("40 "));
		again.close();
	});

	test("a value that is never worked out holds up no other one", async () => {
		const fixture = await startGate({
			gate: ({ State, field, computed, event }) => {
				class Slow extends State {
					n = field(0);
					never = computed(
						() => this.n.value,
						({ dependencies: n }) => (n === 0 ? Promise.resolve(0) : new Promise<number>(() => {})),
						{ initial: 0 },
					);
					soon = computed(
						() => this.n.value,
						async ({ dependencies: n }) => n * 10,
						{ initial: 0 },
					);
					count = event(() => {
						this.n.value++;
					});
				}
				return { states: { slow: Slow } };
			},
		});
		const tab = await tabOf(fixture, "ada");
		const stream = await tab.stream();
		const abort = new AbortController();
		const begun = performance.now();
		// Its answer stays open for the value that hangs; the stream brings the other one.
		const answer = await tab.post("event", tab.request("slow.count"), { signal: abort.signal });
		let text = "";
		const decoder = new TextDecoder();
		for await (const chunk of answer.body ?? []) {
			text += decoder.decode(chunk, { stream: true });
			if (text.includes('"slow.soon":[10]') || tab.values["slow.soon"] === 10) break;
		}
		expect(performance.now() - begun).toBeLessThan(2000);
		abort.abort();
		stream.close();
	});
});

describe("exactly once", () => {
	test("an answer that was lost is given again, and the handler is not run twice", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		await tab.send("board.write", "before");
		for (const event of ["board.waitFor", "board.beside"]) {
			const name = `lost ${event}`;
			const request = tab.request(event, name);
			await sendAndLose(tab, request, board.doors.reached(name));
			board.doors.open(name);
			const repeated = await tab.sendRequest({ ...request, repeat: true });
			expect(repeated.outcome?.status).toBe("ok");
			expect(repeated.value).toBe(name);
			expect(board.done.filter((what) => what === `wrote ${name}`)).toHaveLength(1);
			// And all that it changed has come with it.
			expect(tab.values).toMatchObject({ "board.draft": `after ${name}`, "board.dark": true });
			expect(tab.values).toEqual(await lookAt(tab));
		}
	});

	test("what a lost answer said is not lost though newer values came by the stream", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		await tab.send("board.write", "before");
		const request = tab.request("board.write", "lost");
		const unread = await tab.post("event", request);
		const stream = await tab.stream();
		board.rows.push("newer");
		board.changed();
		await until(() => tab.values["board.size"] === 1);
		await unread.body?.cancel();
		stream.close();
		const repeated = await tab.sendRequest({ ...request, repeat: true });
		expect(repeated.value).toBe("lost");
		expect(tab.values).toEqual(await lookAt(tab));
		expect(board.done).toEqual(["write before", "write lost"]);
	});

	test("the same id many times at once runs once", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const request = tab.request("board.append", 7);
		const sent = await Promise.all(Array.from({ length: 20 }, () => tab.sendRequest(request)));
		expect(sent.map(({ outcome }) => outcome?.status)).toEqual(sent.map(() => "ok"));
		expect(board.done).toEqual(["append 7"]);
	});

	test("nobody else gets a remembered outcome, nor does the person after", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const request = tab.request("board.write", "of Ada");
		await tab.sendRequest(request);
		await signInAs(board.fixture, "vic", tab.browser);
		await tab.hydrate();
		const asked = await tab.sendRequest({ ...request, client: tab.client, seq: 1, repeat: true });
		expect(asked.text).not.toContain("of Ada");
		expect(asked.outcome).toEqual({ status: "unknown" });
		expect(board.done).toEqual(["write of Ada"]);
	});
});

describe("all of it or nothing", () => {
	test("a handler that throws undoes its writes; what was delivered at a yield stays", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		await tab.send("board.write", "before");
		expect((await tab.send("board.fail")).outcome).toMatchObject({
			status: "failed",
			code: "event_failed",
		});
		expect(await lookAt(tab)).toMatchObject({
			"board.draft": "before",
			"board.numbers": [],
			"board.dark": false,
		});
		expect((await tab.send("board.failLate")).outcome).toMatchObject({ status: "failed" });
		expect(tab.values).toMatchObject({ "board.draft": "kept", "board.count": 0 });
		expect(await lookAt(tab)).toEqual(tab.values);
	});

	test("the log names the code of an error that has one", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		for (const event of ["fail", "refuse", "directly"]) await tab.send(`board.${event}`);
		const failures = board.fixture.log.filter(({ code }) => code === "event_failed");
		expect(failures.map(({ reason }) => reason)).toEqual([
			undefined,
			"access_denied",
			"state_write_refused",
		]);
	});

	test("writes outside of an event are refused", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		await tab.send("board.escape", "later");
		board.doors.open("later");
		await until(() => board.done.length === 1);
		expect(board.done).toEqual(["refused state_write_refused"]);
		expect((await tab.send("board.directly")).outcome).toMatchObject({
			status: "failed",
			code: "state_write_refused",
		});
		expect(await lookAt(tab)).toMatchObject({ "board.draft": "" });
	});
});

/** What goes on after its person has gone. */
describe("after a change of hands", () => {
	const leavings: [string, (board: Board, tab: StateTab) => Promise<unknown>][] = [
		["a logout", (_, tab) => signOut(new StateTab(tab.origin, tab.browser))],
		["a login as somebody else", (board, tab) => signInAs(board.fixture, "vic", tab.browser)],
	];
	test.each(leavings)("%s: a background event writes nothing any more", async (_, leave) => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const running = tab.send("board.beside", "beside");
		await board.doors.reached("beside");
		await leave(board, tab);
		const next = new StateTab(tab.origin, tab.browser);
		next.client = tab.client;
		await next.hydrate();
		board.doors.open("beside");
		const { outcome, text } = await running;
		expect(outcome).toMatchObject({ status: "failed", code: "state_write_refused" });
		expect(text).not.toContain("after beside");
		expect(board.done).toEqual([]);
		await next.hydrate();
		expect(next.values).toMatchObject({ "board.draft": "", "board.dark": false });
	});

	test.each(leavings)("%s: an event that is running writes nothing any more", async (_, leave) => {
		const board = await startBoard();
		for (const event of ["waitFor", "waitOnly"]) {
			const tab = await tabOf(board.fixture, "ada");
			const running = tab.send(`board.${event}`, event);
			await board.doors.reached(event);
			await leave(board, tab);
			const next = new StateTab(tab.origin, tab.browser);
			next.client = tab.client;
			const hydrated = next.hydrate();
			board.doors.open(event);
			const { outcome, text } = await running;
			expect(outcome).toMatchObject({ status: "failed", code: "state_write_refused" });
			expect(text).not.toMatch(/(after|before) wait/);
			await hydrated;
			// Nothing of it is left, not even in what everybody sees.
			expect(next.values).toMatchObject({ "board.draft": "", "board.dark": false });
		}
		expect(board.done).not.toContain("wrote waitFor");
	});

	test.each(leavings)(
		"%s: what a handler did not wait for writes nothing, and throws nothing that could end the process",
		async (_, leave) => {
			const board = await startBoard();
			const tab = await tabOf(board.fixture, "ada");
			await tab.send("board.float", "float");
			await leave(board, tab);
			const next = new StateTab(tab.origin, tab.browser);
			next.client = tab.client;
			board.doors.open("float 1");
			await until(() => board.done.length === 1);
			board.doors.open("float 2");
			await until(() => board.done.length === 2);
			expect(board.done).toEqual(["went on 1", "went on 2"]);
			await next.hydrate();
			expect(next.values).toMatchObject({ "board.draft": "", "board.dark": false });
			const dropped = board.fixture.log.filter(({ code }) => code === "state_write_refused");
			expect(dropped).toMatchObject([
				{ level: "warning", message: expect.stringMatching(/^board\.draft .*dropped$/) },
			]);
		},
	);

	test("an event that was waiting for its turn is not run", async () => {
		const board = await startBoard();
		const tab = await tabOf(board.fixture, "ada");
		const running = tab.send("board.waitFor", "first");
		await board.doors.reached("first");
		const waiting = tab.sendRequest(tab.request("board.write", "second", { seq: 2 }));
		await pause(50);
		await signOut(new StateTab(tab.origin, tab.browser));
		board.doors.open("first");
		await running;
		expect((await waiting).problem?.code).toBe("login_required");
		expect(board.done).not.toContain("write second");
	});
});
