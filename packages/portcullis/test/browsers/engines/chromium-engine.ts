import { type BrowserContext, chromium } from "playwright-core";
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
				back: async () => void (await page.goBack({ waitUntil: "commit" })),
				look: () => page.evaluate<Sight>(`(() => {${LOOK}})()`),
			};
		},
		close: () => browser.close(),
	};
}
