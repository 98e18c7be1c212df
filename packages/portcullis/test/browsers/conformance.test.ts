import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LoginTransaction, RequestParameters } from "../../src/provider.ts";
import { memory } from "../../src/state.ts";
import type { EndSessionFault, Faults } from "../../src/testing.ts";
import { CHROMIUM } from "../support/chromium.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	providerClass,
	startGate,
} from "../support/gate-fixture.ts";
import { type OtherSite, startOtherSite } from "../support/other-site.ts";

// Modules of the conformance suite that end in something a person sees, in a real browser and with
// the provider on another site. All of them without one: test/conformance/modules.ts.

let browser: Browser;
let other: OtherSite;
const profiles: BrowserContext[] = [];

beforeAll(async () => {
	[browser, other] = await Promise.all([chromium.launch(CHROMIUM), startOtherSite()]);
});
afterEach(async () => {
	await Promise.all(profiles.splice(0).map((profile) => profile.close()));
});
afterAll(async () => {
	await Promise.all([browser?.close(), other?.close()]);
});

async function openTab(): Promise<Page> {
	const profile = await browser.newContext();
	profile.setDefaultTimeout(10_000);
	profiles.push(profile);
	return profile.newPage();
}

async function start(
	options: GateFixtureOptions = {},
): Promise<Omit<GateFixture, "signIn"> & { tab: Page; signIn: () => Promise<void> }> {
	const fixture = await startGate({
		...options,
		idp: { host: "127.0.0.1", ...options.idp },
		app: () => new Response(MARKER, { headers: { "content-type": "text/html" } }),
	});
	const tab = await openTab();
	return {
		...fixture,
		tab,
		async signIn() {
			await tab.goto(`${fixture.origin}/private`);
			await tab.getByRole("link", { name: "Login with" }).click();
			await tab.waitForURL(`${fixture.origin}/private`);
		},
	};
}

const answeringByForm: typeof providerClass = (name) =>
	class extends providerClass(name) {
		override readonly name = name;
		override async authorizationParameters(
			transaction: LoginTransaction,
		): Promise<RequestParameters> {
			return { ...(await super.authorizationParameters(transaction)), response_mode: "form_post" };
		}
	};

describe.each([
	["basic", {}],
	["form post", { providerClass: answeringByForm }],
] as const)("%s", (_, options) => {
	it("oidcc-client-test", async () => {
		const { tab, signIn, log } = await start(options);
		await signIn();
		expect(await tab.textContent("body")).toBe(MARKER);
		expect(log).toEqual([]);
	});

	it.each<[string, Faults, string]>([
		["oidcc-client-test-invalid-iss", { idToken: "iss-wrong" }, "iss"],
		["oidcc-client-test-nonce-invalid", { idToken: "nonce-wrong" }, "nonce"],
		["oidcc-client-test-invalid-sig-rs256", { idToken: "signature-rogue-key" }, "signature"],
		["oidcc-client-test-userinfo-invalid-sub", { userinfo: "sub-other" }, "sub"],
	])(
		"%s: a page with an error id, and a way to try again that works",
		async (_module, faults, reason) => {
			const { origin, tab, idp, log } = await start(options);
			idp.faults = faults;
			await tab.goto(`${origin}/private?page=1`);
			await tab.getByRole("link", { name: "Login with" }).click();
			await tab.waitForSelector("code");
			expect(log.map((entry) => entry.reason)).toEqual([reason]);
			expect(await tab.textContent("code")).toBe(log[0]?.id);
			expect(await tab.content()).not.toContain(MARKER);

			idp.reset();
			await tab.getByRole("link", { name: "Try again" }).click();
			await tab.getByRole("link", { name: "Login with" }).click();
			await tab.waitForURL(`${origin}/private?page=1`);
			expect(await tab.textContent("body")).toBe(MARKER);
		},
	);
});

describe("logout", () => {
	const ended = "Your session at";
	const unknown = "You may still be signed in at";

	it.each<[string, EndSessionFault | undefined, string]>([
		["oidcc-client-test-rp-init-logout", undefined, ended],
		["oidcc-client-test-rp-init-logout-other-state", "state-wrong", unknown],
		["oidcc-client-test-rp-init-logout-no-state", "state-missing", unknown],
	])("%s", async (_module, fault, text) => {
		const { origin, tab, idp, signIn, log } = await start();
		await signIn();
		if (fault) idp.set({ endSession: fault });
		await tab.goto(`${origin}/logout`);
		await tab.getByRole("button", { name: "Sign out" }).click();
		await tab.waitForSelector("text=You are signed out");
		expect(new URL(tab.url()).origin).toBe(origin);
		expect(await tab.getByText(text).count()).toBe(1);
		expect(idp.count("end-session")).toBe(1);
		await tab.goto(`${origin}/private`);
		expect(new URL(tab.url()).pathname).toBe("/login");
		expect(log).toEqual([]);
	});

	it("oidcc-client-test-rp-backchannel-rpinitlogout, and with a forged token", async () => {
		const { origin, tab, idp, signIn, clock } = await start({ auth: { store: memory() } });
		await signIn();
		// A session that began at this very moment could be from before or after.
		clock.ahead += 10;
		idp.set({ clockSkew: 10 });
		const uri = `${origin}/_portcullis/backchannel-logout/generic`;
		expect((await idp.sendLogoutToken(uri, { faults: "signature-rogue-key" })).status).toBe(400);
		await tab.reload();
		expect(await tab.textContent("body")).toBe(MARKER);
		expect((await idp.sendLogoutToken(uri)).status).toBe(200);
		await tab.goto(`${origin}/private`);
		expect(new URL(tab.url()).pathname).toBe("/login");
	});
});

it("oidcc-client-test-3rd-party-init-login", async () => {
	const { origin, tab, idp } = await start();
	const query = new URLSearchParams({
		iss: idp.issuer,
		target_link_uri: `${origin}/private?tab=2`,
	});
	await tab.goto(
		other.publish(
			"portal",
			`<a href="${origin}/login?${query.toString().replaceAll("&", "&amp;")}">Go</a>`,
		),
	);
	await tab.getByRole("link", { name: "Go" }).click();
	await tab.getByRole("link", { name: "Login with" }).click();
	await tab.waitForURL(`${origin}/private?tab=2`);
	expect(await tab.textContent("body")).toBe(MARKER);
});

it("a provider that sends COOP cuts its popup off", async () => {
	const { tab, idp } = await start({ idp: { interactive: true } });
	await tab.goto(other.publish("opener", "Opener"));
	const hasOpener = async () => {
		const [popup] = await Promise.all([
			tab.waitForEvent("popup"),
			tab.evaluate((url) => void window.open(url), `${idp.issuer}/end-session`),
		]);
		await popup.waitForLoadState();
		return popup.evaluate(() => window.opener !== null);
	};
	expect(await hasOpener()).toBe(true);
	idp.set({ openerPolicy: "same-origin" });
	expect(await hasOpener()).toBe(false);
});
