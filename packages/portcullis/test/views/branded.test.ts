import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Views } from "../../src/views/index.ts";
import { assertFreshBuild } from "../support/built-package.ts";
import { extractCodeBlocks } from "../support/code-blocks.ts";
import { MARKER, sessionCookies, startGate, startHref } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { repositoryFolder } from "../support/source-tree.ts";

// The branded set of docs/views.md, run as it stands there.

const temporary = join(repositoryFolder, ".tmp");
let folder: string;
let views: Partial<Views>;

beforeAll(async () => {
	assertFreshBuild();
	mkdirSync(temporary, { recursive: true });
	folder = mkdtempSync(join(temporary, "branded-"));
	const guide = readFileSync(join(repositoryFolder, "docs/views.md"), "utf8");
	const block = extractCodeBlocks(guide).find(({ code }) => code.startsWith("// server/views.ts\n"));
	writeFileSync(join(folder, "views.ts"), block?.code ?? "");
	({ views } = (await import(pathToFileURL(join(folder, "views.ts")).href)) as { views: Partial<Views> });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("signs in and out, refuses and fails in the brand's own pages and the person's language", async () => {
	expect(Object.keys(views).sort()).toEqual(["callback", "error", "forbidden", "login", "logout"]);
	const { origin, log } = await startGate({ gate: { views, pages: { "/admin": { auth: () => false } } } });
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
