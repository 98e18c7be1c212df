import { type BrowserContext, chromium, type Frame, type Page } from "playwright-core";
import { expect } from "vitest";
import { CHROMIUM } from "../../support/chromium.ts";
import { type Engine, LOOK, type Sight, type View } from "./engine.ts";

/**
 * Playwright turns off that storage is kept apart by embedding site; the last of such lists counts.
 */
const args = [
	...(CHROMIUM.args ?? []),
	"--test-third-party-cookie-phaseout",
	"--disable-features=Translate,HttpsUpgrades",
];

/**
 * Chromium, driven by Playwright over the DevTools protocol, with the back/forward cache that
 * Playwright would turn off.
 */
export async function startChromium(): Promise<Engine> {
	const browser = await chromium.launch({
		...CHROMIUM,
		ignoreDefaultArgs: ["--disable-back-forward-cache"],
		args,
	});
	let profile: BrowserContext | undefined;
	return {
		async newTab() {
			await profile?.close();
			profile = await browser.newContext({ ignoreHTTPSErrors: true });
			profile.setDefaultTimeout(10_000);
			const page = await profile.newPage();
			const [frame, other] = [() => page.frames()[1], () => profile?.pages().at(1)];
			return {
				frame: viewOf(frame),
				popup: viewOf(other),
				open: async (url) => void (await page.goto(url, { waitUntil: "commit" })),
				...viewOf(() => page),
				reload: async () => void (await page.reload({ waitUntil: "commit" })),
				back: () => goBack(page),
			};
		},
		close: () => browser.close(),
	};
}

function viewOf(find: () => Page | Frame | undefined): View {
	const found = async () => {
		await expect.poll(find, { timeout: 10_000 }).toBeDefined();
		return find() as Page;
	};
	return {
		click: async (xpath) =>
			(await found()).locator(`xpath=${xpath}`).first().click({ noWaitAfter: true }),
		look: async () => {
			const view = find();
			if (!view) throw new Error("There is no such document");
			return view.evaluate<Sight>(`(() => {${LOOK}})()`);
		},
	};
}

/**
 * With the back/forward cache the tab changes pages below the driver's feet: for a moment there is
 * none to ask. Nothing has happened then.
 */
async function goBack(page: Page): Promise<void> {
	for (const end = performance.now() + 5000; ; ) {
		try {
			await page.goBack({ waitUntil: "commit" });
			return;
		} catch (error) {
			if (!/Not attached to an active page/.test(String(error)) || performance.now() > end)
				throw error;
			await new Promise((resolve) => setTimeout(resolve, 20));
		}
	}
}
