import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeBrowser, type FakeTab } from "./browser.fixture.ts";
import { createClientOn } from "./client.ts";
import type { Client } from "./client-types.ts";
import "./later.ts";
import { isTabMessage } from "./messages.ts";
import { type FakeGate, FakeServer } from "./server.fixture.ts";

let server: FakeServer;
let browser: FakeBrowser;
const opened: Client[] = [];

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
	server = new FakeServer();
	browser = new FakeBrowser(server.fetch);
	server.signIn("ada");
});

afterEach(() => {
	for (const client of opened.splice(0)) client.close();
	vi.useRealTimers();
});

async function open(tab: FakeTab = browser.tab()): Promise<Client<FakeGate>> {
	const client = createClientOn<FakeGate>(tab.platform, {});
	opened.push(client as unknown as Client);
	client.subscribe("notes", () => {});
	await client.ready("notes");
	await pass(400);
	return client;
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const countOf = (client: Client<FakeGate>) => client.state("notes").notes.length;

test("ten tabs have one stream, and all of them are live", async () => {
	const clients = await Promise.all(Array.from({ length: 10 }, () => open()));
	await pass(1000);
	expect(server.streams.map(({ request }) => request.clients.length)).toEqual([10]);
	server.addNote("second");
	await pass(100);
	expect(clients.map(countOf)).toEqual(Array(10).fill(2));
	await clients[3]?.state("notes").add("third");
	await pass(100);
	expect(clients.map(countOf)).toEqual(Array(10).fill(3));
});

test("a tab that leaves is taken off the stream, and the next one leads when the leader goes", async () => {
	const tabs = [browser.tab(), browser.tab(), browser.tab()];
	const [first, second, third] = (await Promise.all(tabs.map(open))) as [
		Client<FakeGate>,
		Client<FakeGate>,
		Client<FakeGate>,
	];
	third.close();
	await pass(1000);
	expect(server.streams.map(({ request }) => request.clients.length)).toEqual([2]);
	tabs[0]?.fire("pagehide");
	await pass(1000);
	expect(server.streams.map(({ request }) => request.clients.length)).toEqual([1]);
	server.addNote("second");
	await pass(100);
	expect([countOf(first), countOf(second)]).toEqual([1, 2]);
});

test("a stream is replaced without a gap when the tabs change", async () => {
	const first = await open();
	await open();
	await pass(60);
	server.addNote("in between");
	await pass(1000);
	expect(countOf(first)).toBe(2);
	expect(server.streams).toHaveLength(1);
	expect(server.sent("stream")).toHaveLength(2);
});

test("a lost stream comes back, later each time, and nothing is missing then", async () => {
	const [first, second] = [await open(), await open()];
	server.fault = ({ path }) =>
		path.endsWith("stream") ? Promise.reject(new TypeError("network")) : undefined;
	for (const stream of [...server.streams]) stream.break();
	server.addNote("while it was away");
	const before = server.sent("stream").length;
	await pass(60_000);
	const times = server
		.sent("stream")
		.slice(before)
		.map(({ at }) => at);
	const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
	expect(waits.length).toBeGreaterThan(3);
	for (const [index, wait] of waits.entries()) {
		expect(wait).toBeGreaterThanOrEqual(Math.min(15_000, 500 * 2 ** (index + 1)) * 0.99);
		expect(wait).toBeLessThanOrEqual(30_200);
	}
	server.fault = undefined;
	await pass(31_000);
	expect([countOf(first), countOf(second)]).toEqual([2, 2]);
});

test("what was on its way when the stream broke is not lost", async () => {
	const [first, second] = [await open(), await open()];
	// Sent, as far as the server knows, and never arrived.
	const writes = server.streams.map((stream) =>
		vi.spyOn(stream, "write").mockImplementation(() => {}),
	);
	server.addNote("swallowed");
	expect(writes.length).toBe(1);
	for (const stream of [...server.streams]) stream.break();
	await pass(3000);
	expect([countOf(first), countOf(second)]).toEqual([2, 2]);
});

test("the stream is tried at once when the browser is online again", async () => {
	const tab = browser.tab();
	const client = await open(tab);
	server.fault = ({ path }) =>
		path.endsWith("stream") ? Promise.reject(new TypeError("network")) : undefined;
	for (const stream of [...server.streams]) stream.break();
	await pass(20_000);
	server.fault = undefined;
	server.addNote("second");
	tab.fire("online");
	await pass(100);
	expect(countOf(client)).toBe(2);
});

test("a stream that is silent for too long is replaced", async () => {
	await open();
	const [silent] = server.streams;
	await pass(44_000);
	expect(server.streams[0]).toBe(silent);
	await pass(3000);
	expect(server.streams).toHaveLength(1);
	expect(server.streams[0]).not.toBe(silent);
});

test("the end of a session reaches all tabs, whoever has the stream", async () => {
	const clients = [await open(), await open(), await open()];
	await clients[2]?.state("notes").write("Ada's");
	server.signOut();
	await pass(1500);
	for (const client of clients) {
		expect(client.session()).toEqual({ signedIn: false });
		expect(client.state("notes").notes).toEqual([]);
		expect(client.state("notes").draft).toBe("");
	}
	expect(server.streams.map(({ request, owner }) => [request.clients.length, owner])).toEqual([
		[3, ""],
	]);
});

test("a person who signs in in one tab is the one of all, and nobody asks in circles", async () => {
	server.signOut();
	const clients = [await open(), await open(), await open()];
	server.signIn("bob");
	const before = server.sent("hydrate").length;
	await clients[1]?.hydrate();
	await pass(2000);
	for (const client of clients)
		expect(client.session()).toMatchObject({ signedIn: true, user: { sub: "bob" } });
	for (const client of clients) expect(countOf(client)).toBe(1);
	// One for each tab, and at most one more for what its stream said meanwhile.
	expect(server.sent("hydrate").length - before).toBeLessThanOrEqual(6);
	const quiet = server.log.length;
	await pass(10_000);
	expect(server.log.length).toBe(quiet);
});

test("a client that the server does not know any more is hydrated, and the stream goes on", async () => {
	const client = await open();
	server.streams[0]?.write({ type: "stale", client: 0 });
	await pass(3000);
	expect(server.sent("hydrate")).toHaveLength(2);
	server.addNote("second");
	await pass(100);
	expect([countOf(client), server.streams.length]).toEqual([2, 1]);
});

test("a stream that the server says goodbye to is opened again, but not in a tight loop", async () => {
	await open();
	for (let second = 0; second < 60; second++) {
		for (const stream of [...server.streams]) {
			stream.write({ type: "bye" });
			stream.end();
		}
		await pass(1000);
	}
	expect(server.sent("stream").length).toBeGreaterThan(3);
	expect(server.sent("stream").length).toBeLessThan(12);
});

test("all tabs recover from a restart by themselves", async () => {
	const clients = [await open(), await open()];
	await clients[0]?.state("notes").write("gone with the process");
	server.restart();
	server.addNote("second");
	await pass(5000);
	expect(clients.map(countOf)).toEqual([2, 2]);
	expect(clients[0]?.state("notes").draft).toBe("");
	expect(await clients[0]?.state("notes").write("again")).toMatchObject({ ok: true });
});

test("tabs that were closed say and hear nothing more", async () => {
	const client = await open();
	client.close();
	await pass(1000);
	const before = server.log.length;
	server.addNote("second");
	await pass(60_000);
	expect([server.log.length, server.streams.length, countOf(client)]).toEqual([before, 0, 1]);
});

test.each([
	[undefined],
	["join"],
	[{ type: "join", tab: "t", client: "c", rev: "1", states: [] }],
	[{ type: "join", tab: "t", client: "c", rev: 1, states: [2] }],
	[{ type: "leave" }],
	[{ type: "delta", tab: "t", client: "c", states: [], epoch: 1, delta: { rev: 1 } }],
	[
		{
			type: "delta",
			tab: "t",
			client: "c",
			states: [],
			epoch: 1,
			delta: { rev: 1, values: {}, withheld: 1 },
		},
	],
	[{ type: "stale", tab: 1, client: "c" }],
	[{ type: "hydrate", person: {} }],
	[{ type: "nothing" }],
])("what is no message between tabs is not heard: %j", (data) => {
	expect(isTabMessage(data)).toBe(false);
});

test("every message that tabs send is one", async () => {
	const clients = [await open(), await open()];
	server.addNote("second");
	server.streams[0]?.write({ type: "stale", client: 1 });
	await pass(1000);
	clients[1]?.close();
	const types = new Set(browser.messages.map((message) => (message as { type: string }).type));
	expect([...types].sort()).toEqual(["ask", "delta", "hydrate", "join", "leave", "stale"]);
	expect(browser.messages.filter((message) => !isTabMessage(message))).toEqual([]);
});
