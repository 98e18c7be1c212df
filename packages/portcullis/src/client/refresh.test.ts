import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LIVE_FOR, RENEWAL_LOCK } from "../wire/renewal.ts";
import type { SessionAnswer } from "../wire/session-answer.ts";
import { FakeBrowser, fakeStorage } from "./browser.fixture.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { Core } from "./core.ts";
import { createRefresher } from "./refresh.ts";

// The tab's side of a renewal: when it asks, what it leaves behind, and that it never keeps the
// lock.

/** Milliseconds. */
const NOW = 1_800_000_000_000;
const MARK = `${RENEWAL_LOCK}/_portcullis`;

let storage: ReturnType<typeof fakeStorage>;
let browser: FakeBrowser;
/** What the server knows; `lifetime` in seconds, `skew` of its clock to the tab's. */
let server: {
	generation: number;
	at: number;
	lifetime: number;
	skew: number;
	asked: string[];
	marks: unknown[];
};
/** What becomes of a refresh; `undefined`: it is carried out. */
let fault: (() => Response | Promise<Response> | undefined) | undefined;
let announced: number;

const session = (): SessionAnswer => ({
	signedIn: true,
	user: { sub: "ada", name: "Ada", email: null, picture: null, provider: "dev" },
	expiresAt: server.at + 90,
	refresh: { generation: server.generation, at: server.at },
});

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW });
	storage = fakeStorage();
	vi.stubGlobal("localStorage", storage);
	server = { generation: 0, at: NOW / 1000 + 3500, lifetime: 3500, skew: 0, asked: [], marks: [] };
	fault = undefined;
	announced = 0;
	const serverNow = () => Math.floor(Date.now() / 1000) + server.skew;
	browser = new FakeBrowser(async (path) => {
		server.asked.push(path);
		if (path.endsWith("/session")) {
			const left = server.at + 90 - serverNow();
			return Response.json(left > 0 ? session() : { signedIn: false, refresh: session().refresh });
		}
		server.marks.push(JSON.parse(storage.getItem(MARK) ?? "null"));
		const failed = await fault?.();
		if (failed) return failed;
		if (server.at > serverNow()) return Response.json({ session: session(), renewed: false });
		server.generation++;
		server.at = serverNow() + server.lifetime;
		return Response.json({ session: session(), renewed: true });
	});
});

afterEach(() => vi.useRealTimers());

function tab(): {
	renewal: ReturnType<typeof createRefresher>;
	connection: Connection;
	hydrates: () => number;
} {
	let hydrates = 0;
	const core = {
		get session() {
			return session();
		},
		isClosed: false,
		hydrate: async () => {
			hydrates++;
		},
	} as unknown as Core;
	const connection = createConnection(browser.tab().platform, "/_portcullis");
	const renewal = createRefresher(connection, "/_portcullis", core, () => announced++);
	return { renewal, connection, hydrates: () => hydrates };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const refreshes = () => server.asked.filter((path) => path.endsWith("/refresh")).length;
const refused = () => Response.json({ code: "refresh_required" }, { status: 401 });

test("a tab renews when it is due, marks it before it asks, and tells the others", async () => {
	const { renewal, hydrates } = tab();
	renewal.plan(session());
	await pass(3_499_000);
	expect(server.asked).toEqual([]);
	await pass(4000);
	expect([refreshes(), server.generation, announced, hydrates()]).toEqual([1, 1, 1, 1]);
	expect(server.marks).toEqual([{ generation: 0, time: expect.any(Number) }]);
	// And plans the next one.
	await pass(3_504_000);
	expect(server.generation).toBe(2);
});

test("ten tabs that are due at the same time spend one token", async () => {
	const tabs = Array.from({ length: 10 }, tab);
	for (const { renewal } of tabs) renewal.plan(session());
	await pass(3_504_000);
	expect([refreshes(), announced]).toEqual([1, 1]);
});

test("a provider that is down is asked less and less, once for all tabs each time", async () => {
	fault = () => Response.json({ session: session(), renewed: false });
	const tabs = Array.from({ length: 5 }, tab);
	for (const { renewal } of tabs) renewal.plan(session());
	server.at = NOW / 1000 - 1;
	for (const { renewal } of tabs) renewal.plan(session());
	await pass(60_000);
	const first = refreshes();
	expect(first).toBeGreaterThan(1);
	expect(first).toBeLessThanOrEqual(60_000 / LIVE_FOR + 1);
});

test("a clock that is an hour ahead does not make a tab ask all the time", async () => {
	server.skew = -3600;
	server.at = NOW / 1000 - 100;
	const { renewal } = tab();
	renewal.plan(session());
	await pass(3_600_000);
	expect(server.asked.length).toBeLessThan(60);
});

test("what a closed tab left under way is waited for, and nothing is spent", async () => {
	server.at = NOW / 1000 - 200;
	storage.setItem(MARK, JSON.stringify({ generation: 0, time: NOW }));
	const { renewal } = tab();
	const withRetry = renewal.retry(refused(), async () => new Response("done"));
	await pass(4000);
	expect(refreshes()).toBe(0);
	server.generation = 1;
	server.at += 4000;
	await pass(1000);
	expect(await (await withRetry).text()).toBe("done");
	expect(refreshes()).toBe(0);
});

test("a mark that nothing came of is good for 15 seconds and no longer; one of another generation, or nonsense, for nothing", async () => {
	server.at = NOW / 1000 - 200;
	storage.setItem(MARK, JSON.stringify({ generation: 0, time: NOW }));
	void tab().renewal.retry(refused(), async () => new Response());
	await pass(14_500);
	expect(refreshes()).toBe(0);
	await pass(1500);
	expect(refreshes()).toBe(1);
	for (const nonsense of [
		"{",
		"null",
		"7",
		'{"generation":"0"}',
		JSON.stringify({ generation: 0, time: NOW * 2 }),
	]) {
		server.at = NOW / 1000 - 200;
		server.asked = [];
		storage.setItem(MARK, nonsense);
		void tab().renewal.retry(refused(), async () => new Response());
		await pass(1000);
		expect([nonsense, refreshes()]).toEqual([nonsense, 1]);
	}
});

test("a server that never answers does not keep the lock: others get their turn after 15 seconds", async () => {
	server.at = NOW / 1000 - 200;
	fault = () => new Promise(() => {});
	const first = tab().renewal.retry(refused(), async () => new Response());
	await pass(1000);
	const second = tab().renewal.retry(refused(), async () => new Response("done"));
	fault = undefined;
	await pass(LIVE_FOR);
	const answer = await first;
	expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
	expect(await (await second).text()).toBe("done");
});

test("only a refusal that asks for a renewal is mended, and one of a session that is over stays a refusal", async () => {
	const { renewal } = tab();
	const again = vi.fn(async () => new Response());
	for (const other of [
		Response.json({ code: "login_required" }, { status: 401 }),
		new Response("no", { status: 401 }),
	])
		expect(await renewal.retry(other, again)).toBe(other);
	expect(server.asked).toEqual([]);
	server.at = NOW / 1000 - 200;
	fault = () => Response.json({ code: "login_required" }, { status: 401 });
	const over = renewal.retry(refused(), again);
	await pass(1000);
	expect([(await over).status, announced]).toEqual([401, 1]);
	expect(again).not.toHaveBeenCalled();
});
