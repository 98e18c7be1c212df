import { describe, expect, test, vi } from "vitest";
import type { RefreshRefusal, Tokens } from "../../src/protocol/types.ts";
import type { Faults, FaultyEndpoint } from "../../src/testing/faulty-idp-faults.ts";
import {
	type GateFixtureOptions,
	MARKER,
	providerClass,
	sessionCookies,
} from "../support/gate-fixture.ts";
import { type RenewingFixture, refreshAnswer, startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** The token endpoint answers a refresh with this OAuth error. */
const refusal = (error: string): Faults => ({ tokenResponse: { error } });

interface Case {
	readonly name: string;
	readonly faults: Faults;
	readonly options?: GateFixtureOptions;
}

async function signedInAnHourAgo(options: GateFixtureOptions = {}) {
	const fixture = await startRenewing(options);
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.later(3600);
	return { ...fixture, browser };
}

/** Grants that were asked for with a refresh token. */
const refreshes = ({ idp }: RenewingFixture) =>
	idp.requests.filter(({ form }) => form.get("grant_type") === "refresh_token");

const ends: Case[] = [
	{ name: "invalid_grant", faults: { token: "invalid-grant" } },
	{ name: "invalid_code", faults: { token: "invalid-code" } },
	{ name: "invalid_grant with status 200", faults: refusal("invalid_grant") },
	{ name: "a 403 without an error", faults: { transport: { token: 403 } } },
	{ name: "userinfo refuses the new access token", faults: { userinfo: "refused" } },
	{ name: "userinfo says 403", faults: { transport: { userinfo: 403 } } },
	{ name: "userinfo is about somebody else", faults: { userinfo: "sub-other" } },
	{ name: "the new ID token is about somebody else", faults: { idToken: "sub-wrong" } },
	{ name: "the new ID token is from another issuer", faults: { idToken: "iss-wrong" } },
	{ name: "the new ID token is for another client", faults: { idToken: "aud-wrong" } },
	{ name: "the new ID token is for another client as well", faults: { idToken: "aud-extra" } },
	{ name: "the new ID token was issued to another client", faults: { idToken: "azp-wrong" } },
	{
		name: "the new ID token has another nonce",
		faults: { idTokenClaims: { nonce: "n-of-another-login" } },
	},
	{
		name: "the new ID token is signed with a rogue key",
		faults: { idToken: "signature-rogue-key" },
	},
	{ name: "the new ID token was changed after signing", faults: { idToken: "signature-tampered" } },
	{ name: "the new ID token has alg none", faults: { idToken: "alg-none" } },
	{
		name: "the new ID token is signed with the public key as a secret",
		faults: { idToken: "alg-hs256-public-key" },
	},
	{
		name: "the new ID token belongs to another access token",
		faults: { idToken: "at-hash-wrong" },
	},
	{ name: "the new ID token is no JWT", faults: { idToken: "not-a-jwt" } },
	{
		name: "the new ID token is signed with a key that the provider does not publish",
		faults: { idToken: "kid-unknown" },
	},
	{
		name: "the new ID token is about somebody else, and too old to be verified",
		faults: { idToken: ["iat-ancient", "sub-wrong"] },
	},
	{
		name: "the new ID token is about somebody else, under a key that is not known",
		faults: { idToken: ["kid-unknown", "sub-wrong"] },
	},
];

test.for(ends)("the session ends: $name", async ({ faults, options }) => {
	const fixture = await signedInAnHourAgo(options);
	const { browser, origin, bend, renew, log } = fixture;
	bend(faults);
	const answer = await renew(browser);
	expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, "login_required"]);
	expect(sessionCookies(browser)).toEqual([]);
	expect(log.at(-1)).toMatchObject({
		level: "warning",
		code: "login_required",
		provider: "generic",
	});
	// It stays ended once the provider is well again.
	bend({});
	expect((await browser.navigate(`${origin}/private`, { follow: false })).status).toBe(302);
});

const outages: Case[] = [
	{ name: "408", faults: { transport: { token: 408 } } },
	{ name: "429", faults: { transport: { token: 429 } } },
	{ name: "500", faults: { transport: { token: 500 } } },
	{ name: "502", faults: { transport: { token: 502 } } },
	{ name: "503", faults: { transport: { token: 503 } } },
	{ name: "401 without an error", faults: { transport: { token: 401 } } },
	{ name: "404", faults: { transport: { token: 404 } } },
	{ name: "a connection that is cut", faults: { transport: { token: "reset" } } },
	{ name: "200 with an HTML page", faults: { transport: { token: "not-json" } } },
	{ name: "200 with a list", faults: { transport: { token: "not-an-object" } } },
	{ name: "a redirect", faults: { transport: { token: "redirect" } } },
	{ name: "invalid_client", faults: { token: "invalid-client" } },
	{ name: "400 with a known error", faults: { token: "temporarily-unavailable" } },
	{ name: "400 invalid_request", faults: { token: "error-markup" } },
	...[
		"unauthorized_client",
		"unsupported_grant_type",
		"invalid_scope",
		"server_error",
		"slow_down",
	].map((error) => ({
		name: `${error} with status 200`,
		faults: refusal(error),
	})),
	{ name: "no access token", faults: { token: "access-token-missing" } },
	{ name: "an access token of another type", faults: { token: "token-type-unknown" } },
];

test.for(outages)(
	"the session outlives its access token for now: $name",
	async ({ faults, options }) => {
		const { browser, origin, bend, renew, later, log } = await signedInAnHourAgo({
			// Some of these answers come after the refresh token was spent.
			idp: { rotateRefreshTokens: false },
			...options,
		});
		bend(faults);
		const answer = await renew(browser);
		expect(answer.status).toBe(200);
		expect(refreshAnswer(answer)).toMatchObject({ renewed: false, session: { signedIn: true } });
		expect(log.at(-1)).toMatchObject({
			level: "error",
			message: "The session could not be renewed; it goes on for now",
		});
		expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
		// Until outageGrace is over; a navigation then gets the page that tries once more.
		later(1800);
		expect((await browser.navigate(`${origin}/private`, { follow: false })).body).not.toContain(
			MARKER,
		);
		expect((await renew(browser)).status).toBe(503);
		expect(sessionCookies(browser)).not.toEqual([]);
	},
);

test("a token endpoint may take longer over a refresh than other calls", async () => {
	const auth = { extraScopes: ["offline_access"], platform: { timeout: 0.2 } };
	const { browser, bend, renew, origin } = await signedInAnHourAgo({ auth });
	// The refresh token is spent by now, and only the answer brings the next one.
	bend({ delay: { token: 1000 } });
	expect(refreshAnswer(await renew(browser))).toMatchObject({ renewed: true });
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
});

test.for([
	{
		name: "the token endpoint",
		faults: { transport: { token: "hang" } } as Faults,
		seconds: 13,
		renewed: false,
	},
	{
		name: "userinfo",
		faults: { transport: { userinfo: "hang" } } as Faults,
		seconds: 14,
		renewed: true,
	},
	{
		name: "the key set, for a key that is new",
		faults: { transport: { jwks: "hang" }, idToken: "kid-unknown" } as Faults,
		seconds: 14,
		renewed: true,
	},
])(
	"a refresh is over before the next tab would spend the same token, though $name hangs",
	async (one) => {
		// All other calls could take a minute.
		const auth = { extraScopes: ["offline_access"], platform: { timeout: 60 } };
		const { browser, bend, renew, idp } = await signedInAnHourAgo({ auth });
		bend(one.faults);
		idp.requests.length = 0;
		vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
		try {
			const hanging = Object.keys(one.faults.transport ?? {})[0] as FaultyEndpoint;
			const answer = renew(browser);
			await vi.waitFor(() => expect(idp.count(hanging)).toBe(1));
			await vi.advanceTimersByTimeAsync(one.seconds * 1000);
			expect(refreshAnswer(await answer)).toMatchObject({
				renewed: one.renewed,
				session: { signedIn: true },
			});
		} finally {
			vi.useRealTimers();
		}
	},
);

const renewals: Case[] = [
	{ name: "a correct answer", faults: {} },
	{ name: "no new ID token", faults: { idToken: "missing" } },
	{ name: "a new ID token that seems too old", faults: { idToken: "iat-ancient" } },
	{ name: "userinfo says 500", faults: { transport: { userinfo: 500 } } },
	{ name: "userinfo is not JSON", faults: { transport: { userinfo: "not-json" } } },
	{ name: "userinfo is cut off", faults: { transport: { userinfo: "reset" } } },
	{ name: "no userinfo endpoint", faults: { discovery: "no-userinfo" } },
	{ name: "no expires_in", faults: { token: "expires-in-missing" } },
];

test.for(renewals)("the session is renewed: $name", async ({ faults }) => {
	const { browser, origin, bend, renew, later, idp } = await signedInAnHourAgo();
	const cookies = sessionCookies(browser).sort();
	bend(faults);
	expect(refreshAnswer(await renew(browser))).toMatchObject({
		renewed: true,
		session: { signedIn: true },
	});
	expect(sessionCookies(browser).sort()).toEqual(cookies);
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
	// What was kept is good for the next time as well.
	bend({});
	later(3600);
	expect(refreshAnswer(await renew(browser))).toMatchObject({
		renewed: true,
		session: { refresh: { generation: 2 } },
	});
	expect(idp.count("token")).toBe(3);
});

test.for<[string, Faults, object]>([
	[
		"an ID token that seems too old",
		{ idToken: "iat-ancient" },
		{ code: "clock_skew", reason: "iat" },
	],
	["an ID token from the future", { idToken: "iat-future" }, { code: "clock_skew", reason: "iat" }],
	[
		"an ID token while the key set is down",
		{ transport: { jwks: 503 }, idToken: "kid-unknown" },
		{},
	],
	["userinfo", { transport: { userinfo: 500 } }, { reason: "status_500" }],
])("what is left out of a renewal is logged: %s", async ([, faults, entry]) => {
	const { browser, bend, renew, log } = await signedInAnHourAgo();
	bend(faults);
	log.length = 0;
	expect(refreshAnswer(await renew(browser))).toMatchObject({ renewed: true });
	expect(log).toEqual([
		expect.objectContaining({ level: "warning", provider: "generic", ...entry }),
	]);
});

test("the old refresh token is kept where none comes back, and replaced where one does (R39)", async () => {
	const fixture = await signedInAnHourAgo();
	const { browser, bend, renew, later } = fixture;
	bend({ token: "refresh-token-missing" });
	await renew(browser);
	bend({});
	later(3600);
	await renew(browser);
	later(3600);
	expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
	const sent = refreshes(fixture).map(({ form }) => form.get("refresh_token"));
	expect(sent).toHaveLength(3);
	expect(sent[1]).toBe(sent[0]);
	expect(sent[2]).not.toBe(sent[1]);
});

test("a refresh asks for what was granted, and grantedScopes follows the answer (R41)", async () => {
	const options: GateFixtureOptions = {
		app: (_request, user) => Response.json({ scopes: user?.grantedScopes, tenant: null }),
		settings: { scopes: ["openid", "email", "reports"] },
	};
	const fixture = await startRenewing(options);
	const { origin, bend, renew, later } = fixture;
	const browser = new ScriptedBrowser();
	const scopes = async () => JSON.parse((await browser.navigate(`${origin}/private`)).body).scopes;
	// "reports" was asked for and not granted.
	bend({ tokenResponse: { scope: "openid email offline_access" } });
	await fixture.signIn(browser);
	expect(await scopes()).toEqual(["openid", "email", "offline_access"]);

	later(3600);
	bend({ token: "scope-missing" });
	await renew(browser);
	expect(await scopes()).toEqual(["openid", "email", "offline_access"]);

	later(3600);
	bend({ token: "scope-narrowed" });
	await renew(browser);
	expect(await scopes()).toEqual(["openid"]);

	later(3600);
	bend({});
	expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
	expect(refreshes(fixture).map(({ form }) => form.get("scope"))).toEqual([
		"openid email offline_access",
		"openid email offline_access",
		"openid",
	]);
});

test("members of the token response that the provider adds survive a renewal", async () => {
	const seen: unknown[] = [];
	const withExtra: typeof providerClass = (name) =>
		class extends providerClass(name) {
			override readonly name = name;
			override validateTokens(tokens: Tokens): boolean {
				seen.push(tokens.extra);
				return true;
			}
		};
	const fixture = await startRenewing({ providerClass: withExtra });
	const { origin, bend, renew, later, signIn } = fixture;
	const browser = new ScriptedBrowser();
	bend({ tokenResponse: { instance_url: "https://eu1.example", signature: "s1" } });
	await signIn(browser);
	later(3600);
	bend({ tokenResponse: { signature: "s2" } });
	await renew(browser);
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
	expect(seen.at(-1)).toEqual({ instance_url: "https://eu1.example", signature: "s2" });
});

test("endsSession decides which answers end a session", async () => {
	const asked: RefreshRefusal[] = [];
	const own: typeof providerClass = (name) =>
		class extends providerClass(name) {
			override readonly name = name;
			override endsSession(answer: RefreshRefusal): boolean {
				asked.push(answer);
				return answer.error === "invalid_request";
			}
		};
	const { browser, bend, renew } = await signedInAnHourAgo({ providerClass: own });
	bend({ token: "invalid-grant" });
	expect(refreshAnswer(await renew(browser)).session.signedIn).toBe(true);
	// An outage is never asked about.
	const again = await signedInAnHourAgo({ providerClass: own });
	again.bend({ transport: { token: 503 } });
	expect(refreshAnswer(await again.renew(again.browser)).session.signedIn).toBe(true);
	again.later(2);
	again.bend({ token: "error-markup" });
	expect((await again.renew(again.browser)).status).toBe(401);
	expect(asked).toEqual([
		{ status: 400, error: "invalid_grant" },
		{ status: 400, error: "invalid_request" },
	]);
});

test("a hook that throws keeps the session as it is", async () => {
	const broken: typeof providerClass = (name) =>
		class extends providerClass(name) {
			override readonly name = name;
			override endsSession(): boolean {
				throw new Error("a bug of the app");
			}
		};
	const { browser, bend, renew } = await signedInAnHourAgo({ providerClass: broken });
	bend({ token: "invalid-grant" });
	expect(refreshAnswer(await renew(browser))).toMatchObject({
		renewed: false,
		session: { signedIn: true },
	});
});

test("renewal never extends the seven days (R39)", async () => {
	const { renew, later, origin, signIn, idp } = await startRenewing({
		idp: { accessTokenLifetime: 86_400 },
	});
	const browser = new ScriptedBrowser();
	await signIn(browser);
	for (let day = 1; day < 7; day++) {
		later(86_400);
		expect(refreshAnswer(await renew(browser))).toMatchObject({
			renewed: true,
			session: { signedIn: true },
		});
	}
	later(86_400 - 100);
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
	later(100);
	const count = idp.count("token");
	expect((await renew(browser)).status).toBe(401);
	expect((await browser.navigate(`${origin}/private`, { follow: false })).status).toBe(302);
	expect(idp.count("token")).toBe(count);
});

test("without a refresh token the session ends with its access token, whatever the provider does", async () => {
	const { browser, origin, renew, bend, idp } = await signedInAnHourAgo({
		auth: { extraScopes: [] },
	});
	bend({ transport: { token: 503 } });
	const answer = await renew(browser);
	expect(refreshAnswer(answer)).toEqual({ renewed: false, session: { signedIn: false } });
	expect((await browser.navigate(`${origin}/private`, { follow: false })).status).toBe(302);
	expect(idp.count("token")).toBe(1);
});

test("outageGrace 0 ends the session with its access token", async () => {
	const auth = { extraScopes: ["offline_access"], session: { outageGrace: 0 } };
	const { browser, origin, renew, bend } = await signedInAnHourAgo({ auth });
	bend({ transport: { token: 503 } });
	expect((await renew(browser)).status).toBe(503);
	expect((await browser.navigate(`${origin}/private`, { follow: false })).body).not.toContain(
		MARKER,
	);
	// The provider has not ended it: it can still be renewed.
	expect(sessionCookies(browser)).not.toEqual([]);
});

describe("claims after a renewal", () => {
	const groups: GateFixtureOptions = {
		app: (_request, user) => Response.json(user?.claims.groups ?? "none"),
	};
	const ask = async ({ origin }: RenewingFixture, browser: ScriptedBrowser) =>
		JSON.parse((await browser.navigate(`${origin}/private`)).body);

	test.for([
		{ name: "no userinfo endpoint", endpoint: { discovery: "no-userinfo" } as Faults },
		{ name: "userinfo is down", endpoint: { transport: { userinfo: 500 } } as Faults },
	])("a group that the new ID token no longer has is gone: $name", async ({ endpoint }) => {
		const fixture = await startRenewing(groups);
		const browser = new ScriptedBrowser();
		fixture.bend({
			idTokenClaims: { groups: ["staff", "admins"] },
			userinfoClaims: { groups: ["staff", "admins"] },
		});
		await fixture.signIn(browser);
		expect(await ask(fixture, browser)).toEqual(["staff", "admins"]);
		fixture.later(3600);
		fixture.bend({ ...endpoint, idTokenClaims: { groups: ["staff"] } });
		await fixture.renew(browser);
		expect(await ask(fixture, browser)).toEqual(["staff"]);
		// Without any, most providers leave the claim out.
		fixture.later(3600);
		fixture.bend(endpoint);
		await fixture.renew(browser);
		expect(await ask(fixture, browser)).toEqual("none");
	});

	test("what only userinfo says outlasts an outage of it, and its next answer counts", async () => {
		const fixture = await startRenewing(groups);
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		expect(await ask(fixture, browser)).toEqual(["admins", "staff"]);
		fixture.later(3600);
		fixture.bend({ transport: { userinfo: 500 } });
		await fixture.renew(browser);
		expect(await ask(fixture, browser)).toEqual(["admins", "staff"]);
		fixture.later(3600);
		fixture.bend({ userinfoClaims: { groups: ["staff"] } });
		await fixture.renew(browser);
		expect(await ask(fixture, browser)).toEqual(["staff"]);
		fixture.later(3600);
		fixture.bend({ userinfoClaims: { groups: undefined } });
		await fixture.renew(browser);
		expect(await ask(fixture, browser)).toEqual("none");
	});

	test("claims too large to be kept are fetched again after a renewal without them", async () => {
		const many = Array.from({ length: 200 }, (_, i) => `group-${i}`);
		const fixture = await startRenewing(groups);
		const browser = new ScriptedBrowser();
		fixture.bend({ userinfoClaims: { groups: many } });
		await fixture.signIn(browser);
		expect(await ask(fixture, browser)).toEqual(many);
		fixture.later(3600);
		fixture.bend({ transport: { userinfo: 500 } });
		await fixture.renew(browser);
		fixture.bend({ userinfoClaims: { groups: many } });
		fixture.later(6);
		expect(await ask(fixture, browser)).toEqual(many);
	});
});

test("a renewed session that no longer fits into cookies ends, and its new tokens are revoked", async () => {
	const { browser, bend, renew, log, idp } = await signedInAnHourAgo();
	bend({ tokenResponse: { permissions: "x".repeat(6000) } });
	expect((await renew(browser)).status).toBe(401);
	expect(sessionCookies(browser)).toEqual([]);
	expect(log.at(-1)).toMatchObject({ level: "error", code: "cookies_too_large" });
	expect(idp.count("revoke")).toBe(1);
});
