import { expect, it } from "vitest";
import {
	allCookies,
	type GateFixture,
	MARKER,
	startGate,
	startHref,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

// Browsers that say nothing of where a navigation comes from. What a real one makes of these pages
// is in test/browsers/without-sec-fetch.test.ts.

const HTML = { accept: "text/html" };

/** The login page as such a browser gets it: its cookie, and where its button leads. */
async function openLogin({ origin }: GateFixture, cookie?: string) {
	const page = await exchange(`${origin}/login`, "GET", { ...HTML, ...(cookie ? { cookie } : {}) });
	const [own = ""] = page.setCookies.map((line) => line.split(";", 1)[0] ?? "");
	return { cookie: own, href: origin + startHref(page, "generic"), setCookies: page.setCookies };
}

it("a link of the login page begins a login in the browser that got it, and in no other", async () => {
	const fixture = await startGate();
	const [own, other] = [await openLogin(fixture), await openLogin(fixture)];
	expect(own.setCookies).toEqual([
		expect.stringMatching(
			/^__Host-portcullis-start=[a-f0-9]{32}; Path=\/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict$/,
		),
	]);
	const bare = own.href.split("?", 1)[0] ?? "";
	const forged = "__Host-portcullis-start=";
	const attempts: readonly (readonly [string, string, Record<string, string>, number])[] = [
		["both", own.href, { cookie: own.cookie }, 302],
		["the link alone", own.href, {}, 200],
		["the cookie alone", bare, { cookie: own.cookie }, 200],
		["another's link", other.href, { cookie: own.cookie }, 200],
		["another's cookie", own.href, { cookie: other.cookie }, 200],
		["a cookie of nothing", own.href, { cookie: forged }, 200],
		["a page of ours", bare, { referer: `${fixture.origin}/notes` }, 302],
		["a page of another site", bare, { referer: "https://evil.example/" }, 200],
		["one whose name begins as ours", bare, { referer: `${fixture.origin}.evil.example/` }, 200],
		// What a browser does say is above all that.
		[
			"both, from another site",
			own.href,
			{ cookie: own.cookie, "sec-fetch-site": "cross-site" },
			200,
		],
	];
	for (const [how, href, headers, status] of attempts) {
		const answer = await exchange(href, "GET", { ...HTML, ...headers });
		const begins = answer.setCookies.some((line) => line.includes("-tx-"));
		expect([how, answer.status, begins]).toEqual([how, status, status === 302]);
	}
	// All that could not be placed, in two lines: without the cookie, and without the link.
	expect(fixture.log.map(({ code, level }) => `${level} ${code}`)).toEqual([
		"warning cookies_blocked",
		"warning csrf_failed",
	]);
});

it("it is good for twelve hours, and for every tab", async () => {
	const fixture = await startGate();
	const first = await openLogin(fixture);
	const second = await openLogin(fixture, first.cookie);
	expect(second.cookie).toBe(first.cookie);
	const begin = async () =>
		(await exchange(first.href, "GET", { ...HTML, cookie: first.cookie })).status;
	fixture.clock.ahead = 43_100;
	expect(await begin()).toBe(302);
	fixture.clock.ahead = 43_300;
	expect(await begin()).toBe(200);
});

it("a browser that says where it comes from gets neither", async () => {
	const { origin } = await startGate();
	const page = await exchange(`${origin}/login`, "GET", { ...HTML, "sec-fetch-site": "none" });
	expect([page.setCookies, page.body.includes("from=")]).toEqual([[], false]);
});

it("a page names no id of a line that the log had no room for", async () => {
	const fixture = await startGate({ auth: { http: { trustProxy: true } } });
	// A stranger with many networks uses up what the log takes of one code.
	for (let network = 0; network < 25; network++) {
		const headers = { origin: "https://evil.example", "x-forwarded-for": `198.51.${network}.1` };
		const forged = () =>
			new Request(`${fixture.origin}/_portcullis/refresh`, { method: "POST", headers });
		for (let i = 0; i < 10; i++) await fixture.gate.handle(forged(), () => new Response());
	}
	expect(new Set(fixture.log.map(({ code }) => code))).toEqual(new Set(["csrf_failed"]));
	const pages = [
		await exchange(`${fixture.origin}/login/generic`, "GET", HTML),
		await exchange(`${fixture.origin}/login/generic`, "GET", HTML),
	];
	const ids = new Set(fixture.log.map(({ id }) => id));
	for (const { status, body } of pages) {
		const shown = [...body.matchAll(/<code>([\w-]+)<\/code>/g)].map(([, id]) => id);
		expect([status, shown.filter((id) => !ids.has(id))]).toEqual([200, []]);
		expect(body).toContain('class="notice"');
	}
});

it("an address out of a mail, or another site's that redirects here, ends nobody's session", async () => {
	const fixture = await startGate();
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	// What browsers send with what is typed or opened out of another program: also where that address
	// has redirected.
	const typed = {
		...HTML,
		"sec-fetch-site": "none",
		"sec-fetch-mode": "navigate",
		"sec-fetch-dest": "document",
	};
	const start = `${fixture.origin}/login/generic?redirect_to=/private`;
	const all = allCookies(browser);
	// Firefox withholds the Strict cookies after such a redirect, Chromium does not.
	const [sessionHint = ""] = all.split("; ").filter((cookie) => cookie.includes("-on="));
	for (const cookie of [all, sessionHint]) {
		const answer = await exchange(start, "GET", { ...typed, cookie });
		expect([answer.status, answer.setCookies]).toEqual([200, []]);
		expect(new URL(startHref(answer, "generic"), start).pathname).toBe("/login/generic");
	}
	expect((await browser.navigate(`${fixture.origin}/private`)).body).toContain(MARKER);
	// Where nobody is signed in, a bookmark of it is as good as ever.
	expect((await exchange(start, "GET", typed)).status).toBe(302);
});
