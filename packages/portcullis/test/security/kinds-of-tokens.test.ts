import { beforeAll, describe, expect, it } from "vitest";
import { stepUp } from "../../src/checks.ts";
import {
	allCookies,
	type GateFixture,
	MARKER,
	sessionCookies,
	startGate,
	startHref,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

let fixture: GateFixture;
/** One genuine value of every kind that this deployment makes or sees. */
const kinds: Record<string, string> = {};
/** Names of the cookies that values are tried in. */
const slots: Record<string, string> = {};
let good: string;

beforeAll(async () => {
	fixture = await startGate({
		auth: {
			extraScopes: ["offline_access"],
			http: {
				// What nobody should do: then the audience tells access tokens and ID tokens apart no more.
				bearer: { audience: "generic-client" },
			},
		},
		gate: {
			pages: { "/strong": { auth: stepUp({ acr: "strong" }) } },
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	good = allCookies(browser);
	for (const [name, { value }] of browser.jar) {
		const kind = /-(at|id|rt|sc)$/.exec(name)?.[1];
		if (kind) {
			kinds[`${kind} cookie`] = value;
			slots[`${kind} cookie`] = name;
		}
	}
	const starting = new ScriptedBrowser();
	const login = await starting.navigate(`${fixture.origin}/login`);
	const start = await starting.click(startHref(login, "generic"), { follow: false });
	const [name = "", cookie] = [...starting.jar].find(([key]) => key.includes("-tx-")) ?? [];
	kinds["attempt cookie"] = cookie?.value ?? "";
	slots["attempt cookie"] = name;
	kinds.state = new URL(start.headers.get("location") ?? "").searchParams.get("state") ?? "";
	const logout = await browser.navigate(`${fixture.origin}/logout`, { from: fixture.origin });
	kinds["form token"] = /name="form_token" value="([^"]*)"/.exec(logout.body)?.[1] ?? "";
	const { href = "" } = JSON.parse((await browser.fetch(`${fixture.origin}/strong`)).body) as {
		href?: string;
	};
	kinds["way to another sign-in"] = href.split("/").at(-1) ?? "";
	const now = Math.floor(Date.now() / 1000);
	const claims = {
		iss: fixture.idp.issuer,
		aud: fixture.idp.clientId,
		sub: "ada",
		iat: now,
		exp: now + 3600,
	};
	kinds["ID token"] = await fixture.idp.sign(claims);
	kinds["logout token"] = await fixture.idp.sign(
		{ ...claims, jti: "j", events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
		{ typ: "logout+jwt" },
	);
	kinds["access token"] = await fixture.idp.sign(
		{ ...claims, client_id: fixture.idp.clientId, jti: "j" },
		{ typ: "at+jwt" },
	);
});

describe("no kind is accepted in another's place (R26, B15)", () => {
	it("has one of each", () => {
		expect(Object.values(kinds).filter((value) => value.length > 8)).toHaveLength(11);
	});

	it("in the cookies of a session", async () => {
		for (const [slot, name] of Object.entries(slots).filter(
			([slot]) => slot !== "attempt cookie",
		)) {
			for (const [kind, value] of Object.entries(kinds)) {
				const cookie = good
					.split("; ")
					.map((pair) => (pair.startsWith(`${name}=`) ? `${name}=${value}` : pair))
					.join("; ");
				const answer = await exchange(`${fixture.origin}/private`, "GET", { cookie });
				expect([slot, kind, answer.body.includes(MARKER)]).toEqual([slot, kind, kind === slot]);
			}
		}
	});

	it("in the cookie of an attempt", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			if (kind === "attempt cookie") continue;
			const answer = await exchange(
				`${fixture.origin}/callback?code=x&state=${kinds.state}`,
				"GET",
				{
					cookie: `${slots["attempt cookie"]}=${value}`,
				},
			);
			expect([kind, answer.setCookies.filter((line) => /-(at|id)=[^;]/.test(line))]).toEqual([
				kind,
				[],
			]);
		}
		expect(fixture.idp.count("token")).toBe(1);
	});

	it("as the token of a form", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			if (kind === "form token") continue;
			const answer = await exchange(
				`${fixture.origin}/logout`,
				"POST",
				{
					cookie: good,
					origin: fixture.origin,
					"content-type": "application/x-www-form-urlencoded",
				},
				new URLSearchParams({ form_token: value }).toString(),
			);
			expect([kind, answer.status]).toEqual([kind, 403]);
		}
	});

	it("as an access token", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			for (const scheme of ["Bearer", "bearer", "DPoP", "Basic"]) {
				const answer = await exchange(`${fixture.origin}/private`, "GET", {
					authorization: `${scheme} ${value}`,
				});
				const isTaken = kind === "access token" && scheme.toLowerCase() === "bearer";
				expect([kind, scheme, answer.status]).toEqual([kind, scheme, isTaken ? 200 : 401]);
			}
		}
	});

	it("as the way to another sign-in", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			const answer = await exchange(`${fixture.origin}/_portcullis/step-up/${value}`, "GET", {
				cookie: good,
				"sec-fetch-mode": "navigate",
				"sec-fetch-dest": "document",
				"sec-fetch-site": "same-origin",
			});
			const isTaken = kind === "way to another sign-in";
			expect([kind, answer.headers.get("location")?.startsWith(fixture.idp.issuer)]).toEqual([
				kind,
				isTaken,
			]);
		}
	});

	it("in the place of the ID token", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			const browser = new ScriptedBrowser();
			fixture.idp.faults = { rawIdToken: () => value };
			expect([kind, (await fixture.signIn(browser)).status]).toEqual([kind, 502]);
			expect([kind, sessionCookies(browser)]).toEqual([kind, []]);
		}
		fixture.idp.reset();
		expect((await fixture.signIn()).body).toContain(MARKER);
	});

	it("in the parameters of a callback", async () => {
		for (const [kind, value] of Object.entries(kinds)) {
			for (const parameter of ["code", "id_token", "access_token", "response", "token", "state"]) {
				const browser = new ScriptedBrowser();
				const login = await browser.navigate(`${fixture.origin}/login`);
				const start = await browser.click(startHref(login, "generic"), { follow: false });
				const state = new URL(start.headers.get("location") ?? "").searchParams.get("state") ?? "";
				const query = new URLSearchParams({ state, iss: fixture.idp.issuer, [parameter]: value });
				await browser.navigate(`${fixture.origin}/callback?${query}`, { from: fixture.idp.issuer });
				expect([kind, parameter, sessionCookies(browser)]).toEqual([kind, parameter, []]);
			}
		}
	});
});
