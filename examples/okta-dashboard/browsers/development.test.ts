import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { assertFreshBuild } from "../../../packages/portcullis/test/support/built-package.ts";
import { exchange } from "../../../packages/portcullis/test/support/scripted-browser.ts";
import { hydrated, launchChromium, visit } from "./support/chromium.ts";
import { exampleFolder, type Running, run } from "./support/dashboard.ts";

let browser: Browser;
let demo: Running;

beforeAll(async () => {
	assertFreshBuild();
	[demo, browser] = await Promise.all([run(["scripts/demo.mjs", "--port", "0"]), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	expect(await demo?.close()).toBe(0);
});

test("the demo names its people, and every page is taken over by React as the server rendered it", async () => {
	expect(demo.output()).toMatch(
		/Ada Lovelace .*everything.*\n.*Vic Viewer .*charts.*\n.*Nora Nogroup .*profile only/,
	);
	const { context, page, complaints } = await visit(browser, demo.url, "Ada Lovelace");
	// In development React says of each attribute and text whether it fits.
	for (const path of ["/", "/admin", "/admin/audit", "/profile"]) {
		const connected = page.waitForEvent(
			"console",
			(message) => message.text() === "[vite] connected.",
		);
		await page.goto(path);
		await connected;
		await hydrated(page);
	}
	await page.getByRole("link", { name: "Overview" }).click();
	await page.getByRole("heading", { level: 1, name: "Sign-ins" }).waitFor();
	expect(complaints).toEqual([]);
	await context.close();
});

test("Vite is behind the guard, and hands out modules of the front end alone", async () => {
	// It does serve what it should, or the refusals below would prove nothing.
	expect((await exchange(`${demo.url}/web/app/root.tsx`, "GET", {})).body).toContain(
		"PortcullisProvider",
	);
	const files = exampleFolder.replaceAll("\\", "/").replace(/^\/?/, "/");
	for (const target of [
		"/server/auth.ts",
		"/web/server/auth.ts",
		"/web/server/directory.ts",
		"/web/server/directory.ts?raw",
		"/web/server/directory.ts?import&raw",
		"/web/server/directory.ts?url&inline",
		"/web/app/../server/auth.ts",
		"/web/app/%2e%2e/server/auth.ts",
		"/web/app/..%2fserver/auth.ts",
		`/web/@fs${files}/server/auth.ts`,
		`/web/@fs${files}/server/auth.ts?raw??`,
		`/web/@fs${files}/app/../server/auth.ts`,
		"/web/package.json",
		"/web/vite.config.ts",
		"/web/.env",
		"/web/@fs/etc/passwd",
		"/@fs/etc/passwd",
		"/@vite/client",
		"/app/root.tsx",
	]) {
		const { status, body } = await exchange(demo.url, "GET", { accept: "*/*" }, undefined, target);
		expect([400, 401, 403, 404], `${target} ${status}`).toContain(status);
		expect(body, target).not.toMatch(
			/extraScopes|LAST_NAMES|defineConfig|devDependencies|OKTA_|root:/,
		);
	}
});
