import puppeteer, { type BrowserContext, type Frame, type Page } from "puppeteer-core";
import { expect } from "vitest";
import { type Engine, executable, LOOK, type Sight, type View } from "./engine.ts";

type Document = Page | Frame | undefined;

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
				...viewOf(() => page),
				frame: viewOf(() => page.frames().find((frame) => frame !== page.mainFrame())),
				popup: viewOf(async () => (await profile?.pages())?.find((other) => other !== page)),
				open: async (url) => void (await page.goto(url, { waitUntil: "domcontentloaded" })),
				reload: async () => void (await page.reload({ waitUntil: "domcontentloaded" })),
				back: async () => {
					await page.goBack({ waitUntil: "domcontentloaded" }).catch((error: unknown) => {
						if (!String(error).includes("no such history entry")) throw error;
					});
				},
			};
		},
		close: () => browser.close(),
	};
}

function viewOf(find: () => Document | Promise<Document>): View {
	return {
		async click(xpath) {
			await expect.poll(find, { timeout: 10_000 }).toBeDefined();
			await ((await find()) as Page).locator(`::-p-xpath(${xpath})`).click();
		},
		async look() {
			const view = await find();
			if (!view) throw new Error("There is no such document");
			return (await view.evaluate(`(() => {${LOOK}})()`)) as Sight;
		},
	};
}
