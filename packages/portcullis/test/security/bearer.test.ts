import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasScope, inGroup } from "../../src/checks.ts";
import type { AuditContext } from "../../src/index.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import { allCookies, type GateFixture, MARKER, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

let fixture: GateFixture;
const heard: [string, string, AuditContext][] = [];
beforeAll(async () => {
	fixture = await startGate({
		auth: {
			platform: { audit: (...record) => heard.push(record) },
			http: { bearer: { audience: AUDIENCE } },
		},
		gate: {
			assets: ["/assets/*"],
			pages: {
				"/open": { auth: false },
				"/reports": { auth: hasScope("reports:read") },
				"/admin": { auth: inGroup("admins") },
				"/broken": {
					auth: () => {
						throw new Error("broken");
					},
				},
			},
		},
	});
});
beforeEach(() => {
	fixture.log.length = 0;
	heard.length = 0;
});

const send = (path: string, token = accessToken(fixture), init?: RequestInit) =>
	callWith(token, fixture.origin + path, init);

describe("a program with an access token", () => {
	test("is let in by rules as a person is, and is told apart by its claims", async () => {
		const answer = await send("/api/figures");
		expect(answer.status).toBe(200);
		expect(await answer.text()).toBe(`${MARKER} /api/figures for reporter`);
		expect(answer.headers.get("cache-control")).toBe("private, no-store");
		expect(answer.headers.get("vary")).toBe("Cookie, Authorization");
		expect(answer.headers.getSetCookie()).toEqual([]);
		expect(heard).toEqual([
			[
				"page_load",
				"allowed",
				expect.objectContaining({
					provider: "generic",
					route: "/api/figures",
					userinfo: { iss: fixture.idp.issuer, sub: "reporter" },
				}),
			],
		]);
		expect(heard[0]?.[2]).not.toHaveProperty("session");
	});

	test("may send what changes something: there is no cookie that another site could make use of", async () => {
		for (const method of ["POST", "PUT", "DELETE"]) {
			const answer = await send("/api/figures", undefined, { method });
			expect([method, answer.status]).toEqual([method, 200]);
		}
	});

	test("checks get its scopes and claims; a no is 403 and says that more is wanted", async () => {
		expect((await send("/reports")).status).toBe(200);
		const without = await send("/reports", accessToken(fixture, { claims: { scope: "openid" } }));
		expect(without.status).toBe(403);
		expect(without.headers.get("www-authenticate")).toBe(
			'Bearer realm="app", error="insufficient_scope"',
		);
		expect(await without.json()).toMatchObject({ code: "forbidden", status: 403 });
		expect(
			(await send("/reports", accessToken(fixture, { claims: { scope: undefined } }))).status,
		).toBe(403);

		expect(
			(await send("/admin", accessToken(fixture, { claims: { groups: ["admins"] } }))).status,
		).toBe(200);
		expect(
			(await send("/admin", accessToken(fixture, { claims: { groups: ["staff"] } }))).status,
		).toBe(403);
		// Unknown, which is a no.
		expect((await send("/admin")).status).toBe(403);
		expect((await send("/broken")).status).toBe(403);
		expect(heard.map(([action, outcome, { reason }]) => [action, outcome, reason])).toEqual([
			["page_load", "allowed", undefined],
			["page_load", "redirected_to_forbidden", "check_denied"],
			["page_load", "redirected_to_forbidden", "check_denied"],
			["page_load", "allowed", undefined],
			["page_load", "redirected_to_forbidden", "check_denied"],
			["page_load", "redirected_to_forbidden", "claim_missing"],
			["page_load", "redirected_to_forbidden", "check_threw"],
		]);
	});

	test("is never led to a login, whatever it says that it takes", async () => {
		const headers = {
			Accept: "text/html",
			"Sec-Fetch-Mode": "navigate",
			"Sec-Fetch-Dest": "document",
		};
		const refused = await send(
			"/api/figures",
			accessToken(fixture, { claims: { aud: "another" } }),
			{ headers },
		);
		expect([refused.status, refused.headers.get("location")]).toEqual([401, null]);
		const forbidden = await send("/admin", undefined, { headers });
		expect([forbidden.status, forbidden.headers.get("content-type")]).toEqual([
			403,
			"application/problem+json",
		]);
	});

	test("is known on a surface that is open to everyone, and is not looked at for assets", async () => {
		expect(await (await send("/open")).text()).toContain("for reporter");
		expect((await send("/open")).headers.get("cache-control")).toBe("private, no-store");
		const asset = await send("/assets/a.js", "not a token");
		expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, null]);
		expect(fixture.log).toEqual([]);
	});

	test.for([
		["the scheme in other letters (R124)", "bEARER "],
		["many spaces", "Bearer    "],
	] as const)("%s", async ([, scheme]) => {
		const authorization = scheme + accessToken(fixture);
		const answer = await fetch(`${fixture.origin}/api/figures`, { headers: { authorization } });
		expect(answer.status).toBe(200);
	});

	test.for([
		["the type with its tree", { header: { typ: "application/at+jwt" } }],
		["the type in other letters", { header: { typ: "AT+JWT" } }],
		["several audiences", { claims: { aud: ["https://another.example", AUDIENCE] } }],
		["within the tolerance for clocks", { claims: { exp: Math.floor(Date.now() / 1000) - 30 } }],
	] as const)("good: %s", async ([, changes]) => {
		expect((await send("/api/figures", accessToken(fixture, changes))).status).toBe(200);
	});

	test("another scheme means nothing, as without the option", async () => {
		for (const authorization of [
			`Basic ${btoa("a:b")}`,
			`DPoP ${accessToken(fixture)}`,
			"Bearertoken",
		]) {
			const answer = await fetch(`${fixture.origin}/api/figures`, { headers: { authorization } });
			expect(answer.status).toBe(401);
			expect(await answer.json()).toMatchObject({ code: "login_required" });
		}
		expect(fixture.log).toEqual([]);
	});

	test("without a token it learns that one would do", async () => {
		const answer = await fetch(`${fixture.origin}/api/figures`);
		expect(answer.status).toBe(401);
		expect(answer.headers.get("www-authenticate")).toBe(
			'Cookie realm="app", form-action="/login", Bearer realm="app"',
		);
	});
});

describe("a session's cookies and an access token at once", () => {
	test("neither counts, on whatever surface or route", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const Cookie = allCookies(browser);
		for (const path of [
			"/api/figures",
			"/admin",
			"/open",
			"/_portcullis/session",
			"/logout",
			"/login",
		]) {
			for (const token of [accessToken(fixture), "not a token"]) {
				const answer = await send(path, token, { headers: { Cookie } });
				expect([path, answer.status]).toEqual([path, 400]);
				expect(await answer.json()).toMatchObject({ code: "credentials_contradictory" });
				expect(answer.headers.get("www-authenticate")).toBe(
					'Bearer realm="app", error="invalid_request"',
				);
				expect(answer.headers.getSetCookie()).toEqual([]);
			}
		}
		expect(fixture.log.every(({ code }) => code === "credentials_contradictory")).toBe(true);
		// The session is as it was.
		expect((await browser.navigate(`${fixture.origin}/private`)).body).toContain("for ada");
	});

	test("a cookie that only claims to be a session's is one too many as well", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const name = [...browser.jar.keys()].find((cookie) => /-(at)(\.0)?$/.test(cookie));
		const answer = await send("/api/figures", undefined, {
			headers: { Cookie: `${name}=rubbish` },
		});
		expect(answer.status).toBe(400);
	});

	test("other cookies do not matter", async () => {
		const answer = await send("/api/figures", undefined, { headers: { Cookie: "theme=dark" } });
		expect(answer.status).toBe(200);
	});
});
