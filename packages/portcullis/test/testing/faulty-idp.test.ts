import { describe, expect, it, test } from "vitest";
import { inGroup } from "../../src/checks.ts";
import { Azure, portcullis } from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import {
	type EndSessionFault,
	type FaultyIdp,
	type LogoutTokenFault,
	logoutTokenFaultNames,
	type RefreshFault,
	startFaultyIdp,
} from "../../src/testing.ts";
import { MARKER, startGate, startHref } from "../support/gate-fixture.ts";
import { refreshAnswer, startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// The faults of the public test kit, each as an app behind a gate meets it.

describe("a refresh", () => {
	/**
	 * `ends`: signed out. `renewed`: a new access token. `goes on`: no new one, and the session lives
	 * for now.
	 */
	const outcomes: Readonly<Record<RefreshFault, "ends" | "renewed" | "goes on">> = {
		refused: "ends",
		reused: "ends",
		rotated: "renewed",
		"not-rotated": "renewed",
		"answer-lost": "goes on",
		"fewer-scopes": "renewed",
		"sub-other": "ends",
		"iss-other": "ends",
		"aud-other": "ends",
		"nonce-other": "ends",
		"id-token-missing": "renewed",
	};

	async function signedIn(options: Parameters<typeof startRenewing>[0] = {}) {
		const fixture = await startRenewing({
			app: (_, user) => Response.json({ sub: user?.sub, scopes: user?.grantedScopes }),
			...options,
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		fixture.later(3600);
		return { ...fixture, browser };
	}

	it.each(Object.entries(outcomes) as [RefreshFault, string][])(
		"%s: the session %s",
		async (fault, outcome) => {
			const { browser, origin, bend, renew, idp } = await signedIn();
			bend({ refresh: fault });
			const answer = await renew(browser);
			expect(answer.status).toBe(outcome === "ends" ? 401 : 200);
			if (outcome !== "ends") expect(refreshAnswer(answer).renewed).toBe(outcome === "renewed");
			expect((await browser.navigate(`${origin}/private`)).status).toBe(200);
			expect(new URL(browser.location ?? "").pathname).toBe(
				outcome === "ends" ? "/login" : "/private",
			);
			// A login is none of a refresh's faults.
			const other = new ScriptedBrowser();
			const page = await other.navigate(`${origin}/private`);
			expect(JSON.parse((await other.click(startHref(page, "generic"))).body).sub).toBe("ada");
			expect(idp.count("token")).toBeGreaterThanOrEqual(3);
		},
	);

	it("refused leaves the token as it was, reused ends the whole login", async () => {
		for (const [fault, left] of [
			["refused", 200],
			["reused", 401],
		] as const) {
			const { browser, bend, renew, idp } = await signedIn();
			bend({ refresh: fault });
			const token = async () => {
				await renew(browser);
				return (
					idp.requests
						.findLast(({ form }) => form.has("refresh_token"))
						?.form.get("refresh_token") ?? ""
				);
			};
			const spent = await token();
			bend({});
			const again = await fetch(`${idp.issuer}/token`, {
				method: "POST",
				body: new URLSearchParams({
					grant_type: "refresh_token",
					refresh_token: spent,
					client_id: idp.clientId,
					client_secret: idp.clientSecret ?? "",
				}),
			});
			expect([fault, again.status]).toEqual([fault, left === 200 ? 200 : 400]);
		}
	});

	it("rotated and not-rotated win over the option", async () => {
		for (const [fault, rotateRefreshTokens, isSame] of [
			["rotated", false, false],
			["not-rotated", true, true],
		] as const) {
			const { browser, bend, renew, later, idp } = await signedIn({ idp: { rotateRefreshTokens } });
			bend({ refresh: fault });
			await renew(browser);
			later(3600);
			bend({ refresh: fault });
			expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
			const [first, second] = idp.requests.flatMap(({ form }) => form.getAll("refresh_token"));
			expect([fault, first === second]).toEqual([fault, isSame]);
		}
	});

	it("answer-lost spends the token: the next attempt is taken for a thief's", async () => {
		const { browser, bend, renew, later } = await signedIn();
		bend({ refresh: "answer-lost" });
		expect(refreshAnswer(await renew(browser)).renewed).toBe(false);
		later(60);
		bend({});
		expect((await renew(browser)).status).toBe(401);
	});

	it("fewer-scopes takes scopes away", async () => {
		const { browser, origin, bend, renew } = await signedIn();
		bend({ refresh: "fewer-scopes" });
		await renew(browser);
		expect(JSON.parse((await browser.navigate(`${origin}/private`)).body)).toEqual({
			sub: "ada",
			scopes: ["openid"],
		});
	});
});

describe("a back-channel call", () => {
	const reasons: Readonly<Record<LogoutTokenFault, string>> = {
		"alg-none": "alg",
		"alg-hs256-client-secret": "alg",
		"signature-rogue-key": "signature",
		"kid-unknown": "kid",
		"signature-tampered": "signature",
		"typ-jwt": "typ",
		"typ-missing": "typ",
		"iss-wrong": "iss",
		"aud-wrong": "aud",
		"events-missing": "events",
		"events-wrong": "events",
		"nonce-present": "nonce",
		nobody: "sid",
		"jti-missing": "jti",
		"iat-missing": "iat",
		"iat-old": "iat",
		"iat-future": "iat",
		"exp-missing": "exp",
		"exp-past": "iat",
	};

	async function signedIn(idp: { algorithm?: "RS256" } = {}) {
		const fixture = await startGate({ auth: { store: memory() }, idp });
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		// A session that began at this very moment could be from before or after.
		fixture.clock.ahead += 10;
		fixture.idp.set({ clockSkew: 10 });
		const uri = `${fixture.origin}/_portcullis/backchannel-logout/generic`;
		const isIn = async () =>
			(await browser.fetch(`${fixture.origin}/private`)).body.startsWith(MARKER);
		expect(await isIn()).toBe(true);
		return { ...fixture, browser, uri, isIn };
	}

	it("has a reason for each fault", () => {
		expect(Object.keys(reasons).toSorted()).toEqual(logoutTokenFaultNames.toSorted());
	});

	it("with any fault is refused, and a good one then works", async () => {
		const { idp, uri, isIn, log, clock } = await signedIn();
		for (const fault of logoutTokenFaultNames) {
			const answer = await idp.sendLogoutToken(uri, { faults: fault });
			expect([fault, answer.status, log.at(-1)?.reason]).toEqual([fault, 400, reasons[fault]]);
			// So that each gets its look at the key set.
			clock.ahead += 6;
			idp.set({ clockSkew: clock.ahead });
		}
		expect(await isIn()).toBe(true);
		expect((await idp.sendLogoutToken(uri)).status).toBe(200);
		expect(await isIn()).toBe(false);
	});

	it("that is replayed is refused", async () => {
		const { idp, uri, log, isIn, signIn, browser, clock } = await signedIn();
		const token = await idp.logoutToken();
		expect((await idp.sendLogoutToken(uri, { token })).status).toBe(200);
		expect(await isIn()).toBe(false);
		clock.ahead += 5;
		await signIn(browser);
		expect((await idp.sendLogoutToken(uri, { token })).status).toBe(400);
		expect(log.at(-1)?.reason).toBe("jti");
		expect(await isIn()).toBe(true);
	});

	it("names the session of a login, or whom it is told to", async () => {
		const { idp, uri, isIn, signIn } = await signedIn();
		await signIn(new ScriptedBrowser());
		const [first, second] = idp.logins;
		expect([first?.person.sub, second?.person.sub]).toEqual(["ada", "ada"]);
		// By default the last login's, which is another session of hers.
		expect((await idp.sendLogoutToken(uri)).status).toBe(200);
		expect(await isIn()).toBe(true);
		expect((await idp.sendLogoutToken(uri, { sub: "somebody" })).status).toBe(200);
		expect(await isIn()).toBe(true);
		expect((await idp.sendLogoutToken(uri, { sid: first?.sid ?? "" })).status).toBe(200);
		expect(await isIn()).toBe(false);
	});

	it("can be bent claim by claim, and sent without a socket", async () => {
		const { idp, gate, origin, isIn, log } = await signedIn();
		const uri = `${origin}/_portcullis/backchannel-logout/generic`;
		const send = (request: Request) => gate.handle(request, () => new Response("app"));
		const bent = await idp.sendLogoutToken(uri, {
			send,
			claims: { events: [] },
			header: { kid: undefined },
		});
		expect([bent.status, log.at(-1)?.reason]).toEqual([400, "events"]);
		expect((await idp.sendLogoutToken(uri, { send, sub: "ada" })).status).toBe(200);
		expect(await isIn()).toBe(false);
	});
});

describe("the end of the session at the provider", () => {
	const texts: Readonly<Record<EndSessionFault, string>> = {
		"state-missing": "may still be signed in",
		"state-wrong": "may still be signed in",
		stays: "You are signed out",
		refused: "invalid_request",
	};

	async function signOut(idpFaults: Parameters<FaultyIdp["set"]>[0]) {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		fixture.idp.set(idpFaults);
		await fixture.signIn(browser);
		const page = await browser.submit(await browser.click("/logout"));
		const isIn = (await browser.navigate(`${fixture.origin}/private`)).body.startsWith(MARKER);
		return { ...fixture, page, isIn };
	}

	it.each(Object.entries(texts) as [EndSessionFault, string][])(
		"goes wrong: %s",
		async (fault, text) => {
			const { page, isIn, origin, idp } = await signOut({ endSession: fault });
			expect(page.body).toContain(text);
			expect(new URL(page.url).origin).toBe(fault.startsWith("state-") ? origin : idp.issuer);
			// Whatever it does: here nobody is signed in any more.
			expect(isIn).toBe(false);
		},
	);

	it("is missing", async () => {
		const { page, isIn, idp } = await signOut({ discovery: "no-end-session" });
		expect(page.body).toContain("may still be signed in");
		expect([isIn, idp.count("end-session")]).toEqual([false, 0]);
	});
});

describe("Entra ID", () => {
	const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
	const ORIGIN = "http://localhost:3000";

	async function open(issuer: string, env: Record<string, string> = {}) {
		const idp = await startFaultyIdp({ listen: false, issuer, tenant: TENANT, algorithm: "ES256" });
		const log: string[] = [];
		const gate = portcullis({
			providers: [Azure],
			origin: ORIGIN,
			platform: {
				env: {
					AZURE_ISSUER_URI: issuer,
					AZURE_CLIENT_ID: idp.clientId,
					AZURE_CLIENT_SECRET: idp.clientSecret,
					...env,
				},
				fetch: idp.fetch,
				log: (entry) => log.push(`${entry.code} ${entry.reason} ${entry.message} ${entry.cause}`),
			},
		}).gate({ pages: { "/staff": { auth: inGroup("staff") } } });
		const browser = new ScriptedBrowser();
		browser.servers.set(ORIGIN, (request) => gate.handle(request, () => new Response(MARKER)));
		browser.servers.set(new URL(issuer).origin, (request) =>
			idp.fetch(request, { redirect: "manual" }),
		);
		const signIn = async (path = "/private") =>
			browser.click(startHref(await browser.navigate(ORIGIN + path), "azure"));
		return { idp, log, signIn };
	}

	const shared = "https://login.microsoftonline.com/organizations/v2.0";

	it("signs in people of one tenant, and of several by the template of the metadata", async () => {
		for (const [issuer, env] of [
			[`https://login.microsoftonline.com/${TENANT}/v2.0`, {}],
			[shared, { AZURE_TENANTS: TENANT }],
		] as const) {
			const { signIn, log } = await open(issuer, env);
			expect((await signIn()).body).toBe(MARKER);
			expect(log).toEqual([]);
		}
	});

	it.each([
		["tenant-other", /^access_denied tid/],
		["tenant-mismatch", /^token_invalid iss/],
		["tenant-missing", /^token_invalid iss/],
	] as const)("%s is refused", async (fault, line) => {
		const { idp, signIn, log } = await open(shared, { AZURE_TENANTS: TENANT });
		idp.set({ idToken: fault });
		expect((await signIn()).body).not.toContain(MARKER);
		expect(log).toEqual([expect.stringMatching(line)]);
	});

	it("groups-overage: in no group that anybody knows, and the log says why", async () => {
		const { signIn, log } = await open(shared, { AZURE_TENANTS: TENANT });
		expect((await signIn("/staff")).body).toBe(MARKER);
		const other = await open(shared, { AZURE_TENANTS: TENANT });
		other.idp.set({ idToken: "groups-overage" });
		expect((await other.signIn("/staff")).status).toBe(403);
		expect(other.log.join()).toContain("too many values for a token");
		expect(log).toEqual([]);
	});
});

test("COOP comes with the pages and redirects of the provider, and with nothing else", async () => {
	const idp = await startFaultyIdp({ listen: false, interactive: true, algorithm: "ES256" });
	const coop = async (path: string) =>
		(await idp.fetch(`${idp.issuer}${path}`, { redirect: "manual" })).headers.get(
			"cross-origin-opener-policy",
		);
	expect(await coop("/end-session")).toBeNull();
	idp.set({ openerPolicy: "same-origin" });
	expect(await Promise.all(["/authorize", "/end-session"].map(coop))).toEqual([
		"same-origin",
		"same-origin",
	]);
	expect(await Promise.all(["/.well-known/openid-configuration", "/jwks"].map(coop))).toEqual([
		null,
		null,
	]);
});
