import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { memory } from "../../../src/state.ts";
import { type AppFixture, SECRET, startAppFixture } from "../../support/app-fixture.ts";
import { LOGIN } from "../../support/chromium.ts";
import { type OtherSite, startOtherSite } from "../../support/other-site.ts";
import { makeCertificate } from "./certificate.ts";
import { startChromium } from "./chromium-engine.ts";
import { button, type Engine, link, type Tab, type View } from "./engine.ts";
import { startFirefox } from "./firefox-engine.ts";
import { see } from "./see.ts";
import { startWebKit } from "./webkit-engine.ts";

// The app is on localhost, the portal that frames it on 127.0.0.1: two sites.

const ADA = "Ada Lovelace";
const engines = [
	{ name: "Chromium", start: startChromium, keepsPartitionedCookies: true },
	{ name: "Firefox", start: startFirefox, keepsPartitionedCookies: true },
	// WebKitGTK blocks the cookies of other sites' frames, and has no partitions for them.
	{ name: "WebKit", start: startWebKit, keepsPartitionedCookies: false },
];

describe.each(engines)("$name", ({ start, keepsPartitionedCookies }) => {
	let engine: Engine;
	let portal: OtherSite;
	/** Its provider lets a popup reach its opener. */
	let plain: AppFixture;
	/** Its provider cuts popups off. */
	let severed: AppFixture;

	beforeAll(async () => {
		const tls = await makeCertificate();
		portal = await startOtherSite();
		const auth = () => ({ http: { embed: { ancestors: [portal.origin] } }, store: memory() });
		[engine, plain, severed] = await Promise.all([
			start(),
			startAppFixture({ tls, auth: auth() }),
			startAppFixture({
				tls,
				auth: auth(),
				idp: { openerPolicy: "same-origin" },
			}),
		]);
	});
	afterEach(() => {
		for (const app of [plain, severed]) {
			app.forgetVisits();
			app.takeLog();
		}
	});
	afterAll(async () => {
		await engine?.close();
		await Promise.all([plain, severed, portal].map((one) => one?.close()));
	});

	it.each([
		["a provider that leaves popups alone", () => plain],
		["a provider that cuts them off", () => severed],
	])("signs in by a popup, at %s", async (_what, appOf) => {
		const app = appOf();
		const tab = await openPortal(app);
		await see(tab.frame, "Sign in");
		await tab.frame.click(link(LOGIN.name));
		await tab.popup.click(button(ADA));
		if (!keepsPartitionedCookies) {
			// Its cookies are dropped. Nothing is shown to nobody, nothing goes round in circles, and
			// there is a way on.
			await expect
				.poll(() => app.visitsTo("/_portcullis/claim").map(({ status }) => status))
				.toContain(200);
			await expect
				.poll(() => textOf(tab.frame))
				.toMatch(/Your browser keeps no sign-in[\s\S]*Open in a new tab/);
			expect(await textOf(tab.frame)).not.toContain(SECRET);
			expect(app.visitsTo("/callback")).toHaveLength(1);
			return;
		}
		await expect
			.poll(() => textOf(tab.frame), { timeout: 20_000 })
			.toContain(`Signed in as ${ADA}`);
		expect(await textOf(tab.frame)).toContain(SECRET);
		await tab.reload();
		await expect
			.poll(() => textOf(tab.frame), { timeout: 20_000 })
			.toContain(`Signed in as ${ADA}`);
		// At the top it is nobody's.
		await tab.open(`${app.origin}/notes`);
		await see(tab, "Sign in");
	});

	it("shows nothing in a frame of a page that is not listed", async () => {
		const stranger = await startOtherSite();
		const tab = await engine.newTab();
		await tab.open(
			stranger.publish("page", `<h1>Stranger</h1><iframe src="${plain.origin}/login"></iframe>`),
		);
		await see(tab, "Stranger");
		await expect.poll(() => plain.visitsTo("/login").length).toBe(1);
		expect(await textOf(tab.frame)).not.toContain(LOGIN.name);
		await stranger.close();
	});

	async function openPortal(app: AppFixture): Promise<Tab> {
		const tab = await engine.newTab();
		const name = `portal-${new URL(app.origin).port}`;
		await tab.open(
			portal.publish(name, `<h1>Portal</h1><iframe src="${app.origin}/notes"></iframe>`),
		);
		await see(tab, "Portal");
		return tab;
	}
});

/** What can be seen of a document; empty while there is none to look at. */
async function textOf(view: View): Promise<string> {
	return view.look().then(
		({ shown }) => shown,
		() => "",
	);
}
