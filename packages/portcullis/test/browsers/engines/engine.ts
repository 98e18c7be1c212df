/** A browser engine under test, whatever drives it. */
export interface Engine {
	/** A tab in a fresh profile: no cookies, no history. Closes the one before. */
	newTab(): Promise<Tab>;
	close(): Promise<void>;
}

/**
 * A document that a person looks at. Whoever clicks does not wait: where a page leads, the test
 * waits for.
 */
export interface View {
	/** Clicks the first element that an XPath finds, with a real input event, once it is there. */
	click(xpath: string): Promise<void>;
	/**
	 * What is shown now. Rejects while one page gives way to the next, and where there is no such
	 * document.
	 */
	look(): Promise<Sight>;
}

/** The tab that a person looks at. */
export interface Tab extends View {
	/** Types an address. */
	open(url: string): Promise<void>;
	/** The toolbar's reload. */
	reload(): Promise<void>;
	/** The toolbar's Back; nothing where it would be grey. */
	back(): Promise<void>;
	/** The only frame of its page. */
	readonly frame: View;
	/** The other window that there is. */
	readonly popup: View;
}

/** What a person sees, and what a script of the page would. */
export interface Sight {
	readonly url: string;
	/** Text of the first heading; empty where there is none. */
	readonly heading: string;
	/** The whole text, hidden parts included. */
	readonly text: string;
	/** What of it can be seen. */
	readonly shown: string;
	readonly referrer: string;
	/** Texts of the scripts in the page. */
	readonly scripts: readonly string[];
}

/**
 * Source of a function body that returns a `Sight` in any browser; not before the page is whole.
 */
export const LOOK = `
	if (document.readyState !== "complete") throw new Error("still loading");
	return {
		url: location.href,
		heading: document.querySelector("h1")?.textContent ?? "",
		text: document.body?.textContent ?? "",
		shown: document.body?.innerText ?? "",
		referrer: document.referrer,
		scripts: Array.from(document.scripts, ({ text }) => text),
	};`;

/** XPath of a link by its whole text. */
export function link(text: string): string {
	return `//a[normalize-space(.)="${text}"]`;
}

/** XPath of a button by a part of its text. */
export function button(text: string): string {
	return `//button[contains(normalize-space(.), "${text}")]`;
}

/** The browser that the runner found, by the variable that names it. */
export function executable(variable: string): string {
	const path = process.env[variable];
	if (!path)
		throw new Error(`${variable} is not set: run these tests with \`npm run test:browsers\``);
	return path;
}
