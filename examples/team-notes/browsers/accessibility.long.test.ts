import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { DESKTOP, expectAccessible, PHONE } from "./support/accessibility.ts";
import { launchChromium } from "./support/chromium.ts";
import { type NotesApp, startNotesApp } from "./support/notes-app.ts";

let browser: Browser;
let app: NotesApp;

beforeAll(async () => {
	[app, browser] = await Promise.all([startNotesApp(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

// The looks that accessibility.test.ts leaves out.
test.each([
	{ colorScheme: "dark", viewport: DESKTOP },
	{ colorScheme: "light", viewport: PHONE },
] as const)("every page passes axe and fits, $colorScheme, $viewport.width px", (look) =>
	expectAccessible(browser, app.url, look),
);
