import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	chromium,
	type LaunchOptions,
	type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type AppFixture, startAppFixture } from "./app-fixture.ts";
import { type OtherSite, startOtherSite } from "./other-site.ts";

/** How the tests start Chromium: it talks to nobody but the loopback. */
export const CHROMIUM: LaunchOptions = {
	executablePath: process.env.PORTCULLIS_CHROMIUM ?? "/usr/bin/chromium",
	args: [
		"--no-sandbox",
		"--disable-gpu",
		"--disable-quic",
		"--no-first-run",
		"--disable-background-networking",
		"--disable-component-update",
		"--disable-sync",
	],
};

/** What a file of browser tests works with; filled before its first test. */
export interface Stage {
	browser: Browser;
	app: AppFixture;
	other: OtherSite;
	/** A fresh profile, closed after the test. */
	profile(options?: BrowserContextOptions): Promise<BrowserContext>;
	/** A tab in a fresh profile. */
	tab(options?: BrowserContextOptions): Promise<Page>;
}

/**
 * Starts a browser, the app with its identity provider, and another site for a test file, and stops
 * them after it. What the gate logs in a test must be taken by the test.
 */
export function useStage(launch: LaunchOptions = {}): Stage {
	const stage = {} as Stage;
	const profiles: BrowserContext[] = [];
	stage.profile = async (options) => {
		const profile = await stage.browser.newContext(options);
		profile.setDefaultTimeout(10_000);
		profiles.push(profile);
		return profile;
	};
	stage.tab = async (options) => (await stage.profile(options)).newPage();

	beforeAll(async () => {
		[stage.browser, stage.app, stage.other] = await Promise.all([
			chromium.launch({ ...CHROMIUM, ...launch }),
			startAppFixture(),
			startOtherSite(),
		]);
	});
	afterEach(async () => {
		await Promise.all(profiles.splice(0).map((profile) => profile.close()));
		stage.app.clockOffset = 0;
		stage.app.beforeRequest = undefined;
		stage.app.dropCookie = undefined;
		stage.app.forgetVisits();
		expect(stage.app.takeLog(), "what the gate logged, and no test took").toEqual([]);
	});
	afterAll(async () => {
		await stage.browser?.close();
		await Promise.all([stage.app?.close(), stage.other?.close()]);
	});
	return stage;
}

/** The provider's button on the login page, by its name. */
export const LOGIN = { name: "Login with Single sign-on" } as const;

/**
 * Signs in from wherever the login page is shown: the provider's button, then the person's card on
 * the provider's page.
 */
export async function signIn(page: Page, person = "Ada Lovelace"): Promise<void> {
	await page.getByRole("link", LOGIN).click();
	await page.getByRole("button", { name: person }).click();
}

/** Opens a protected page and signs in on the way to it. */
export async function openSignedIn(
	page: Page,
	url: string,
	person = "Ada Lovelace",
): Promise<void> {
	await page.goto(url);
	await signIn(page, person);
	await page.waitForURL(url);
}

/** Every address in the tab's history, oldest first. */
export async function historyOf(page: Page): Promise<string[]> {
	const session = await page.context().newCDPSession(page);
	const { entries } = await session.send("Page.getNavigationHistory");
	await session.detach();
	return entries.map(({ url }) => url);
}

/**
 * Presses Back, or Forward, and waits for the page, also for one out of the back/forward cache,
 * which loads nothing.
 */
export async function goBack(page: Page): Promise<void> {
	await page.goBack({ waitUntil: "commit" });
	await page.waitForFunction(() => document.readyState === "complete");
}

export async function goForward(page: Page): Promise<void> {
	await page.goForward({ waitUntil: "commit" });
	await page.waitForFunction(() => document.readyState === "complete");
}

/** A link that a person clicks, on another site: its page's URL. */
export function linkFrom(other: OtherSite, href: string, attributes = ""): string {
	return other.publish(
		`link-${encodeURIComponent(href)}`,
		`<a href="${href.replaceAll("&", "&amp;")}" ${attributes}>Go</a>`,
	);
}
