import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, expectAccessible, PHONE } from "./support/accessibility.ts";
import { hydrated, launchChromium, visit } from "./support/chromium.ts";
import { type Dashboard, startDashboard } from "./support/dashboard.ts";

let browser: Browser;
let app: Dashboard;

beforeAll(async () => {
	[app, browser] = await Promise.all([startDashboard(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

// The other looks: accessibility.long.test.ts.
test.each([
	{ colorScheme: "light", viewport: DESKTOP },
	{ colorScheme: "dark", viewport: PHONE },
] as const)("every page passes axe and fits, $colorScheme, $viewport.width px", (look) =>
	expectAccessible(browser, app.url, look),
);

test("the keyboard is enough: skip link, range and role", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	await page.goto("/");
	await hydrated(page);
	await page.keyboard.press("Tab");
	expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
	await page.keyboard.press("Enter");
	await page.keyboard.press("Tab");
	await page.keyboard.press("ArrowRight");
	await page.getByRole("img", { name: /Sign-ins of 90 days/ }).waitFor();
	await context.close();
});
