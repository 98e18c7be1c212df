import { beforeAll, describe, expect, it } from "vitest";
import { type GateFixture, startGate, startHref } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

let fixture: GateFixture;
const pages = new Map<string, Answer>();

/** Every page that the gate writes by itself, as a person comes by it. */
beforeAll(async () => {
	fixture = await startGate({ gate: { pages: { "/admin/*": { auth: () => false } } } });
	const { origin, idp } = fixture;
	const browser = new ScriptedBrowser();
	const login = await browser.navigate(`${origin}/private`);
	pages.set("login", login);
	const authorize = await browser.click(startHref(login, "generic"), { follow: false });
	const toCallback = await browser.click(authorize.headers.get("location") ?? "", {
		follow: false,
	});
	pages.set(
		"callback",
		await browser.click(toCallback.headers.get("location") ?? "", { follow: false }),
	);
	pages.set("forbidden", await browser.click(`${origin}/admin/x`));
	pages.set(
		"repeat",
		await browser.navigate(`${origin}/private`, { from: "https://mail.example/", follow: false }),
	);
	pages.set("logout confirm", await browser.click(`${origin}/logout`));
	pages.set(
		"form_post",
		await browser.navigate(`${origin}/callback`, {
			from: idp.issuer,
			form: { code: "c", state: "s" },
		}),
	);
	pages.set("onward", await browser.click("/logout").then((page) => submitOnly(browser, page)));
	pages.set("logout done", await browser.click(`${origin}/logout`));
	pages.set("error", await browser.navigate(`${origin}/login/nobody`));
});

function submitOnly(browser: ScriptedBrowser, page: Answer): Promise<Answer> {
	const token = /name="form_token" value="([^"]*)"/.exec(page.body)?.[1] ?? "";
	return browser.navigate(page.url, { from: page.url, form: { form_token: token }, follow: false });
}

const names = [
	"login",
	"callback",
	"forbidden",
	"repeat",
	"logout confirm",
	"form_post",
	"onward",
	"logout done",
	"error",
];

describe.each(names)("the %s page (R83)", (name) => {
	it("was reached", () => {
		expect(pages.get(name)?.headers.get("content-type")).toBe("text/html; charset=utf-8");
	});

	it("forbids everything but its own style and script, under a nonce that no other answer has", () => {
		const page = pages.get(name);
		const policy = page?.headers.get("content-security-policy") ?? "";
		const nonce = /script-src 'nonce-([a-f0-9]{32})'/.exec(policy)?.[1];
		expect(policy).toContain("default-src 'none'");
		for (const directive of [
			"base-uri 'none'",
			"object-src 'none'",
			"frame-ancestors 'none'",
			"form-action 'self'",
		])
			expect(policy).toContain(directive);
		expect(policy).not.toMatch(/unsafe|\*|https?:/);
		expect(nonce).toBeDefined();
		for (const [, used] of page?.body.matchAll(/<(?:script|style)[^>]*nonce="([^"]*)"/g) ?? [])
			expect(used).toBe(nonce);
		const others = [...pages]
			.filter(([other]) => other !== name)
			.map(([, answer]) => answer.headers.get("content-security-policy"));
		expect(others).not.toContain(policy);
	});

	it("stays out of caches, frames and referrers", () => {
		const headers = pages.get(name)?.headers;
		expect(headers?.get("cache-control")).toMatch(/no-store/);
		expect(headers?.get("vary")?.split(", ").toSorted()).toEqual(["Accept-Language", "Cookie"]);
		expect(headers?.get("x-content-type-options")).toBe("nosniff");
		expect(headers?.get("x-frame-options")).toBe("DENY");
		expect(headers?.get("cross-origin-resource-policy")).toBe("same-origin");
		// A page with a form must let the browser say where it was sent from, or its Origin is null.
		expect(headers?.get("referrer-policy")).toBe(
			["login", "forbidden", "logout confirm", "form_post"].includes(name)
				? "same-origin"
				: "no-referrer",
		);
	});

	it("isolates its window, unless a login popup could be showing it (R84)", () => {
		const inPopup = ["callback", "form_post", "error"].includes(name);
		expect(pages.get(name)?.headers.get("cross-origin-opener-policy")).toBe(
			inPopup ? null : "same-origin",
		);
	});

	it("loads nothing, and nothing of its text is a way out", () => {
		const body = pages.get(name)?.body ?? "";
		expect(body.replace(`<link rel="icon" href="data:,">`, "")).not.toMatch(
			/<(?:img|link|iframe|object|embed|script[^>]*src)/i,
		);
		expect(body).not.toMatch(/\son[a-z]+=|javascript:|style="/i);
	});
});

it("lets no other origin read or preflight an endpoint (R87)", async () => {
	for (const origin of [
		"null",
		"https://evil.example",
		`${fixture.origin}.evil.example`,
		fixture.origin,
	]) {
		for (const path of [
			"/_portcullis/session",
			"/login",
			"/callback",
			"/logout",
			"/forbidden",
			"/private",
		]) {
			for (const method of ["GET", "OPTIONS"]) {
				const preflight =
					method === "OPTIONS"
						? {
								"access-control-request-method": "POST",
								"access-control-request-headers": "portcullis-request",
							}
						: {};
				const { headers } = await exchange(fixture.origin + path, method, { origin, ...preflight });
				expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual(
					[],
				);
			}
		}
	}
});
