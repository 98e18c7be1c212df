import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AppFixture, SECRET, startAppFixture } from "../../support/app-fixture.ts";
import { LOGIN } from "../../support/chromium.ts";
import { type OtherSite, startOtherSite } from "../../support/other-site.ts";
import { makeCertificate } from "./certificate.ts";
import { startChromium } from "./chromium-engine.ts";
import { button, type Engine, link, type Sight, type Tab } from "./engine.ts";
import { startFirefox } from "./firefox-engine.ts";
import { see } from "./see.ts";
import { startWebKit } from "./webkit-engine.ts";

const ADA = "Ada Lovelace";
const usual = { extraRequests: 0, keepsCookiesOnPlainLocalhost: true, losesIsolatedPages: false };
const engines = [
	{ ...usual, name: "Chromium", start: startChromium },
	// May ask for a page one time more than needed, after a repeat with a fragment.
	{ ...usual, name: "Firefox", start: startFirefox, extraRequests: 1 },
	// Its driver loses sight of the tab once Back has fetched a page with Cross-Origin-Opener-Policy.
	// The page itself is whole.
	{
		...usual,
		name: "WebKit",
		start: startWebKit,
		keepsCookiesOnPlainLocalhost: false,
		losesIsolatedPages: true,
	},
];

describe.each(engines)(
	"$name",
	({ start, extraRequests, keepsCookiesOnPlainLocalhost, losesIsolatedPages }) => {
		let engine: Engine;
		let app: AppFixture;
		let plain: AppFixture;
		let other: OtherSite;
		let tab: Tab;

		beforeAll(async () => {
			// https, because WebKit keeps no Secure cookie on plain http, not even on localhost.
			const tls = await makeCertificate();
			[engine, app, plain, other] = await Promise.all([
				start(),
				startAppFixture({ tls }),
				startAppFixture(),
				startOtherSite(),
			]);
		});
		afterEach(() => {
			app.clockOffset = 0;
			app.dropHeader = undefined;
			app.forgetVisits();
			plain.forgetVisits();
			expect(
				[...app.takeLog(), ...plain.takeLog()],
				"what the gate logged, and no test took",
			).toEqual([]);
		});
		afterAll(async () => {
			await engine?.close();
			await Promise.all([app?.close(), plain?.close(), other?.close()]);
		});

		it("signs in: from the shut page to the provider and back to that page, with the Strict cookies", async () => {
			tab = await engine.newTab();
			await tab.open(`${app.origin}/notes/1?sort=new`);
			await see(tab, "Sign in");
			await signIn(tab);
			const sight = await see(tab, "Note 1");
			expect(sight).toMatchObject({ url: `${app.origin}/notes/1?sort=new`, referrer: "" });
			expect(sight.text).toContain(`Signed in as ${ADA}`);
			expect(app.visitsTo("/callback").map(({ status }) => status)).toEqual([200]);
			expect(app.visitsTo("/notes/1").map(({ status }) => status)).toEqual([302, 200]);
		});

		it("signs in silently, without a click at the provider", async () => {
			tab = await openSignedIn("/notes");
			await tab.open(`${app.origin}/login?redirect_to=/notes/2`);
			await see(tab, "Sign in");
			app.forgetVisits();
			await tab.click(link(LOGIN.name));
			const sight = await see(tab, "Note 2");
			expect(sight.text).toContain(`Signed in as ${ADA}`);
			expect(sight.referrer).toBe("");
			expect(app.visits.map(({ path }) => path.split("?", 1)[0])).toEqual([
				"/login/generic",
				"/callback",
				"/notes/2",
			]);
		});

		it("opens a link from another site for a signed-in person, fragment and query included", async () => {
			tab = await openSignedIn("/notes");
			await follow(tab, "/notes/7?a=1&b=2#part-2");
			const sight = await see(tab, "Note 7");
			expect(sight.url).toBe(`${app.origin}/notes/7?a=1&b=2#part-2`);
			expect(sight.text).toContain(SECRET);
			const visits = app.visitsTo("/notes/7");
			expect(visits.length).toBeGreaterThanOrEqual(2);
			expect(visits.length).toBeLessThanOrEqual(2 + extraRequests);
			expect(visits[0]?.header("cookie") ?? "").not.toMatch(/-at=/);
			expect(visits.at(-1)?.header("cookie")).toMatch(/-at=/);
		});

		it("keeps that page open with a reload of the toolbar", async () => {
			tab = await openSignedIn("/notes");
			await follow(tab, "/notes/8#end");
			await see(tab, "Note 8");
			app.forgetVisits();
			for (let i = 1; i <= 4; i++) {
				await tab.reload();
				await expect
					.poll(() => app.visitsTo("/notes/8").length, { timeout: 10_000 })
					.toBeGreaterThanOrEqual(i);
				const sight = await see(tab, "Note 8");
				expect(sight.url).toBe(`${app.origin}/notes/8#end`);
				expect(sight.text).toContain(SECRET);
			}
			// At most one repeat a reload; a loop would have ended on the page that explains.
			expect(app.visitsTo("/notes/8").length).toBeLessThanOrEqual(8);
		});

		it("shows a check's page from another site, and the same person", async () => {
			tab = await openSignedIn("/notes");
			await follow(tab, "/admin");
			expect((await see(tab, "Admin")).text).toContain(`Signed in as ${ADA}`);
		});

		it("with a marker that is out of date, a link from another site ends at the login page", async () => {
			tab = await openSignedIn("/notes");
			// Eight days: the session has ended for the server, and the browser still has all of its
			// cookies.
			app.clockOffset = 8 * 86_400;
			await follow(tab, "/notes/7");
			await see(tab, "Sign in");
			expect(app.visitsTo("/notes/7").map(({ status }) => status)).toEqual([200, 302]);
		});

		it("Back after a login does not reach the callback", async () => {
			keepSight();
			tab = await openSignedIn("/notes");
			app.forgetVisits();
			await tab.back();
			await tab.back();
			await see(tab, "Sign in");
			expect(app.visitsTo("/callback")).toEqual([]);
			await tab.open(`${app.origin}/notes`);
			expect((await see(tab, "Notes")).text).toContain(`Signed in as ${ADA}`);
		});

		it("Back with all its headers asks for the login page again, and for nothing else", async () => {
			tab = await openSignedIn("/notes");
			app.forgetVisits();
			await tab.back();
			await expect
				.poll(() =>
					tab.look().then(
						({ url }) => new URL(url).origin,
						() => "",
					),
				)
				.toBe(app.idp.issuer);
			await tab.back();
			const paths = () => app.visits.map(({ path, status }) => `${status} ${path}`);
			await expect.poll(paths, { timeout: 10_000 }).toEqual(["200 /login?redirect_to=%2Fnotes"]);
		});

		it("signs out: here and at the provider, and no cookie stays", async () => {
			tab = await openSignedIn("/notes");
			await signOut(tab);
			app.forgetVisits();
			await tab.open(`${app.origin}/notes`);
			await see(tab, "Sign in");
			expect(
				app.visitsTo("/notes").map(({ header }) => header("cookie")?.includes("__Host-") ?? false),
			).toEqual([false]);
			await tab.click(link(LOGIN.name));
			await see(tab, "Choose who you are");
		});

		it("Back after a logout shows nothing that was protected, nor does it to the next person", async () => {
			keepSight();
			tab = await openSignedIn("/notes");
			await tab.click(link("Admin"));
			expect((await see(tab, "Admin")).text).toContain(SECRET);
			await signOut(tab);
			const seen: (string | undefined)[] = [];
			for (let steps = 1; steps <= 3; steps++) {
				await tab.back();
				seen.push(await expectNothingOf(tab, ADA));
			}
			// Back did reach those pages, and each was asked for anew and refused.
			expect(seen).toContain(`${app.origin}/login?redirect_to=${encodeURIComponent("/admin")}`);
			expect(app.visitsTo("/admin").map(({ status }) => status)).toEqual([200, 302]);
			await tab.open(`${app.origin}/notes`);
			await see(tab, "Sign in");
			await signIn(tab, "Vic Viewer");
			expect((await see(tab, "Notes")).text).toContain("Signed in as Vic Viewer");
			for (let steps = 1; steps <= 5; steps++) {
				await tab.back();
				await expectNothingOf(tab, ADA);
			}
		});

		it("a link from another site to the start, or to the logout, does neither by itself", async () => {
			tab = await openSignedIn("/notes");
			app.forgetVisits();
			await follow(tab, "/login/generic");
			await see(tab, "Sign in");
			await follow(tab, "/logout");
			// The page is whole, and its scripts have run: one that pressed the button would have sent
			// something.
			expect((await see(tab, "Sign out?")).scripts).toEqual([
				expect.not.stringMatching(/form button"\)\.click/),
			]);
			expect(app.visits.flatMap(({ setCookies }) => setCookies)).toEqual([]);
			await tab.open(`${app.origin}/notes`);
			expect((await see(tab, "Notes")).text).toContain(`Signed in as ${ADA}`);
		});

		it("a form of another site to the logout is refused", async () => {
			tab = await openSignedIn("/notes");
			await tab.open(
				other.publish(
					"forged",
					`<h1>Forged</h1><form method="post" action="${app.origin}/logout"><button>Win</button></form>`,
				),
			);
			app.forgetVisits();
			await tab.click(button("Win"));
			await see(tab, "Sign out?");
			expect(
				app.visits.map(({ method, status, setCookies }) => [method, status, setCookies]),
			).toEqual([["POST", 403, []]]);
			await tab.open(`${app.origin}/notes`);
			expect((await see(tab, "Notes")).text).toContain(`Signed in as ${ADA}`);
		});

		it("on http://localhost: signs in, or explains that the browser keeps no cookies there; never a loop", async () => {
			tab = await engine.newTab();
			await tab.open(`${plain.origin}/notes`);
			await see(tab, "Sign in");
			await signIn(tab);
			if (keepsCookiesOnPlainLocalhost) {
				expect((await see(tab, "Notes")).text).toContain(`Signed in as ${ADA}`);
				return;
			}
			const sight = await see(tab, "Your browser did not keep the cookies");
			expect(sight.text).toContain("Safari on http://localhost");
			const [entry, ...more] = plain.takeLog();
			expect([entry?.code, more]).toEqual(["cookies_blocked", []]);
			expect(sight.text).toContain(entry?.id);
			expect(plain.visits.map(({ path }) => path.split("?", 1)[0])).toEqual([
				"/notes",
				"/login",
				"/login/generic",
				"/callback",
			]);
		});

		/**
		 * For tests that go on after Back. Without the header a page is kept in more caches, not in
		 * fewer.
		 */
		function keepSight(): void {
			if (losesIsolatedPages) app.dropHeader = "cross-origin-opener-policy";
		}

		async function openSignedIn(path: string): Promise<Tab> {
			const opened = await engine.newTab();
			await opened.open(app.origin + path);
			await see(opened, "Sign in");
			await signIn(opened);
			await see(opened, "Notes");
			return opened;
		}

		/** Clicks a link to the app on another site. */
		async function follow(from: Tab, path: string): Promise<void> {
			const href = (app.origin + path).replaceAll("&", "&amp;");
			await from.open(
				other.publish(`to-${encodeURIComponent(path)}`, `<h1>Mail</h1><a href="${href}">Go</a>`),
			);
			await see(from, "Mail");
			await from.click(link("Go"));
		}
	},
);

async function signIn(tab: Tab, person = ADA): Promise<void> {
	await tab.click(link(LOGIN.name));
	await tab.click(button(person));
}

async function signOut(tab: Tab): Promise<void> {
	await tab.click(link("Sign out"));
	expect((await see(tab, "You are signed out")).text).toContain("has ended too");
}

/** Waits for whatever page there is, and looks for what only a signed-in person may see. */
async function expectNothingOf(tab: Tab, person: string): Promise<string | undefined> {
	let sight: Sight | undefined;
	const look = async () => {
		sight = await tab.look().catch(() => undefined);
		return sight !== undefined;
	};
	await expect.poll(look, { timeout: 15_000 }).toBe(true);
	expect(sight?.text, sight?.url).not.toContain(`Signed in as ${person}`);
	expect(sight?.text, sight?.url).not.toContain(SECRET);
	return sight?.url;
}
