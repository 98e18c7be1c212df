import { type Browser, chromium, type Locator, type Page } from "playwright-core";

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

/** Opens the notes and signs in on the way. */
export async function openNotesAs(page: Page, name: string): Promise<void> {
	await page.goto("/notes");
	await signInAs(page, name);
	await page.getByRole("heading", { level: 1, name: "Notes" }).waitFor();
}

/** By the form, to the end. */
export async function addNote(page: Page, text: string): Promise<void> {
	await page.getByLabel("New note").fill(text);
	await page.getByRole("button", { name: "Add note" }).click();
	await noteIn(page, text).first().waitFor();
}

/** A note in the list; what stands in the form is none. */
export function noteIn(page: Page, text: string): Locator {
	return page.getByRole("listitem").filter({ has: page.getByText(text, { exact: true }) });
}

/** From the navigation bar to the page that says how far it went. */
export async function signOut(page: Page): Promise<void> {
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: /signed out/i }).waitFor();
}
