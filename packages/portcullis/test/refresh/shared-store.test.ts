import { createClient } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { redis } from "../../src/redis.ts";
import { memory, type StateStore } from "../../src/state.ts";
import { A_SECOND } from "../support/a-second.ts";
import {
	allCookies,
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	startGate,
} from "../support/gate-fixture.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { replicaOf } from "../support/replica.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { until } from "../support/state-until.ts";

let server: RedisServer;

beforeAll(async () => {
	server = await startRedisServer();
});
afterAll(() => server?.close());

function openRedis(prefix: string, url: string = server.url): StateStore {
	const store = redis({ url, prefix, timeout: 0.5 });
	onTestFinished(() => store.close());
	return store;
}

const on = (store: StateStore): GateFixtureOptions => ({
	auth: { extraScopes: ["offline_access"], store },
});

/** A person who is signed in at several replicas, and whose access token has ended. */
async function enter(
	stores: readonly StateStore[],
): Promise<{ gates: GateFixture[]; browser: ScriptedBrowser }> {
	const [first, ...others] = stores as [StateStore, ...StateStore[]];
	const gates = [await startGate(on(first))];
	const [gate] = gates as [GateFixture];
	for (const store of others) gates.push(await replicaOf(gate, on(store)));
	const browser = new ScriptedBrowser();
	await gate.signIn(browser);
	gate.clock.ahead += 3600;
	return { gates, browser };
}

/** As a browser would that has forgotten all about locks. */
function renew({ origin }: GateFixture, cookies: string): Promise<Response> {
	const headers = {
		...{ Cookie: cookies, Origin: origin },
		...{ "Portcullis-Request": "1", "Content-Type": "application/json" },
	};
	return fetch(`${origin}/_portcullis/refresh`, { method: "POST", headers });
}

function logOut({ origin }: GateFixture, cookies: string): Promise<Response> {
	const headers = { Cookie: cookies, Origin: origin, "Portcullis-Request": "1" };
	return fetch(`${origin}/logout`, { method: "POST", headers });
}

/** All keys with all that is in them. */
async function everythingIn(url: string): Promise<string> {
	const client = createClient({ url });
	await client.connect();
	const keys = await client.keys("*");
	const records = await Promise.all(
		keys.map((key) => client.hGetAll(key).catch(() => client.get(key))),
	);
	client.destroy();
	return JSON.stringify([keys, records]);
}

const isIn = async ({ origin }: GateFixture, cookies: string) =>
	(await (await fetch(`${origin}/private`, { headers: { Cookie: cookies } })).text()).startsWith(
		MARKER,
	);

test("four replicas on one store spend a refresh token once, and all of them hand out what came of it", async () => {
	const { gates, browser } = await enter([1, 2, 3, 4].map(() => openRedis("fold:")));
	const [{ idp }] = gates as [GateFixture];
	idp.set({ delay: { token: 100 } });
	const cookies = allCookies(browser);
	const answers = await Promise.all(
		gates.flatMap((gate) => Array.from({ length: 10 }, () => renew(gate, cookies))),
	);
	expect(idp.count("token")).toBe(2);
	const bodies = await Promise.all(
		answers.map(async (answer) => [answer.status, await answer.json()]),
	);
	for (const body of bodies)
		expect(body).toMatchObject([200, { renewed: true, session: { signedIn: true } }]);
	const sets = new Set(answers.map((answer) => answer.headers.getSetCookie().join("\n")));
	expect(sets.size).toBe(1);
});

test("what waits in the store for the others opens with the secret alone", async () => {
	const { gates, browser } = await enter([openRedis("sealed:")]);
	const answer = await renew(gates[0] as GateFixture, allCookies(browser));
	const values = answer.headers
		.getSetCookie()
		.map((line) => line.split(";", 1)[0]?.split("=")[1] ?? "");
	const kept = await everythingIn(server.url);
	expect(kept).toContain("refresh.");
	expect(values.filter((value) => value.length > 20).length).toBeGreaterThan(2);
	for (const value of values.filter((value) => value.length > 20))
		expect(kept).not.toContain(value);
});

test("a refresh goes on while the store is away", async () => {
	const own = await startRedisServer();
	onTestFinished(() => own.close());
	const { gates, browser } = await enter([openRedis("away:", own.url)]);
	const [gate] = gates as [GateFixture];
	await own.stop();
	const answer = await renew(gate, allCookies(browser));
	expect([answer.status, await answer.json()]).toMatchObject([200, { renewed: true }]);
	expect(gate.log.some(({ code }) => code === "state_store_unavailable")).toBe(true);
});

test("R62, R103: a logout at one replica ends what another one is just refreshing", async () => {
	const { gates, browser } = await enter([openRedis("race:"), openRedis("race:")]);
	const [one, two] = gates as [GateFixture, GateFixture];
	const cookies = allCookies(browser);
	one.idp.set({ delay: { token: 500 } });
	const running = renew(one, cookies);
	await until(() => one.idp.count("token") === 2);
	expect((await logOut(two, cookies)).status).toBe(200);
	const answer = await running;
	expect(answer.status).toBe(401);
	expect(answer.headers.getSetCookie().every((line) => line.includes("Max-Age=0"))).toBe(true);
});

test("R60: with a store a copy of the cookies is worth nothing once its person has signed out", async () => {
	const { gates, browser } = await enter([openRedis("copy:"), openRedis("copy:")]);
	const [one, two] = gates as [GateFixture, GateFixture];
	one.clock.ahead -= 3600;
	const copy = allCookies(browser);
	expect([await isIn(one, copy), await isIn(two, copy)]).toEqual([true, true]);
	await logOut(one, copy);
	expect(await isIn(one, copy)).toBe(false);
	await vi.waitUntil(async () => !(await isIn(two, copy)), { timeout: A_SECOND, interval: 10 });

	// The same person, who signs in again, is signed in.
	await one.signIn(browser);
	expect([await isIn(one, allCookies(browser)), await isIn(two, allCookies(browser))]).toEqual([
		true,
		true,
	]);
	expect([await isIn(one, copy), await isIn(two, copy)]).toEqual([false, false]);
});

test("a login that begins ends the session that was there, copies included", async () => {
	const { gates, browser } = await enter([memory()]);
	const [gate] = gates as [GateFixture];
	gate.clock.ahead -= 3600;
	const copy = allCookies(browser);
	expect(await isIn(gate, copy)).toBe(true);
	await browser.click(`${gate.origin}/login/generic`);
	expect(await isIn(gate, copy)).toBe(false);
});
