import { type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "../../support/chromium.ts";
import { type Engine, LOOK, type Sight } from "./engine.ts";

/** Chromium, driven by Playwright over the DevTools protocol, with the back/forward cache that Playwright would turn off. */
export async function startChromium(): Promise<Engine> {
	const browser = await chromium.launch({ ...CHROMIUM, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
	let profile: BrowserContext | undefined;
	return {
		async newTab() {
			await profile?.close();
			profile = await browser.newContext({ ignoreHTTPSErrors: true });
			profile.setDefaultTimeout(10_000);
			const page = await profile.newPage();
			return {
				open: async (url) => void (await page.goto(url, { waitUntil: "commit" })),
				click: (xpath) => page.locator(`xpath=${xpath}`).first().click({ noWaitAfter: true }),
				reload: async () => void (await page.reload({ waitUntil: "commit" })),
				back: () => goBack(page),
				look: () => page.evaluate<Sight>(`(() => {${LOOK}})()`),
			};
		},
		close: () => browser.close(),
	};
}

/** With the back/forward cache the tab changes pages below the driver's feet: for a moment there is none to ask. Nothing has happened then. */
async function goBack(page: Page): Promise<void> {
	for (const end = performance.now() + 5000; ; ) {
		try {
			await page.goBack({ waitUntil: "commit" });
			return;
		} catch (error) {
			if (!/Not attached to an active page/.test(String(error)) || performance.now() > end) throw error;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}
