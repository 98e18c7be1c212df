import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hydrated, launchChromium, visit } from "./support/chromium.ts";
import { type Dashboard, startDashboard } from "./support/dashboard.ts";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wcag: RunOptions = {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	rules: { "target-size": { enabled: true } },
};
const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };

let browser: Browser;
let app: Dashboard;

beforeAll(async () => {
	[app, browser] = await Promise.all([startDashboard(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

test.each([
	{ colorScheme: "light", viewport: desktop },
	{ colorScheme: "dark", viewport: desktop },
	{ colorScheme: "light", viewport: phone },
	{ colorScheme: "dark", viewport: phone },
] as const)("every page passes axe and fits, $colorScheme, $viewport.width px", async ({ colorScheme, viewport }) => {
	// The policy of the pages would keep axe out.
	const options = { colorScheme, viewport, bypassCSP: true, reducedMotion: "reduce" } as const;
	const ada = await visit(browser, app.url, "Ada Lovelace", options);
	for (const path of ["/", "/admin", "/admin/audit", "/profile", "/nowhere"]) {
		await ada.page.goto(path);
		await hydrated(ada.page);
		expect(await problems(ada.page), path).toEqual([]);
	}
	await ada.page.goto("/");
	await hydrated(ada.page);
	await ada.page.getByText("Show the numbers").click();
	expect(await problems(ada.page), "numbers").toEqual([]);
	await ada.page.goto("/admin");
	await hydrated(ada.page);
	await ada.page.getByRole("button", { name: /Karen Byrne/ }).click();
	await ada.page.getByText(/^Karen Byrne is /).waitFor();
	expect(await problems(ada.page), "message").toEqual([]);
	await ada.context.close();

	const nora = await visit(browser, app.url, "Nora Nogroup", options);
	await hydrated(nora.page);
	expect(await problems(nora.page), "profile without a role").toEqual([]);
	await nora.page.goto("/");
	expect(await problems(nora.page), "forbidden").toEqual([]);
	await nora.context.close();
});

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

async function problems(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	return page.evaluate(async (options) => {
		const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
		const { violations } = await axe.run(options);
		const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
		const { scrollWidth, clientWidth } = document.documentElement;
		return scrollWidth > clientWidth ? [...found, `scrolls sideways by ${scrollWidth - clientWidth} px`] : found;
	}, wcag);
}
