import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { protect } from "../../src/hosts/node/protect.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { type GateFixture, startGate } from "../support/gate-fixture.ts";
import { hearPanelLinks } from "../support/panel-link.ts";
import { listen } from "../support/web-server.ts";

// The developer panel as a developer meets it: in a browser, by the app's own address.

const axeSource = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
	"utf8",
);
const wcag: RunOptions = {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

const printed = hearPanelLinks();
let browser: Browser;
let fixture: GateFixture;

/**
 * As a developer does it: by the link on the console, which the first visit makes the app print.
 */
async function openPanel(page: Page): Promise<void> {
	await page.goto(`${fixture.origin}/_portcullis`);
	await page.goto(printed().at(-1) ?? "");
}

beforeAll(async () => {
	browser = await chromium.launch(CHROMIUM);
	fixture = await startGate({
		env: (env) => ({ ...env, NODE_ENV: "development" }),
		serve: (gate) => listen(protect((_request, response) => response.end("app"), gate)),
		gate: (auth) => ({
			pages: { "/": { auth: false }, "/admin/*": { auth: auth.check("isAdmin", () => false) } },
			assets: ["/assets/*"],
		}),
	});
});
afterAll(async () => {
	await browser?.close();
});

describe.each([
	{ width: 390, height: 844 },
	{ width: 1280, height: 800 },
])("at $width x $height", (viewport) => {
	it.each(["light", "dark"] as const)(
		"in %s it passes axe, and does not scroll sideways",
		async (colorScheme) => {
			const context = await browser.newContext({ viewport, colorScheme, bypassCSP: true });
			const page = await context.newPage();
			expect((await page.goto(`${fixture.origin}/_portcullis`))?.status()).toBe(401);
			expect(await violations(page)).toEqual([]);
			await openPanel(page);
			expect(page.url()).toBe(`${fixture.origin}/_portcullis`);
			expect(await violations(page)).toEqual([]);
			await page.getByRole("link", { name: "Sign in" }).click();
			await page.getByRole("link", { name: /Generic/ }).click();
			await page.waitForURL(`${fixture.origin}/`);
			await page.goto(`${fixture.origin}/_portcullis`);
			expect(await page.getByText("Ada Lovelace (ada), by generic").isVisible()).toBe(true);
			expect(await violations(page)).toEqual([]);
			for (const size of ["100%", "200%"]) {
				const overflow = await page.evaluate((fontSize) => {
					document.documentElement.style.setProperty("font-size", fontSize);
					return document.documentElement.scrollWidth - document.documentElement.clientWidth;
				}, size);
				expect(overflow, size).toBeLessThanOrEqual(0);
			}
			await context.close();
		},
	);
});

it("runs into no policy, and its regions can be reached by keyboard", async () => {
	const context = await browser.newContext();
	const page = await context.newPage();
	const said: string[] = [];
	await openPanel(page);
	page.on("console", (message) => said.push(message.text()));
	await page.goto(`${fixture.origin}/_portcullis`);
	expect(said).toEqual([]);
	expect(await page.getByRole("heading", { level: 2 }).allTextContents()).toEqual([
		"Who is signed in",
		"Providers",
		"Surfaces",
		"Audit trail",
	]);
	expect(await page.locator(".scroll:not([tabindex='0'])").count()).toBe(0);
	await context.close();
});

it("is not there for a page of another origin that links to it, frames it or fetches it", async () => {
	const other = await listen((_request, response) => {
		response.setHeader("content-type", "text/html");
		response.end(
			`<a href="${fixture.origin}/_portcullis">go</a><iframe src="${fixture.origin}/_portcullis"></iframe>`,
		);
	});
	const context = await browser.newContext();
	const page = await context.newPage();
	await openPanel(page);
	const answers: number[] = [];
	page.on("response", (response) => {
		if (response.url().endsWith("/_portcullis")) answers.push(response.status());
	});
	// Another site to the browser, by its name.
	await page.goto(other.origin.replace("localhost", "127.0.0.1"));
	await page.getByRole("link", { name: "go" }).click();
	await page.waitForURL(`${fixture.origin}/_portcullis`);
	expect(answers).toEqual([404, 404]);
	await context.close();
});

it("shows nothing of the app to a browser that has not opened the link, and opens with it once for each browser", async () => {
	const contexts = [await browser.newContext(), await browser.newContext()];
	for (const context of contexts) {
		const page = await context.newPage();
		await page.goto(`${fixture.origin}/_portcullis`);
		expect(await page.getByRole("heading").allTextContents()).toEqual([
			"Open the panel from the console",
		]);
		await page.goto(printed().at(-1) ?? "");
		expect(page.url()).toBe(`${fixture.origin}/_portcullis`);
		await page.reload();
		expect(await page.getByRole("heading", { name: "Who is signed in" }).isVisible()).toBe(true);
		expect(await page.evaluate(() => document.cookie)).toBe("");
	}
	for (const context of contexts) await context.close();
});

async function violations(page: Page): Promise<string[]> {
	await page.addScriptTag({ content: axeSource });
	const results = (await page.evaluate(
		(options) =>
			(window as unknown as { axe: { run(o: RunOptions): Promise<AxeResults> } }).axe.run(options),
		wcag,
	)) as AxeResults;
	return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
