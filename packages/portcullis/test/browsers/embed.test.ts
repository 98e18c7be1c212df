import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { memory } from "../../src/state.ts";
import { type AppFixture, type AppFixtureOptions, SECRET, startAppFixture } from "../support/app-fixture.ts";
import { CHROMIUM, LOGIN } from "../support/chromium.ts";
import { type OtherSite, startOtherSite } from "../support/other-site.ts";

// The app is on localhost, the portal that frames it on 127.0.0.1: two sites. Third-party cookies are blocked, as browsers are about to do.

let browser: Browser;
let portal: OtherSite;
const apps: AppFixture[] = [];

beforeAll(async () => {
	[browser, portal] = await Promise.all([
		chromium.launch({ ...CHROMIUM, args: [...(CHROMIUM.args ?? []), "--test-third-party-cookie-phaseout"] }),
		startOtherSite(),
	]);
});
afterAll(async () => {
	await browser?.close();
	await Promise.all([...apps.map((app) => app.close()), portal?.close()]);
});

test("signs in by a popup, in a frame of another site", async () => {
	const app = await embeddedApp();
	const { page, frame } = await openPortal(app);
	const popup = await openPopup(page, frame);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await frame.getByText("Signed in as Ada Lovelace").waitFor();
	expect(await frame.locator("#text").textContent()).toBe(SECRET);
	expect(popup.isClosed()).toBe(true);
});

/** An app that the portal may frame. */
async function embeddedApp(options: AppFixtureOptions = {}): Promise<AppFixture> {
	const app = await startAppFixture({
		...options,
		gate: { embed: { ancestors: [portal.origin] }, store: memory(), ...options.gate },
	});
	apps.push(app);
	return app;
}

async function openPortal(app: AppFixture, path = "/notes") {
	const context = await browser.newContext();
	context.setDefaultTimeout(10_000);
	const page = await context.newPage();
	await page.goto(
		portal.publish(`portal-${apps.indexOf(app)}`, `<iframe id="app" src="${app.origin}${path}"></iframe>`),
	);
	return { context, page, frame: page.frameLocator("#app") };
}

async function openPopup(page: Page, frame: ReturnType<Page["frameLocator"]>): Promise<Page> {
	const [popup] = await Promise.all([page.waitForEvent("popup"), frame.getByRole("link", LOGIN).click()]);
	return popup;
}
