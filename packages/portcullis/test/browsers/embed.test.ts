import {
	type Browser,
	type BrowserContext,
	chromium,
	type FrameLocator,
	type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Generic } from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import { type AppFixture, SECRET, startAppFixture } from "../support/app-fixture.ts";
import { CHROMIUM, LOGIN } from "../support/chromium.ts";
import { type OtherSite, startOtherSite } from "../support/other-site.ts";

// The app is on localhost, the portal that frames it on 127.0.0.1: two sites. Third-party cookies
// are blocked, as some browsers do by default.

/**
 * Playwright turns off that storage is kept apart by embedding site; the last of such lists counts.
 */
const LIKE_RELEASED = [
	"--test-third-party-cookie-phaseout",
	"--disable-features=Translate,HttpsUpgrades",
];

let browser: Browser;
let portal: OtherSite;
/** Its provider lets a popup reach its opener; in the store there is room for popup handoffs. */
let plain: AppFixture;
/** Its provider cuts popups off. */
let severed: AppFixture;
/** So does this one's, and there is no store to leave a popup handoff in. */
let lost: AppFixture;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
	portal = await startOtherSite();
	const coop = { openerPolicy: "same-origin" } as const;
	const embed = { ancestors: [portal.origin] };
	[browser, plain, severed, lost] = await Promise.all([
		chromium.launch({ ...CHROMIUM, args: [...(CHROMIUM.args ?? []), ...LIKE_RELEASED] }),
		startAppFixture({ auth: { http: { embed }, store: memory() } }),
		startAppFixture({ auth: { http: { embed }, store: memory() }, idp: coop }),
		startAppFixture({ auth: { http: { embed } }, idp: coop }),
	]);
});
afterEach(async () => {
	await Promise.all(contexts.splice(0).map((context) => context.close()));
	for (const app of [plain, severed, lost]) {
		app.forgetVisits();
		expect(app.takeLog()).toEqual([]);
	}
});
afterAll(async () => {
	await browser?.close();
	await Promise.all([plain, severed, lost, portal].map((one) => one?.close()));
});

test("signs in by a popup, keeps it over a reload, and signs out, all in the frame", async () => {
	const { page, frame } = await openPortal(plain);
	const popup = await openPopup(page, frame);
	const closed = popup.waitForEvent("close");
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await frame.getByText("Signed in as Ada Lovelace").waitFor();
	expect(await frame.locator("#text").textContent()).toBe(SECRET);
	await closed;
	await page.reload();
	await frame.getByText("Signed in as Ada Lovelace").waitFor();

	// At the top, and in another site's frame, it is nobody's.
	const top = await page.context().newPage();
	await top.goto(`${plain.origin}/notes`);
	await top.getByRole("link", LOGIN).waitFor();

	await frame.getByRole("link", { name: "Sign out" }).click();
	await frame.getByRole("button", { name: "Sign out" }).click();
	await frame.getByText("You are signed out").waitFor();
	const [window] = await Promise.all([
		page.context().waitForEvent("page"),
		frame.getByRole("link", { name: "Sign out there too" }).click(),
	]);
	// It comes back to the app, and closes itself.
	const done = window.waitForEvent("close");
	await window.getByRole("button", { name: "Sign out" }).click();
	await done;
	await page.reload();
	await frame.getByRole("link", LOGIN).waitFor();
	// What the frame keeps, as its server sees it: only cookies of its partition.
	const kept = plain.visits
		.flatMap(({ setCookies }) => setCookies)
		.filter((line) => line.includes("__Host-emb."));
	expect(kept.length).toBeGreaterThan(0);
	for (const line of kept) expect(line).toMatch(/; Secure; HttpOnly; SameSite=None; Partitioned$/);
});

test("no message has a token in it, and none goes to another origin (R105, R106)", async () => {
	const { page, frame } = await openPortal(plain, {
		init: () => {
			const all: unknown[] = [];
			Object.assign(window, { all });
			addEventListener("message", ({ data, origin }) => all.push([origin, data]), true);
		},
	});
	const popup = await openPopup(page, frame);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	// The frame moves on when it has the message: what the portal has heard by then is all.
	await frame.getByText("Signed in as Ada Lovelace").waitFor();
	expect(await page.evaluate(() => (window as unknown as { all: unknown[] }).all)).toEqual([]);
});

test("hears nobody but its own popup (R105)", async () => {
	const { page, frame } = await openPortal(plain);
	await openPopup(page, frame);
	await page.evaluate(() => {
		const target = (document.getElementById("app") as HTMLIFrameElement).contentWindow;
		for (const data of [null, "x", { type: "portcullis:handoff", challenge: "x", handoff: "x" }])
			target?.postMessage(data, "*");
	});
	await frame.getByText("Go on in the window that has opened").waitFor();
	await expect.poll(() => claims(plain).length, { timeout: 10_000 }).toBeGreaterThan(1);
	expect(claims(plain).map(({ status }) => status)).not.toContain(403);
});

test("signs in though the provider cuts the popup off, which then seems closed (R107)", async () => {
	const { page, frame } = await openPortal(severed);
	const popup = await openPopup(page, frame);
	await popup.getByRole("button", { name: "Ada Lovelace" }).waitFor();
	// Two claims later it still waits.
	await expect.poll(() => claims(severed).length, { timeout: 10_000 }).toBeGreaterThan(2);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await frame.getByText("Signed in as Ada Lovelace").waitFor();
});

test("cut off and without a store, both windows say what is left to do", async () => {
	const { page, frame } = await openPortal(lost);
	const popup = await openPopup(page, frame);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await popup.getByRole("link", { name: "Open the app here" }).waitFor();
	await frame.getByText("Nothing has come back from the window").waitFor();
	expect(await frame.getByRole("link", { name: "Open in a new tab" }).getAttribute("href")).toBe(
		"/notes",
	);
});

test("a popup that the person closes ends in an offer, and the next one works", async () => {
	const { page, frame } = await openPortal(plain);
	await (await openPopup(page, frame)).close();
	const popup = await openPopup(page, frame);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await frame.getByText("Signed in as Ada Lovelace").waitFor();
});

test("a popup that is blocked says so, and the frame stays usable (R108)", async () => {
	const { frame } = await openPortal(plain, {
		sandbox: "allow-scripts allow-same-origin allow-forms",
	});
	await frame.getByRole("link", LOGIN).click();
	await frame.getByText("Your browser has blocked the window").waitFor();
	await frame.getByRole("link", { name: "Open in a new tab" }).waitFor();
});

test("a frame that loads again while the popup is open has to begin anew (R110)", async () => {
	const { page, frame } = await openPortal(plain);
	const popup = await openPopup(page, frame);
	await page.reload();
	await frame.getByRole("link", LOGIN).waitFor();
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await popup.getByText("You are signed in").waitFor();
	await frame.getByRole("link", LOGIN).waitFor();
	expect(
		claims(plain).filter(({ status, setCookies }) => status === 200 && setCookies.length > 0),
	).toEqual([]);
});

test("another page than the one listed cannot frame it (R109)", async () => {
	const stranger = await startOtherSite();
	const context = await newContext();
	const page = await context.newPage();
	const refused = page.waitForEvent("console", {
		predicate: (message) => message.text().includes("frame-ancestors"),
	});
	await page.goto(
		stranger.publish("page", `<iframe id="app" src="${plain.origin}/login"></iframe>`),
	);
	await refused;
	expect(await page.frameLocator("#app").getByRole("link", LOGIN).count()).toBe(0);
	await stranger.close();
});

test("a stranger's page that starts the popup has the person asked (R131)", async () => {
	const context = await newContext();
	const page = await context.newPage();
	const fields = { challenge: "A".repeat(43), ancestors: portal.origin, redirect_to: "/notes" };
	const inputs = Object.entries(fields).map(
		([name, value]) => `<input name="${name}" value="${value}">`,
	);
	await page.goto(
		portal.publish(
			"phish",
			`<form method="post" action="${plain.origin}/login/generic">${inputs.join("")}<button>Win</button></form>`,
		),
	);
	await page.getByRole("button", { name: "Win" }).click();
	await page.getByText("Did you ask for this?").waitFor();
	await page.getByText(portal.origin).waitFor();
	expect(plain.visitsTo("/callback")).toEqual([]);
});

test("a provider can do without popups: a new tab then, which signs in by itself", async () => {
	class Tabs extends Generic {
		override popupLogin(): boolean {
			return false;
		}
	}
	const app = await startAppFixture({
		auth: { http: { embed: { ancestors: [portal.origin] } } },
		provider: Tabs,
	});
	const { page, frame } = await openPortal(app);
	const tab = await openPopup(page, frame);
	await tab.getByRole("button", { name: "Ada Lovelace" }).click();
	await tab.getByText("Signed in as Ada Lovelace").waitFor();
	await app.close();
});

test("a provider can have popups at the top: they end in ordinary cookies", async () => {
	class Popups extends Generic {
		override popupLogin(): boolean {
			return true;
		}
	}
	const app = await startAppFixture({ provider: Popups });
	const page = await (await newContext()).newPage();
	await page.goto(`${app.origin}/notes`);
	const [popup] = await Promise.all([
		page.waitForEvent("popup"),
		page.getByRole("link", LOGIN).click(),
	]);
	await popup.getByRole("button", { name: "Ada Lovelace" }).click();
	await page.getByText("Signed in as Ada Lovelace").waitFor();
	expect(app.visits.flatMap(({ setCookies }) => setCookies).join()).not.toContain("SameSite=None");
	await app.close();
});

function claims(app: AppFixture) {
	return app.visitsTo("/_portcullis/claim");
}

async function newContext(): Promise<BrowserContext> {
	const context = await browser.newContext();
	context.setDefaultTimeout(15_000);
	contexts.push(context);
	return context;
}

interface PortalOptions {
	readonly sandbox?: string;
	/** Runs in every page before its own scripts. */
	readonly init?: () => void;
}

async function openPortal(app: AppFixture, { sandbox, init }: PortalOptions = {}) {
	const context = await newContext();
	if (init) await context.addInitScript(init);
	const page = await context.newPage();
	const attributes = sandbox === undefined ? "" : ` sandbox="${sandbox}"`;
	const name = `portal-${new URL(app.origin).port}-${sandbox?.length ?? 0}`;
	await page.goto(
		portal.publish(name, `<iframe id="app" src="${app.origin}/notes"${attributes}></iframe>`),
	);
	return { page, frame: page.frameLocator("#app") };
}

/** Presses the provider's button; returns the window that opens. */
async function openPopup(page: Page, frame: FrameLocator): Promise<Page> {
	const [popup] = await Promise.all([
		page.context().waitForEvent("page"),
		frame.getByRole("link", LOGIN).click(),
	]);
	return popup;
}
