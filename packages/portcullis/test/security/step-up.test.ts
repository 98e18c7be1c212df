import { beforeEach, describe, expect, test } from "vitest";
import { allOf, anyOf, inGroup, not, stepUp } from "../../src/checks.ts";
import type { AuditContext, GateOptions, UserClaims } from "../../src/index.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import {
	type GateFixture,
	type Person,
	sessionCookies,
	startGate,
	transactionCookies,
} from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

const STRONG = "urn:example:strong";
let fixture: GateFixture;
let browser: ScriptedBrowser;
let heard: [string, string, AuditContext][];

beforeEach(async () => {
	heard = [];
	const pages: GateOptions<Person>["pages"] = {
		"/lately": { auth: stepUp({ maxAge: 300 }) },
		"/lately/again": { auth: stepUp({ maxAge: 300, prompt: "login" }) },
		"/strong": { auth: stepUp({ acr: [STRONG, "urn:example:stronger"] }) },
		"/admins": { auth: allOf(stepUp({ acr: STRONG }), inGroup("owners")) },
		"/either": { auth: anyOf(stepUp({ acr: STRONG }), inGroup("admins")) },
		"/opposite": { auth: not(stepUp({ maxAge: 300 })) },
		"/both": { auth: allOf(stepUp({ acr: STRONG }), stepUp({ acr: "urn:example:other" })) },
	};
	fixture = await startGate({
		auth: {
			extraScopes: ["offline_access"],
			platform: { audit: (...record) => heard.push(record) },
			http: { bearer: { audience: AUDIENCE } },
		},
		gate: { pages },
		app: (_, user) => Response.json([user?.sub, user?.claims.acr ?? null]),
	});
	browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	heard.length = 0;
});

/** Time passes for the gate and for the provider. */
function later(seconds: number): void {
	fixture.clock.ahead += seconds;
	fixture.idp.set({ clockSkew: fixture.clock.ahead });
}

/**
 * Opens a page, and lets the pages of the gate move on that a browser with script would send on by
 * itself.
 */
async function open(path: string): Promise<Answer> {
	const page = await browser.navigate(fixture.origin + path, { from: `${fixture.origin}/` });
	return page.url.includes("/callback") && page.status === 200 ? browser.submit(page) : page;
}

const authorizations = () =>
	fixture.idp.requests.filter(({ endpoint }) => endpoint === "authorize");
const lastAsked = () => authorizations().at(-1)?.query;

describe("a page that takes a sign-in of lately (R117)", () => {
	test("is there for a while, then sends the person to the provider with max_age, and back to the page", async () => {
		expect((await open("/lately?q=1")).status).toBe(200);
		expect(authorizations()).toHaveLength(1);
		later(361);
		const page = await open("/lately?q=1");
		expect([page.status, page.url]).toEqual([200, `${fixture.origin}/lately?q=1`]);
		expect(JSON.parse(page.body)[0]).toBe("ada");
		expect(authorizations()).toHaveLength(2);
		expect(lastAsked()?.get("max_age")).toBe("300");
		expect(lastAsked()?.get("prompt")).toBeNull();
		// Once is enough.
		expect((await open("/lately")).status).toBe(200);
		expect(authorizations()).toHaveLength(2);
		expect(heard.map(([action, outcome, { reason }]) => [action, outcome, reason])).toEqual([
			["page_load", "allowed", undefined],
			["login_started", "success", undefined],
			["page_load", "redirected_to_login", "step_up_required"],
			["logout", "success", "replaced_by_login"],
			["login_completed", "success", undefined],
			["page_load", "allowed", undefined],
			["page_load", "allowed", undefined],
		]);
	});

	test("prompt comes from the rule", async () => {
		later(361);
		await open("/lately/again");
		expect(lastAsked()?.get("prompt")).toBe("login");
	});

	test("nothing of the query reaches the provider (R9, R12)", async () => {
		later(361);
		await open(
			"/lately?prompt=none&max_age=9999&acr_values=weak&login_hint=eve&ui_locales=xx&scope=admin",
		);
		const asked = lastAsked();
		expect(asked?.get("max_age")).toBe("300");
		for (const name of ["prompt", "acr_values", "login_hint", "ui_locales"])
			expect(asked?.get(name)).toBeNull();
		expect(asked?.get("scope")).not.toContain("admin");
	});

	test("a sign-in that the provider does not repeat is refused: forbidden, never a loop, and nobody is signed out", async () => {
		later(361);
		fixture.idp.set({ idTokenClaims: { auth_time: Math.floor(Date.now() / 1000) - 7200 } });
		const page = await open("/lately");
		expect(page.status).toBe(403);
		expect(authorizations()).toHaveLength(2);
		expect(fixture.log).toEqual([
			expect.objectContaining({ code: "step_up_required", reason: "auth_time" }),
		]);
		expect(transactionCookies(browser)).toEqual([]);
		const other = await open("/private");
		expect(other.status).toBe(200);
		expect(heard.map(([action, , { reason }]) => [action, reason])).toEqual([
			["login_started", undefined],
			["page_load", "step_up_required"],
			["login_completed", "step_up_required"],
			["page_load", undefined],
		]);
	});

	test("a provider that says nothing of when is refused likewise", async () => {
		later(361);
		fixture.idp.set({ idTokenClaims: { auth_time: undefined } });
		expect((await open("/lately")).status).toBe(403);
		expect(authorizations()).toHaveLength(2);
	});

	test("who cancels stays signed in", async () => {
		later(361);
		fixture.idp.set({ authorization: "access-denied" });
		const page = await open("/lately");
		expect(page.status).toBe(403);
		expect((await open("/private")).status).toBe(200);
	});

	test("somebody else who signs in meanwhile replaces the session, to the last cookie (R35)", async () => {
		const before = new Map([...browser.jar].map(([name, { value }]) => [name, value]));
		later(361);
		fixture.idp.person = { sub: "vic", name: "Vic Viewer", email: "vic@example.com" };
		const page = await open("/lately");
		expect(JSON.parse(page.body)[0]).toBe("vic");
		for (const name of sessionCookies(browser).filter((cookie) => !cookie.endsWith("-on")))
			expect(browser.jar.get(name)?.value).not.toBe(before.get(name));
		expect(
			heard
				.filter(([action]) => action === "logout")
				.map(([, , { userinfo, reason }]) => [userinfo?.sub, reason]),
		).toEqual([["ada", "replaced_by_login"]]);
	});

	test("a renewal makes nothing of it newer", async () => {
		later(350);
		const renewed = await fetch(`${fixture.origin}/_portcullis/refresh`, {
			method: "POST",
			headers: {
				Origin: fixture.origin,
				"Portcullis-Request": "1",
				Cookie: [...browser.jar].map(([name, { value }]) => `${name}=${value}`).join("; "),
			},
		});
		expect(renewed.status).toBe(200);
		later(20);
		await open("/lately");
		expect(authorizations()).toHaveLength(2);
	});

	test("a page that was asked for otherwise learns where to go", async () => {
		later(361);
		const answer = await browser.fetch(`${fixture.origin}/lately`);
		expect(answer.status).toBe(401);
		const { code, href } = JSON.parse(answer.body);
		expect(code).toBe("step_up_required");
		expect(authorizations()).toHaveLength(1);
		// Followed by the person, it leads to the provider with what the rule wants, and back.
		const page = await open(`${href}?redirect_to=${encodeURIComponent("/lately")}&max_age=9999`);
		expect([page.status, page.url]).toEqual([200, `${fixture.origin}/lately`]);
		expect(lastAsked()?.get("max_age")).toBe("300");
	});

	test("a form that was sent to it is lost, and the person comes back to the page that it was on", async () => {
		later(361);
		const answer = await browser.navigate(`${fixture.origin}/lately`, {
			from: `${fixture.origin}/form`,
			form: { amount: "7" },
			headers: { referer: `${fixture.origin}/form?step=2` },
			follow: false,
		});
		expect(answer.status).toBe(303);
		expect(new URL(answer.headers.get("location") ?? "").searchParams.get("max_age")).toBe("300");
		const page = await browser.submit(await browser.click(answer.headers.get("location") ?? ""));
		expect([page.status, page.url]).toEqual([200, `${fixture.origin}/form?step=2`]);
	});

	test("the way to the provider is good for its session alone, and for nobody who makes one up", async () => {
		later(361);
		const { href } = JSON.parse((await browser.fetch(`${fixture.origin}/lately`)).body);
		const asked = authorizations().length;
		const other = new ScriptedBrowser();
		await fixture.signIn(other, { path: "/private" });
		for (const [who, address] of [
			[other, href],
			[browser, `${fixture.origin}/_portcullis/step-up/made-up`],
			[browser, `${fixture.origin}/_portcullis/step-up/?max_age=1&acr_values=a`],
		] as const) {
			const page = await who.navigate(new URL(address, fixture.origin).href, {
				from: `${fixture.origin}/`,
			});
			expect(page.url).toBe(`${fixture.origin}/`);
		}
		expect(authorizations()).toHaveLength(asked + 1);
	});

	test("nothing is begun by an image, a frame or a prefetch", async () => {
		later(361);
		for (const headers of [
			{ "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" },
			{ "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
			{ "Sec-Purpose": "prefetch" },
		]) {
			const page = await browser.navigate(`${fixture.origin}/lately`, {
				from: `${fixture.origin}/`,
				headers: headers as Record<string, string>,
				follow: false,
			});
			expect([401, 403]).toContain(page.status);
			expect(page.setCookies).toEqual([]);
		}
		expect(authorizations()).toHaveLength(1);
	});
});

describe("a page that takes a stronger sign-in (R117)", () => {
	test("asks for it by acr_values, and is there once it was done", async () => {
		fixture.idp.set({ idTokenClaims: { acr: STRONG } });
		const page = await open("/strong");
		expect([page.status, JSON.parse(page.body)]).toEqual([200, ["ada", STRONG]]);
		expect(lastAsked()?.get("acr_values")).toBe(`${STRONG} urn:example:stronger`);
		expect(lastAsked()?.get("max_age")).toBeNull();
	});

	test.for([
		["another", "urn:example:weak"],
		["none", undefined],
		["a list with it", [STRONG]],
		["a text that holds it", `${STRONG} more`],
	] as const)("is forbidden if the provider says %s, asked once", async ([, acr]) => {
		fixture.idp.set({ idTokenClaims: { acr } });
		expect((await open("/strong")).status).toBe(403);
		expect(authorizations()).toHaveLength(2);
		expect(fixture.log).toEqual([
			expect.objectContaining({ code: "step_up_required", reason: "acr" }),
		]);
	});

	test("userinfo, which nobody has signed, makes no sign-in stronger", async () => {
		fixture.idp.person = { ...fixture.idp.person, acr: STRONG, auth_time: 9_999_999_999 };
		browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const before = authorizations().length;
		expect((await open("/strong")).status).toBe(403);
		expect(authorizations()).toHaveLength(before + 1);
	});

	test("two that cannot both be: forbidden, not to and fro", async () => {
		fixture.idp.set({ idTokenClaims: { acr: STRONG } });
		expect((await open("/both")).status).toBe(403);
		expect(authorizations()).toHaveLength(2);
	});

	test("a no that another sign-in would not change goes before; a yes needs none; the opposite is never a yes", async () => {
		expect((await open("/admins")).status).toBe(403);
		expect((await open("/either")).status).toBe(200);
		expect(authorizations()).toHaveLength(1);
		later(500);
		expect((await open("/opposite")).status).toBe(403);
	});
});

test("a program is told what its token lacks (RFC 9470)", async () => {
	const now = Math.floor(Date.now() / 1000);
	const send = (path: string, claims: Partial<UserClaims>) =>
		callWith(accessToken(fixture, { claims }), fixture.origin + path);
	const old = await send("/lately", { auth_time: now - 400 });
	expect(old.status).toBe(401);
	expect(old.headers.get("www-authenticate")).toBe(
		'Bearer realm="app", error="insufficient_user_authentication", max_age="300"',
	);
	const weak = await send("/strong", {});
	expect(weak.headers.get("www-authenticate")).toBe(
		`Bearer realm="app", error="insufficient_user_authentication", acr_values="${STRONG} urn:example:stronger"`,
	);
	expect(await weak.json()).toMatchObject({ code: "step_up_required" });
	expect((await send("/lately", { auth_time: now - 10 })).status).toBe(200);
	expect((await send("/strong", { acr: STRONG })).status).toBe(200);
});

test.for<[string, object]>([
	["nothing", {}],
	["no number", { maxAge: "300" }],
	["no time at all", { maxAge: 0 }],
	["a fraction", { maxAge: 1.5 }],
	["no names", { acr: [] }],
	["an empty name", { acr: "" }],
	["two names in one text", { acr: "a b" }],
	["an unknown prompt", { acr: "a", prompt: "none" }],
])("stepUp() refuses to ask for %s", ([, options]) => {
	expect(() => stepUp(options)).toThrow(TypeError);
});
