import puppeteer, { type BrowserContext } from "puppeteer-core";
import { type Engine, executable, LOOK, type Sight } from "./engine.ts";

/** Firefox, driven by Puppeteer over WebDriver BiDi. */
export async function startFirefox(): Promise<Engine> {
	const browser = await puppeteer.launch({
		browser: "firefox",
		executablePath: executable("PORTCULLIS_FIREFOX"),
		acceptInsecureCerts: true,
		headless: true,
	});
	let profile: BrowserContext | undefined;
	return {
		async newTab() {
			await profile?.close();
			profile = await browser.createBrowserContext();
			const page = await profile.newPage();
			page.setDefaultTimeout(10_000);
			return {
				open: async (url) => void (await page.goto(url, { waitUntil: "domcontentloaded" })),
				click: (xpath) => page.locator(`::-p-xpath(${xpath})`).click(),
				reload: async () => void (await page.reload({ waitUntil: "domcontentloaded" })),
				back: async () => {
					await page.goBack({ waitUntil: "domcontentloaded" }).catch((error: unknown) => {
						if (!String(error).includes("no such history entry")) throw error;
					});
				},
				look: async () => (await page.evaluate(`(() => {${LOOK}})()`)) as Sight,
			};
		},
		close: () => browser.close(),
	};
}
