import {
	type Browser,
	type BrowserContext,
	type BrowserContextOptions,
	chromium,
	type Page,
} from "playwright-core";

export function launchChromium(): Promise<Browser> {
	return chromium.launch({
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
	});
}

/** A browser of somebody's own. */
export interface Visitor {
	readonly context: BrowserContext;
	readonly page: Page;
	/**
	 * What the browser complained about: errors, mismatches of hydration, violations of the content
	 * security policy.
	 */
	readonly complaints: string[];
}

/** Somebody who is signed in, on their profile. */
export async function visit(
	browser: Browser,
	url: string,
	name: string,
	options: BrowserContextOptions = {},
): Promise<Visitor> {
	const context = await browser.newContext({ baseURL: url, colorScheme: "light", ...options });
	const page = await context.newPage();
	const complaints: string[] = [];
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(String(error)));
	await page.goto("/profile");
	await signInAs(page, name);
	return { context, page, complaints };
}

/**
 * From the login page on: the provider's button, then the card of a person. Ends on the page of the
 * app that they come to.
 */
export async function signInAs(page: Page, name: string): Promise<void> {
	const { origin } = new URL(page.url());
	await page.getByRole("link", { name: /^Login with/ }).click();
	await page.getByRole("button", { name }).click();
	await page.waitForURL((url) => url.origin === origin && url.pathname !== "/callback");
}

/**
 * Waits until React has taken over what the server rendered: what is clicked before does nothing.
 */
export async function hydrated(page: Page): Promise<void> {
	await page.waitForFunction(() => {
		const main = document.querySelector("main");
		return main !== null && Object.keys(main).some((key) => key.startsWith("__reactProps"));
	});
}
