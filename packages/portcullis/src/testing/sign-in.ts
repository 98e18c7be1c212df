/** What is used of a page of Playwright (or anything that has the same two methods). */
export interface BrowserPage {
	goto(url: string): Promise<unknown>;
	click(selector: string): Promise<unknown>;
	waitForURL(url: (url: URL) => boolean): Promise<unknown>;
}

/** Where and with what to sign in. */
export interface SignInOptions {
	/** Address of the app, or of one of its shut pages: where the person ends up. */
	readonly url: string;
	/** Name of the provider whose button is clicked. Default: the first one on the login page. */
	readonly provider?: string;
	/** Path of the gate's login page. Default `/login`. */
	readonly login?: string;
}

/**
 * Signs a person in in a real browser, as a person would: the app's login page, a provider's
 * button, and the card of that person at a provider that `startDevIdp` runs. For Playwright: `await
 * signIn(page, "ada", { url: "http://localhost:3000/notes" })`.
 *
 * @param sub of one of the people of the development identity provider.
 * @throws what the page throws where something is not there, such as a time-out.
 */
export async function signIn(
	page: BrowserPage,
	sub: string,
	options: SignInOptions,
): Promise<void> {
	const target = new URL(options.url);
	const login = options.login ?? "/login";
	const query = new URLSearchParams({ redirect_to: target.pathname + target.search });
	await page.goto(`${target.origin}${login}?${query}`);
	await page.click(`a[href^="${cssText(`${login}/${options.provider ?? ""}`)}"]`);
	await page.click(`button[name="person"][value="${cssText(sub)}"]`);
	await page.waitForURL(
		({ origin, pathname }) => origin === target.origin && pathname === target.pathname,
	);
}

function cssText(text: string): string {
	return text.replace(/["\\\n\r\f]/g, (character) => `\\${character.charCodeAt(0).toString(16)} `);
}
