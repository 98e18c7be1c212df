import { beforeAll, expect, test } from "vitest";
import type { Views } from "../../src/views/index.ts";
import { MARKER, sessionCookies, startGate, startHref } from "../support/gate-fixture.ts";
import { loadGuideViews } from "../support/guide-views.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// The branded set of docs/views.md, run as it stands there.

let views: Partial<Views>;

beforeAll(async () => {
	views = await loadGuideViews();
});

test("signs in and out, refuses and fails in the brand's own pages and the person's language", async () => {
	expect(Object.keys(views).sort()).toEqual(["callback", "error", "forbidden", "login", "logout"]);
	const { origin, log } = await startGate({
		auth: { ui: { views } },
		gate: { pages: { "/admin": { auth: () => false } } },
	});
	const browser = new ScriptedBrowser();
	const french = { headers: { "accept-language": "fr" } };
	const login = await browser.navigate(`${origin}/private`, french);
	expect(login.body).toContain('<html lang="fr">');
	expect(login.body).toContain("Se connecter avec generic".replace("generic", "Generic"));
	const app = await browser.click(startHref(login, "generic"), french);
	expect(app.body).toContain(MARKER);
	expect(browser.trail.some((step) => step.includes("/callback?"))).toBe(true);

	const forbidden = await browser.navigate(`${origin}/admin`, french);
	expect([forbidden.status, forbidden.body]).toEqual([
		403,
		expect.stringContaining("Vous n’avez pas accès à cette page"),
	]);
	const error = await browser.navigate(`${origin}/login/nobody`, french);
	expect([error.status, error.body]).toEqual([
		404,
		expect.stringMatching(/Page introuvable[\s\S]*<code>\w{12}<\/code>/),
	]);
	const asking = await browser.navigate(`${origin}/logout`, french);
	for (const page of [login, forbidden, error, asking])
		expect(page.body).toContain('<p class="brand">The Bakehouse</p>');
	await browser.submit(asking);
	expect(sessionCookies(browser)).toEqual([]);
	// No builder was replaced by its default.
	expect(log.filter(({ code }) => code === "internal_error")).toEqual([]);
});
