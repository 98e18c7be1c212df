import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Auth, ConfigError, type GateOptions, portcullis } from "../../src/index.ts";
import { redis } from "../../src/redis.ts";
import { memory, type StateStore } from "../../src/state.ts";
import { A_SECOND } from "../support/a-second.ts";
import {
	allCookies,
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	type Person,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import { replicaOf } from "../support/replica.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";
import { until } from "../support/state-until.ts";

let server: RedisServer;

beforeAll(async () => {
	server = await startRedisServer();
});
afterAll(() => server?.close());

/** Says the provider's id of the session, or that nobody is signed in. */
const app: NonNullable<GateFixtureOptions["app"]> = (_, user) =>
	new Response(`${MARKER} ${user ? String(user.claims.sid) : "nobody"}`);

function openRedis(prefix: string): StateStore {
	const store = redis({ url: server.url, prefix, timeout: 1 });
	onTestFinished(() => store.close());
	return store;
}

/**
 * Signs somebody in, and says by which id the provider knows the session. The clock moves on, so
 * that it began in the past.
 */
async function enter(fixture: GateFixture): Promise<{ browser: ScriptedBrowser; sid: string }> {
	const browser = new ScriptedBrowser();
	const [, sid = ""] = (await fixture.signIn(browser)).body.split(" ");
	expect(sid.length).toBeGreaterThan(10);
	fixture.clock.ahead += 10;
	return { browser, sid };
}

const isIn = async ({ origin }: GateFixture, browser: ScriptedBrowser) => {
	const response = await fetch(`${origin}/private`, { headers: { Cookie: allCookies(browser) } });
	return (await response.text()).startsWith(MARKER);
};

const logOut = async (fixture: GateFixture, claims: Record<string, unknown>) =>
	(await sendLogout(fixture.origin, logoutToken(fixture, { claims }))).status;

describe("what a logout token ends (R97)", () => {
	test("with a sid that session, in this browser alone; without one all of the person's", async () => {
		const fixture = await startGate({ app, auth: { store: memory() } });
		const [one, two, three] = [await enter(fixture), await enter(fixture), await enter(fixture)];
		fixture.idp.person = { sub: "vic" };
		const other = await enter(fixture);
		const all = async () =>
			Promise.all([one, two, three, other].map(({ browser }) => isIn(fixture, browser)));
		expect(await all()).toEqual([true, true, true, true]);
		expect(await logOut(fixture, { sid: one.sid, sub: "ada" })).toBe(200);
		expect(await all()).toEqual([false, true, true, true]);
		expect(await logOut(fixture, { sid: two.sid })).toBe(200);
		expect(await all()).toEqual([false, false, true, true]);
		expect(await logOut(fixture, { sub: "ada" })).toBe(200);
		expect(await all()).toEqual([false, false, false, true]);
		fixture.clock.ahead += 10;
		fixture.idp.set({ clockSkew: fixture.clock.ahead });
		fixture.idp.person = { sub: "ada" };
		const again = await enter(fixture);
		expect(await isIn(fixture, again.browser)).toBe(true);
		// Whoever had copied the cookies of a session that has ended gets nowhere with them, on no
		// surface.
		const headers = {
			Cookie: allCookies(one.browser),
			Origin: fixture.origin,
			"Portcullis-Request": "1",
		};
		const session = await fetch(`${fixture.origin}/_portcullis/session`, { headers });
		expect(await session.json()).toEqual({ signedIn: false });
	});

	test("also a session that is in the cache under other cookies of the app", async () => {
		const fixture = await startGate({ app, auth: { store: memory() } });
		const { browser, sid } = await enter(fixture);
		const cookies = allCookies(browser);
		const ask = async (extra: string) =>
			(await fetch(`${fixture.origin}/private`, { headers: { Cookie: `${cookies}; ${extra}` } }))
				.status;
		expect([await ask("a=1"), await ask("a=2")]).toEqual([200, 200]);
		expect(await logOut(fixture, { sid })).toBe(200);
		expect([await ask("a=2"), await ask("a=1"), await ask("a=3")]).toEqual([401, 401, 401]);
	});

	test("a session goes on in no refresh, not even in one that is under way", async () => {
		const fixture = await startGate({
			app,
			auth: { extraScopes: ["offline_access"], store: memory() },
		});
		const { browser, sid } = await enter(fixture);
		fixture.clock.ahead += 3600;
		const refresh = () =>
			fetch(`${fixture.origin}/_portcullis/refresh`, {
				method: "POST",
				headers: {
					...{ Cookie: allCookies(browser), Origin: fixture.origin },
					...{ "Portcullis-Request": "1", "Content-Type": "application/json" },
				},
			});
		fixture.idp.set({ delay: { token: 300 } });
		const running = refresh();
		await until(() => fixture.idp.count("token") === 2);
		expect(await logOut(fixture, { sid })).toBe(200);
		const answer = await running;
		expect(answer.status).toBe(401);
		expect(answer.headers.getSetCookie().every((cookie) => cookie.includes("Max-Age=0"))).toBe(
			true,
		);
		expect(fixture.idp.count("revoke")).toBe(1);
		expect((await refresh()).status).toBe(401);
		expect(fixture.idp.count("token")).toBe(2);
	});

	test("a person who is put out while their login is completed is not in by it", async () => {
		const fixture = await startGate({ app, auth: { store: memory() } });
		const browser = new ScriptedBrowser();
		fixture.idp.set({ delay: { userinfo: 300 } });
		const entering = fixture.signIn(browser).catch(() => undefined);
		await until(() => fixture.idp.count("userinfo") === 1);
		expect(await logOut(fixture, { sub: "ada" })).toBe(200);
		// Userinfo may take longer than clocks are believed to differ.
		fixture.clock.ahead += 5;
		const page = await entering;
		expect(await isIn(fixture, browser)).toBe(false);
		// Nobody is told that they are signed in, and what was handed out is of no use to anybody.
		expect([page?.status, page?.body.includes("Please sign in"), sessionCookies(browser)]).toEqual([
			401,
			true,
			[],
		]);
		expect(fixture.log).toMatchObject([{ code: "login_required", reason: "ended" }]);
		expect(fixture.idp.count("revoke")).toBe(1);
		expect(page?.body).toContain(`href="/login?redirect_to=%2Fprivate"`);
		fixture.idp.reset();
		fixture.idp.set({ clockSkew: fixture.clock.ahead });
		expect(await isIn(fixture, (await enter(fixture)).browser)).toBe(true);
	});

	test("a session that was renewed is still known by its sid, though the new ID token does not say it", async () => {
		const fixture = await startGate({
			app,
			auth: { extraScopes: ["offline_access"], store: memory() },
		});
		const { browser, sid } = await enter(fixture);
		fixture.idp.set({ idTokenClaims: { sid: undefined } });
		for (let i = 0; i < 2; i++) {
			fixture.clock.ahead += 3600;
			const answer = await browser.fetch(`${fixture.origin}/_portcullis/refresh`, {
				method: "POST",
				headers: { Origin: fixture.origin, "Portcullis-Request": "1" },
			});
			expect(JSON.parse(answer.body)).toMatchObject({ renewed: true, session: { signedIn: true } });
			expect((await browser.fetch(`${fixture.origin}/private`)).body).toBe(`${MARKER} ${sid}`);
		}
		expect(await logOut(fixture, { sid })).toBe(200);
		expect(await isIn(fixture, browser)).toBe(false);
	});

	test("forged tokens do not use up the fetches of keys that logins need", async () => {
		const fixture = await startGate({ app, auth: { store: memory() } });
		const { browser } = await enter(fixture);
		const before = fixture.idp.count("jwks");
		for (let i = 0; i < 20; i++) {
			const forged = logoutToken(fixture, {
				claims: { sub: "ada" },
				header: { kid: `unknown-${i}` },
			});
			// Four are looked up and refused. The others may be signed with a key that is new: a genuine
			// one has to be sent again.
			expect((await sendLogout(fixture.origin, forged)).status).toBe(i < 4 ? 400 : 503);
		}
		expect(fixture.idp.count("jwks") - before).toBeLessThanOrEqual(4);
		expect(await isIn(fixture, browser)).toBe(true);
		await fixture.idp.rotateKeys({ keepOld: false });
		const genuine = logoutToken(fixture, { claims: { sub: "ada" } });
		const putOff = await sendLogout(fixture.origin, genuine);
		expect([putOff.status, Number(putOff.headers.get("retry-after")) > 0]).toEqual([503, true]);
		fixture.clock.ahead += 6;
		expect((await sendLogout(fixture.origin, genuine)).status).toBe(200);
		expect(await isIn(fixture, browser)).toBe(false);
		await enter(fixture);
	});

	test("tokens that are refused whatever their key is cost no look at the keys: a rotation is followed at once", async () => {
		const fixture = await startGate({ app, auth: { store: memory() } });
		const { browser } = await enter(fixture);
		// The first brings the keys.
		await sendLogout(fixture.origin, logoutToken(fixture, { claims: { sub: "nobody" } }));
		const before = fixture.idp.count("jwks");
		const junk = [
			{ iss: "https://login.example" },
			{ aud: "another" },
			{ iat: 0 },
			{ exp: 1 },
			{ nbf: "never" },
			{ events: {} },
			{ nonce: "n" },
		];
		for (let i = 0; i < 200; i++) {
			const claims = { sub: "ada", ...junk[i % junk.length] };
			const forged = logoutToken(fixture, { claims, header: { kid: `made-up-${i}` } });
			expect((await sendLogout(fixture.origin, forged)).status).toBe(400);
		}
		expect(fixture.idp.count("jwks")).toBe(before);
		await fixture.idp.rotateKeys({ keepOld: false });
		expect(
			(await sendLogout(fixture.origin, logoutToken(fixture, { claims: { sub: "ada" } }))).status,
		).toBe(200);
		expect(await isIn(fixture, browser)).toBe(false);
	});
});

/** A state with something to protect, and an event that goes on until it is aborted. */
function boardGate(
	auth: Auth<Person>,
	seen: { started: number; aborted: number },
): GateOptions<Person> {
	const { State, field, event } = auth;
	class Board extends State {
		draft = field("of Ada");
		wait = event({ background: true }, async ({ signal }) => {
			seen.started++;
			await new Promise<void>((resolve) =>
				signal.addEventListener("abort", () => resolve(), { once: true }),
			);
			seen.aborted++;
		});
	}
	return { states: { board: Board } } as GateOptions<Person>;
}

describe("how far it reaches (R98)", () => {
	test("four replicas on one Redis within a second, their streams and background events within two", async () => {
		const seen = { started: 0, aborted: 0 };
		const open = (): GateFixtureOptions => ({
			auth: { store: openRedis("reach:") },
			gate: (auth) => boardGate(auth, seen),
		});
		const first = await startGate({ app, ...open() });
		const { browser, sid } = await enter(first);
		const gates = [first];
		for (let i = 0; i < 3; i++) gates.push(await replicaOf(first, { app, ...open() }));
		const tabs = await Promise.all(
			gates.map(async ({ origin }) => {
				const tab = new StateTab(origin, browser);
				await tab.hydrate();
				void tab.send("board.wait").catch(() => {});
				return { tab, stream: await tab.stream() };
			}),
		);
		await until(() => seen.started === 4);
		expect(await Promise.all(gates.map((gate) => isIn(gate, browser)))).toEqual([
			true,
			true,
			true,
			true,
		]);

		const began = performance.now();
		expect(
			await logOut(gates[1] as GateFixture, {
				iss: first.idp.issuer,
				aud: first.idp.clientId,
				sid,
			}),
		).toBe(400);
		expect(await logOut(first, { sid })).toBe(200);
		await vi.waitUntil(
			async () => (await Promise.all(gates.map((gate) => isIn(gate, browser)))).every((is) => !is),
			{
				timeout: A_SECOND,
				interval: 10,
			},
		);
		expect(performance.now() - began).toBeLessThan(A_SECOND);
		await Promise.all(tabs.map(({ stream }) => stream.ended));
		await until(() => seen.aborted === 4, 2 * A_SECOND);
		expect(performance.now() - began).toBeLessThan(2 * A_SECOND);
		for (const { stream } of tabs) expect(stream.lines.at(-1)).toEqual({ type: "session" });
		for (const { tab } of tabs) expect((await tab.send("board.wait")).status).not.toBe(200);
	});

	test("a token is taken by one of two replicas, also of many at once (R95)", async () => {
		const first = await startGate({ app, auth: { store: openRedis("replay:") } });
		const second = await replicaOf(first, { app, auth: { store: openRedis("replay:") } });
		for (let round = 0; round < 5; round++) {
			const token = logoutToken(first, { claims: { sub: "ada" } });
			const sent = Array.from({ length: 20 }, (_, i) =>
				sendLogout((i % 2 ? first : second).origin, token),
			);
			const statuses = (await Promise.all(sent)).map(({ status }) => status);
			expect([statuses.filter((status) => status === 200).length, new Set(statuses)]).toEqual([
				1,
				new Set([200, 400]),
			]);
		}
	});

	test("a process that starts afterwards knows before it lets anybody in", async () => {
		const first = await startGate({ app, auth: { store: openRedis("late:") } });
		const { browser, sid } = await enter(first);
		expect(await logOut(first, { sid })).toBe(200);
		const second = await replicaOf(first, { app, auth: { store: openRedis("late:") } });
		expect(await isIn(second, browser)).toBe(false);
	});
});

describe("while the store is away", () => {
	test("the provider is told to try again, people stay in, and afterwards nothing is lost (R96)", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		const store = () => {
			const opened = redis({ url: own.url, timeout: 0.5 });
			onTestFinished(() => opened.close());
			return opened;
		};
		const fixture = await startGate({ app, auth: { store: store() } });
		const [one, two] = [await enter(fixture), await enter(fixture)];
		expect(await logOut(fixture, { sid: one.sid })).toBe(200);
		await own.stop();
		const token = logoutToken(fixture, { claims: { sid: two.sid } });
		const refused = await sendLogout(fixture.origin, token);
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
		expect(fixture.log.at(-1)).toMatchObject({ level: "error", code: "state_store_unavailable" });
		expect([await isIn(fixture, one.browser), await isIn(fixture, two.browser)]).toEqual([
			false,
			true,
		]);

		// A process that knows nothing lets in nobody whom it would have to know about.
		const late = await replicaOf(fixture, {
			app,
			auth: { store: store() },
			gate: { pages: { "/": { auth: false } } },
		});
		const asked = await fetch(`${late.origin}/private`, {
			headers: { Cookie: allCookies(two.browser) },
		});
		expect([asked.status, (await asked.text()).includes(MARKER)]).toEqual([503, false]);
		expect((await fetch(late.origin)).status).toBe(200);
		expect((await fetch(`${late.origin}/private`)).status).toBe(401);

		await own.start();
		// Empty: what was forgotten is known again by the process that knew it.
		await vi.waitUntil(async () => (await sendLogout(fixture.origin, token)).status === 200, {
			timeout: 5000,
		});
		expect([await isIn(fixture, one.browser), await isIn(fixture, two.browser)]).toEqual([
			false,
			false,
		]);
		await vi.waitUntil(
			async () =>
				(await fetch(`${late.origin}/private`, { headers: { Cookie: allCookies(one.browser) } }))
					.status === 401,
			{ timeout: 5000 },
		);
		expect(await isIn(late, two.browser)).toBe(false);
	});

	test("a sign-out ends what there is, in a process that could not ask the store yet too", async () => {
		const own = await startRedisServer();
		onTestFinished(() => own.close());
		const store = () => {
			const opened = redis({ url: own.url, timeout: 0.5 });
			onTestFinished(() => opened.close());
			return opened;
		};
		const auth = { extraScopes: ["offline_access"] };
		const fixture = await startGate({ app, auth: { ...auth, store: store() } });
		const { browser } = await enter(fixture);
		await own.stop();
		const fresh = await replicaOf(fixture, { app, auth: { ...auth, store: store() } });
		const answer = await fetch(`${fresh.origin}/logout`, {
			method: "POST",
			headers: { Cookie: allCookies(browser), Origin: fresh.origin, "Portcullis-Request": "1" },
		});
		expect([answer.status, fixture.idp.count("revoke")]).toEqual([200, 1]);
		await own.start();
		// The jar is a copy by now: in that process, and once it has told the store, in all.
		await vi.waitUntil(
			async () =>
				(await fetch(`${fresh.origin}/private`, { headers: { Cookie: allCookies(browser) } }))
					.status === 401,
			{ timeout: 5000 },
		);
		const third = await replicaOf(fixture, { app, auth: { ...auth, store: store() } });
		expect(await isIn(third, browser)).toBe(false);
	});
});

test("R61: backchannelLogout without a store is refused at start, with what to write", () => {
	const gate = (backchannelLogout: boolean, store?: StateStore) =>
		portcullis({
			...(store && { store }),
			session: { backchannelLogout },
			platform: {
				env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
				log: () => {},
			},
		}).gate();
	expect(() => gate(true)).toThrow(ConfigError);
	expect(() => gate(true)).toThrow(/backchannelLogout needs a store.*\n.*redis\(url\).*memory\(\)/);
	expect(() => gate("yes" as never, memory())).toThrow(/neither true nor false/);
	expect(() => gate(true, memory())).not.toThrow();
});
