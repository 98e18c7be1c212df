import { beforeAll, describe, expect, it } from "vitest";
import { createKeyRing } from "../crypto/key-ring.ts";
import type { LoginResult } from "../protocol/types.ts";
import { cookieNames } from "./cookie-names.ts";
import { cookieBytes, type RequestCookies, type SetCookie } from "./cookies.ts";
import { openSession } from "./open-session.ts";
import { COOKIE_BUDGET, clearSession, MAX_SESSION_AGE, sealSession } from "./seal-session.ts";
import type { SessionSeal } from "./session-format.ts";
import type { StoredSession } from "./stored-session.ts";

const NOW = 1_800_000_000;
const base64url = (value: unknown) =>
	Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const random = (length: number) =>
	Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
		.toString("base64url")
		.slice(0, length);

let seal: SessionSeal;
let otherClient: SessionSeal;

beforeAll(async () => {
	const ring = await createKeyRing(["a secret for tests"]);
	const { ordinary } = await cookieNames("okta", "https://issuer.example", "client");
	seal = { ring, names: ordinary };
	otherClient = {
		ring,
		names: {
			...ordinary,
			binding: "okta https://issuer.example other-client",
		},
	};
});

function login(
	options: {
		access?: number;
		id?: number;
		refresh?: number;
		userinfo?: Record<string, unknown>;
		extra?: Record<string, unknown>;
	} = {},
): LoginResult {
	const claims = {
		iss: "https://issuer.example",
		sub: "ada",
		aud: "client",
		exp: NOW + 300,
		iat: NOW,
		nonce: "n",
		name: "Ada",
		padding: random(options.id ?? 0),
	};
	return {
		tokens: {
			accessToken: random(options.access ?? 40),
			accessTokenExpiresAt: NOW + 3600,
			idToken: `${base64url({ alg: "RS256" })}.${base64url(claims)}.${random(342)}`,
			scopes: ["openid", "groups"],
			extra: options.extra ?? {},
			...(options.refresh === 0 ? {} : { refreshToken: random(options.refresh ?? 60) }),
		},
		claims,
		...(options.userinfo ? { userinfo: { sub: "ada", ...options.userinfo } } : {}),
	};
}

const sealIt = (result: LoginResult, requestCookies: RequestCookies = new Map(), otherBytes = 0) =>
	sealSession(seal, result, {
		now: NOW,
		requestCookies,
		otherBytes,
		canRefetchUserinfo: true,
	}).then(({ cookies }) => [...cookies]);
const toJar = (cookies: readonly SetCookie[]) =>
	new Map(cookies.filter(({ maxAge }) => maxAge > 0).map(({ name, value }) => [name, value]));

describe("a sealed session", () => {
	it.each([
		["an ID token", login()],
		["userinfo and other members", login({ userinfo: { groups: ["a"] }, extra: { a: 1 } })],
		[
			"an ID token that is too large",
			login({ id: 2550, access: 3000, userinfo: { groups: ["a"] } }),
		],
		["no refresh token", login({ refresh: 0 })],
	])("is the one that its cookies open to, with %s", async (_, result) => {
		const options = {
			now: NOW,
			requestCookies: new Map(),
			otherBytes: 0,
			canRefetchUserinfo: true,
		};
		const { session, cookies } = await sealSession(seal, result, options);
		const opened = await openSession(seal, toJar(cookies), NOW);
		const known = async (one: StoredSession) => ({
			...one,
			flags: [one.userinfoOmitted, one.userinfoIsOld, one.isMixed, one.hasRefreshToken],
			tokens: [await one.accessToken(), await one.idToken(), await one.refreshToken()],
			claims: [await one.signedClaims(), await one.userinfoClaims(), await one.extra()],
		});
		expect(opened).toBeDefined();
		expect(await known(session)).toEqual(await known(opened as StoredSession));
	});

	it("opens with all that it was given", async () => {
		const result = login({
			userinfo: { groups: ["admins"], name: "Ada Lovelace" },
			extra: { tenant: "t1" },
		});
		const session = await openSession(seal, toJar(await sealIt(result)), NOW + 10);
		expect(session).toMatchObject({
			rotation: 0,
			deadline: NOW + MAX_SESSION_AGE,
			accessTokenExpiresAt: NOW + 3600,
			scopes: ["openid", "groups"],
			userinfoOmitted: false,
		});
		expect(session?.claims).toMatchObject({ sub: "ada", groups: ["admins"], name: "Ada Lovelace" });
		expect(session?.claims).not.toHaveProperty("nonce");
		expect(await session?.accessToken()).toBe(result.tokens.accessToken);
		expect(await session?.idToken()).toBe(result.tokens.idToken);
		expect(await session?.refreshToken()).toBe(result.tokens.refreshToken);
		expect(await session?.extra()).toEqual({ tenant: "t1" });
	});

	it("gets a new id at every login", async () => {
		const result = login();
		const ids = await Promise.all(
			[1, 2].map(async () => (await openSession(seal, toJar(await sealIt(result)), NOW))?.id),
		);
		expect(new Set(ids).size).toBe(2);
	});

	it("lets userinfo complete, but never replace, what only the ID token may say", async () => {
		const result = login({
			userinfo: {
				iss: "https://evil.example",
				aud: "other",
				sid: "x",
				exp: NOW * 2,
				groups: ["a"],
			},
		});
		const session = await openSession(seal, toJar(await sealIt(result)), NOW);
		expect(session?.claims).toMatchObject({
			iss: "https://issuer.example",
			aud: "client",
			exp: NOW + 300,
			groups: ["a"],
		});
		expect(session?.claims).not.toHaveProperty("sid");
	});

	it("began when its login came back, though it is sealed later: what ended meanwhile ends it", async () => {
		const options = {
			now: NOW,
			requestCookies: new Map(),
			otherBytes: 0,
			canRefetchUserinfo: true,
		};
		const opened = async (began?: number) => {
			const { cookies } = await sealSession(
				seal,
				login(),
				began === undefined ? options : { ...options, began },
			);
			return (await openSession(seal, toJar(cookies), NOW))?.deadline;
		};
		expect([await opened(), await opened(NOW - 90)]).toEqual([
			NOW + MAX_SESSION_AGE,
			NOW - 90 + MAX_SESSION_AGE,
		]);
	});

	it("ends at its sealed deadline, whatever the browser keeps, and does not begin in the future", async () => {
		const requestCookies = toJar(await sealIt(login()));
		expect(await openSession(seal, requestCookies, NOW + MAX_SESSION_AGE - 1)).toBeDefined();
		expect(await openSession(seal, requestCookies, NOW + MAX_SESSION_AGE)).toBeUndefined();
		expect(await openSession(seal, requestCookies, NOW - 299)).toBeDefined();
		expect(await openSession(seal, requestCookies, NOW - 301)).toBeUndefined();
	});

	it("is nothing if any one of its cookies is missing, but for the marker", async () => {
		const requestCookies = toJar(await sealIt(login()));
		for (const name of requestCookies.keys()) {
			const partial = new Map(requestCookies);
			partial.delete(name);
			expect([name, (await openSession(seal, partial, NOW)) !== undefined]).toEqual([
				name,
				name === seal.names.sessionHint,
			]);
		}
	});

	it("is nothing if a cookie stands in for another, of the same session or another one", async () => {
		const mine = toJar(await sealIt(login()));
		const theirs = toJar(await sealIt(login()));
		const names = [seal.names.access, seal.names.identity, seal.names.refresh, seal.names.scopes];
		for (const target of names) {
			for (const source of names) {
				for (const other of [mine, theirs]) {
					if (other === mine && source === target) continue;
					const mixed = new Map(mine).set(target, other.get(source) ?? "");
					const session = await openSession(seal, mixed, NOW);
					expect(session).toBeUndefined();
				}
			}
		}
	});

	it("is nothing with junk in any of its cookies, though nobody needs all of them yet", async () => {
		const requestCookies = toJar(await sealIt(login()));
		for (const name of [
			seal.names.access,
			seal.names.identity,
			seal.names.refresh,
			seal.names.scopes,
		]) {
			const value = requestCookies.get(name) ?? "";
			for (const junk of ["junk", "", `${value.slice(0, -2)}AA`, value.slice(0, -4)])
				expect([
					name,
					await openSession(seal, new Map(requestCookies).set(name, junk), NOW),
				]).toEqual([name, undefined]);
		}
	});

	it("is nothing to another client of the same issuer", async () => {
		expect(await openSession(otherClient, toJar(await sealIt(login())), NOW)).toBeUndefined();
	});

	it("is longer than its tokens by less than 8 %", async () => {
		const result = login({ access: 1800, id: 800, refresh: 1500 });
		const raw =
			result.tokens.accessToken.length +
			(result.tokens.idToken?.length ?? 0) +
			(result.tokens.refreshToken?.length ?? 0);
		const sealed = (await sealIt(result)).reduce((sum, { value }) => sum + value.length, 0);
		expect(sealed / raw).toBeLessThan(1.08);
	});
});

describe("the budget", () => {
	const total = (cookies: readonly SetCookie[]) =>
		cookies
			.filter(({ maxAge }) => maxAge > 0)
			.reduce((sum, cookie) => sum + cookieBytes(cookie), 0);

	it("gives up the ID token first and keeps its claims", async () => {
		const result = login({
			access: 3500,
			id: 200,
			refresh: 2600,
			userinfo: { groups: ["admins"] },
		});
		const cookies = await sealIt(result);
		expect(total(cookies)).toBeLessThanOrEqual(COOKIE_BUDGET);
		const session = await openSession(seal, toJar(cookies), NOW);
		expect(await session?.idToken()).toBeUndefined();
		expect(session?.claims).toMatchObject({ sub: "ada", name: "Ada", groups: ["admins"] });
		expect(session?.userinfoOmitted).toBe(false);
	});

	it("then gives up what userinfo can say again", async () => {
		const result = login({
			access: 3500,
			id: 0,
			refresh: 2300,
			userinfo: { groups: [random(1300)] },
		});
		const cookies = await sealIt(result);
		expect(total(cookies)).toBeLessThanOrEqual(COOKIE_BUDGET);
		expect(await openSession(seal, toJar(cookies), NOW)).toMatchObject({ userinfoOmitted: true });
	});

	it("never seals more than 1.5 kB of userinfo, budget or not", async () => {
		const session = await openSession(
			seal,
			toJar(await sealIt(login({ userinfo: { groups: [random(2000)] } }))),
			NOW,
		);
		expect(session).toMatchObject({ userinfoOmitted: true });
		expect(await session?.idToken()).toBeDefined();
	});

	it("lists the sizes when nothing fits, and none of the values", async () => {
		const result = login({ access: 7000 });
		const error = await sealIt(result).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ code: "cookies_too_large" });
		expect(String(error)).toContain("access token 7000");
		expect(String(error)).not.toContain(result.tokens.accessToken.slice(0, 20));
	});

	it("counts the other cookies of ours", async () => {
		const result = login({ access: 3000, refresh: 2500 });
		await expect(sealIt(result)).resolves.toBeDefined();
		await expect(sealIt(result, new Map(), 2000)).rejects.toMatchObject({
			code: "cookies_too_large",
		});
	});

	it.each([1, 2, 4, 8, 16, 32, 64])(
		"writes a whole session or none for tokens of %i kB",
		async (kilobytes) => {
			const cookies = await sealIt(login({ access: kilobytes * 1024 })).catch(() => undefined);
			if (!cookies) return expect(kilobytes).toBeGreaterThan(4);
			expect(total(cookies)).toBeLessThanOrEqual(COOKIE_BUDGET);
			expect(
				Math.max(...cookies.map(({ name, value }) => name.length + 1 + value.length)),
			).toBeLessThanOrEqual(4096);
			return expect(await openSession(seal, toJar(cookies), NOW)).toBeDefined();
		},
	);
});

describe("claims of the ID token and of userinfo", () => {
	const small = { groups: ["admins"], name: "Ada Lovelace" };
	const shapes = [
		{ name: "beside the ID token", options: { userinfo: small } },
		{
			name: "without the ID token",
			options: { access: 3500, id: 200, refresh: 2600, userinfo: small },
		},
	];

	it.each(shapes)("are kept apart: $name", async ({ options }) => {
		const session = await openSession(seal, toJar(await sealIt(login(options))), NOW);
		expect(session?.claims).toMatchObject({ sub: "ada", groups: ["admins"], name: "Ada Lovelace" });
		expect(await session?.signedClaims()).toMatchObject({ sub: "ada", name: "Ada" });
		expect(await session?.signedClaims()).not.toHaveProperty("groups");
		expect(await session?.userinfoClaims()).toEqual(small);
	});

	/** As cookies were sealed when both were one where the ID token did not fit. */
	async function sealedBefore(flags: number): Promise<RequestCookies> {
		const requestCookies = toJar(
			await sealIt(login({ access: 3500, id: 200, refresh: 2600, userinfo: small })),
		);
		const context = (cookie: string, companion = "") =>
			`${cookie} ${seal.names.binding} ${companion}`;
		const open = async (name: string, companion?: string) => {
			const chunks = requestCookies.has(name)
				? [requestCookies.get(name)]
				: [0, 1, 2, 3].map((i) => requestCookies.get(`${name}.${i}`));
			const bytes = await seal.ring.open("session", chunks.join(""), context(name, companion));
			return bytes ?? new Uint8Array();
		};
		const session = await openSession(seal, requestCookies, NOW);
		const access = await open(seal.names.access);
		// Version, times as varints, generation, then the flags: the byte before the id.
		const at = Buffer.from(access).indexOf(Buffer.from(session?.id ?? "", "base64url")) - 1;
		expect(access[at]).toBe(9);
		const changed = Uint8Array.from(access);
		changed[at] = flags;
		const put = async (name: string, bytes: Uint8Array, companion?: string) => {
			const value = await seal.ring.seal("session", bytes, context(name, companion));
			for (const old of [...requestCookies.keys()])
				if (old === name || old.startsWith(`${name}.`)) requestCookies.delete(old);
			const half = Math.ceil(value.length / 2);
			if (value.length <= 3900) requestCookies.set(name, value);
			else
				requestCookies.set(`${name}.0`, value.slice(0, half)).set(`${name}.1`, value.slice(half));
		};
		await put(seal.names.access, changed);
		const merged = new TextEncoder().encode(JSON.stringify(session?.claims));
		await put(seal.names.identity, merged, `${session?.id}.0`);
		return requestCookies;
	}

	it("open as well where they were sealed in one, and are then the ID token's only if nobody else says them", async () => {
		const session = await openSession(seal, await sealedBefore(1), NOW);
		expect(session?.claims).toMatchObject({ sub: "ada", groups: ["admins"], name: "Ada Lovelace" });
		expect(session?.isMixed).toBe(true);
		expect(await session?.signedClaims()).toEqual({
			...{ iss: "https://issuer.example", sub: "ada", aud: "client", exp: NOW + 300, iat: NOW },
		});
		expect(await session?.userinfoClaims()).toMatchObject({
			groups: ["admins"],
			name: "Ada Lovelace",
		});
	});

	it("are the ID token's alone in a login that could not keep what userinfo had said", async () => {
		const session = await openSession(seal, await sealedBefore(1 + 4), NOW);
		expect(session?.isMixed).toBe(false);
		expect(await session?.signedClaims()).toMatchObject({ groups: ["admins"] });
	});
});

describe("stale cookies", () => {
	it("go at a new login: chunks of a larger session before it", async () => {
		const before = toJar(await sealIt(login({ access: 5000, id: 0, refresh: 0 })));
		expect(
			[...before.keys()].filter((name) => name.startsWith(`${seal.names.access}.`)),
		).toHaveLength(2);
		const cookies = await sealIt(login(), before);
		const after = new Map(before);
		for (const { name, value, maxAge } of cookies) {
			if (maxAge === 0) after.delete(name);
			else after.set(name, value);
		}
		expect(await openSession(seal, after, NOW)).toBeDefined();
	});

	it("all go at a logout, and nothing else does", async () => {
		const requestCookies = toJar(await sealIt(login()));
		requestCookies.set(`${seal.names.access}.3`, "stale").set("__Host-other", "kept");
		const cleared = clearSession(seal.names, requestCookies).map(({ name }) => name);
		expect(cleared.sort()).toEqual(
			[...requestCookies.keys()].filter((name) => name !== "__Host-other").sort(),
		);
	});
});

describe("a renewed session", () => {
	const renewal = {
		...{ id: "A".repeat(21).concat("A"), rotation: 1, deadline: NOW + 1000 },
		...{ isUserinfoMissing: false, isUserinfoOld: false, isMixed: false },
	};
	const renew = (changes: Partial<typeof renewal> = {}) =>
		sealSession(seal, login(), {
			now: NOW + 10,
			requestCookies: new Map(),
			otherBytes: 0,
			canRefetchUserinfo: true,
			renewal: { ...renewal, ...changes },
		}).then(({ cookies }) => toJar(cookies));

	it("ends when it would have ended without", async () => {
		const requestCookies = await renew();
		expect(await openSession(seal, requestCookies, NOW + 999)).toMatchObject({
			id: renewal.id,
			rotation: 1,
		});
		expect(await openSession(seal, requestCookies, NOW + 1000)).toBeUndefined();
	});

	it("is nothing with a cookie from before", async () => {
		const [before, after] = [await renew(), await renew({ rotation: 2 })];
		for (const name of [seal.names.identity, seal.names.scopes]) {
			const mixed = new Map(after).set(name, before.get(name) ?? "");
			expect(await openSession(seal, mixed, NOW + 20)).toBeUndefined();
		}
		const mixed = new Map(after).set(seal.names.refresh, before.get(seal.names.refresh) ?? "");
		expect(await (await openSession(seal, mixed, NOW + 20))?.refreshToken()).toBeUndefined();
		expect(await (await openSession(seal, after, NOW + 20))?.refreshToken()).toBeDefined();
	});
});

it("is no session without a subject, or of another version, whoever has sealed it", async () => {
	const good = login();
	for (const sub of ["", undefined, 7]) {
		const idToken = `${base64url({ alg: "RS256" })}.${base64url({ ...good.claims, sub })}.${random(342)}`;
		const result = {
			claims: { ...good.claims, sub },
			tokens: { ...good.tokens, idToken },
		} as unknown as LoginResult;
		expect(await openSession(seal, toJar(await sealIt(result)), NOW)).toBeUndefined();
	}
	const requestCookies = toJar(await sealIt(good));
	const context = `${seal.names.access} ${seal.names.binding} `;
	const opened = await seal.ring.open(
		"session",
		requestCookies.get(seal.names.access) ?? "",
		context,
	);
	expect(opened?.[0]).toBe(1);
	for (const [version, isSession] of [
		[1, true],
		[2, false],
		[0, false],
	] as const) {
		const bytes = Uint8Array.from(opened ?? []);
		bytes[0] = version;
		requestCookies.set(seal.names.access, await seal.ring.seal("session", bytes, context));
		expect([version, (await openSession(seal, requestCookies, NOW)) !== undefined]).toEqual([
			version,
			isSession,
		]);
	}
});
