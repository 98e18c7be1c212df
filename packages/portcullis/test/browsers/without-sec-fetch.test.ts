import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Generic, Provider } from "../../src/index.ts";
import type { LoginTransaction, RequestParameters } from "../../src/provider.ts";
import { type AppFixture, startAppFixture } from "../support/app-fixture.ts";
import { LOGIN, linkFrom, openSignedIn, signIn, useStage } from "../support/chromium.ts";
import { loadGuideViews } from "../support/guide-views.ts";
import { type Stripping, startStrippingProxy } from "../support/stripping-proxy.ts";
import { expectSilentFlow, SEC } from "./silent-flow.ts";

// Browsers that say nothing of where a request comes from: old ones, and all behind a proxy that
// drops the headers. Chromium sends everything through such a proxy, also what goes to the identity
// provider, and the pages are the ones that the gate and the app really serve.

// With the names of old browsers as well: without-sec-fetch.long.test.ts.
const SILENT: readonly (readonly [string, Stripping])[] = [
	["no Sec-Fetch headers", { drop: SEC }],
	[
		"none, and neither Referer nor Origin with GET",
		{ drop: SEC, dropOnGet: /^(?:referer|origin)$/ },
	],
];

const proxy = await startStrippingProxy({ drop: SEC });
const stage = useStage({ proxy: { server: proxy.server } });

afterEach(() => {
	const { does, seen } = proxy;
	proxy.does = { drop: SEC };
	const { withMetadata } = seen;
	seen.withMetadata = 0;
	// Not vacuous: nothing of it came through.
	if (does.drop === SEC) expect(withMetadata).toBe(0);
});
afterAll(() => proxy.close());

const apps: AppFixture[] = [];
afterEach(async () => {
	for (const app of apps.splice(0)) {
		await app.close();
		expect(app.takeLog()).toEqual([]);
	}
});

async function startApp(options: Parameters<typeof startAppFixture>[0]): Promise<AppFixture> {
	const app = await startAppFixture(options);
	apps.push(app);
	return app;
}

describe.each(SILENT)("with %s", (_, does) => {
	it("people sign in, come by links from other sites, and sign out", async () => {
		proxy.does = does;
		await expectSilentFlow(stage);
	});
});

describe("without Sec-Fetch headers", () => {
	it("a session is renewed by the page that does it, and Back and Forward show what they should", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes/1`);
		await page.goto(`${app.origin}/notes/2`);
		await page.goBack({ waitUntil: "commit" });
		await page.getByRole("heading", { name: "Note 1" }).waitFor();
		await page.goForward({ waitUntil: "commit" });
		await page.getByRole("heading", { name: "Note 2" }).waitFor();
		app.clockOffset = 4000;
		await page.goto(`${app.origin}/notes/3`);
		await page.getByRole("heading", { name: "Note 3" }).waitFor();
		expect(app.visitsTo("/_portcullis/refresh").map(({ status }) => status)).toEqual([200]);
		// The provider's clock has not moved.
		expect(app.takeLog().map(({ code }) => code)).toEqual(["clock_skew"]);
	});

	it("another sign-in that a page wants is asked for, and leads back to it", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		app.clockOffset = 120;
		await page.goto(`${app.origin}/notes/secret`);
		await page.getByRole("heading", { name: "Choose who you are" }).waitFor();
		app.clockOffset = 0;
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes/secret`);
	});

	it("a form that is sent after the session has ended leads to the login page, and back to the form", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(
			app.publish(
				"form",
				`<!doctype html><form method="post" action="/notes"><button>Save</button></form>`,
			),
		);
		await page.getByRole("button", { name: "Save" }).click();
		await signIn(page);
		await page.waitForURL(`${app.origin}/free/form`);
	});

	it("the button of an error page leads to a login that works", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes`);
		await page.getByRole("link", LOGIN).click();
		await page.getByRole("button", { name: "Cancel" }).click();
		await page.getByRole("heading", { name: "Sign-in was not completed" }).waitFor();
		expect(app.takeLog().map(({ code }) => code)).toEqual(["access_denied"]);
		await page.getByRole("link", { name: "Try again" }).click();
		await signIn(page);
		await page.waitForURL(`${app.origin}/notes`);
	});

	it("each of several providers can be chosen, and a page that refuses offers the way out", async () => {
		class Second extends Provider {
			readonly name = "second";
		}
		const app = await startApp({ second: Second });
		const page = await stage.tab();
		await page.goto(`${app.origin}/admin`);
		await page.getByRole("link", { name: /second/i }).click();
		await page.getByRole("button", { name: "Vic Viewer" }).click();
		await page.getByRole("heading", { name: "You do not have access to this page" }).waitFor();
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	});

	it("a provider that answers by a form is understood", async () => {
		class ByForm extends Generic {
			override async authorizationParameters(
				transaction: LoginTransaction,
			): Promise<RequestParameters> {
				return {
					...(await super.authorizationParameters(transaction)),
					response_mode: "form_post",
				};
			}
		}
		const app = await startApp({ provider: ByForm });
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		expect(
			app.visitsTo("/callback/continue").map(({ method, status }) => [method, status]),
		).toEqual([["POST", 200]]);
	});

	it("a popup begins a login in a frame, after the person was asked; at the top the same page needs none", async () => {
		const { other } = stage;
		const app = await startApp({ auth: { http: { embed: { ancestors: [other.origin] } } } });
		const page = await stage.tab();
		await page.goto(other.publish("portal", `<iframe src="${app.origin}/notes"></iframe>`));
		const frame = page.frameLocator("iframe");
		const [popup] = await Promise.all([
			page.context().waitForEvent("page"),
			frame.getByRole("link", LOGIN).click(),
		]);
		await popup.getByRole("button", { name: "Yes, continue" }).click();
		await popup.getByRole("button", { name: "Ada Lovelace" }).click();
		await frame.getByText("Signed in as Ada Lovelace").waitFor();

		const top = await stage.tab();
		await openSignedIn(top, `${app.origin}/notes`);
	});

	it.each([
		["the views of the guide", () => loadGuideViews()],
		["a view that forbids the Referer by itself", async () => ({ login: silentView })],
	] as const)("%s lead to a login", async (_, load) => {
		const app = await startApp({ auth: { ui: { views: await load() } } });
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	});

	it("a link of the app to the start works, and where its page says nothing the login page explains", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const link = `<a href="/login/generic?redirect_to=/notes/4">In</a>`;
		await page.goto(app.publish("link", `<!doctype html>${link}`));
		await page.getByRole("link", { name: "In" }).click();
		await page.getByRole("heading", { name: "Choose who you are" }).waitFor();

		await page.goto(
			app.publish("silent", `<!doctype html><meta name="referrer" content="no-referrer">${link}`),
		);
		await page.getByRole("link", { name: "In" }).click();
		await page.getByText("your browser did not say where you came from").waitFor();
		const [entry, ...more] = app.takeLog();
		expect([entry?.code, entry?.level, more]).toEqual(["csrf_failed", "warning", []]);
		expect(await page.textContent("dd code")).toBe(entry?.id);
		await signIn(page);
		await page.waitForURL(`${app.origin}/notes/4`);
	});

	it("a browser that keeps no cookies is told so, with an id that is in the log", async () => {
		proxy.does = { drop: SEC, dropOnGet: /^(?:referer|cookie)$/ };
		const app = await startApp({});
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes`);
		for (let press = 1; press <= 3; press++) {
			await page.getByRole("link", LOGIN).click();
			await page.getByText("your browser did not say where you came from").waitFor();
		}
		// Once for all three.
		const [entry, ...more] = app.takeLog();
		expect([entry?.code, more]).toEqual(["cookies_blocked", []]);
		expect(await page.textContent("dd code")).toBe(entry?.id);
		expect(app.visits.flatMap(({ setCookies }) => setCookies).join()).not.toContain("-tx-");
	});

	it("a browser that drops the session's cookies is told so, and not sent in circles", async () => {
		const { app } = stage;
		app.dropCookie = (line) => /-(?:at|id|rt|sc)(?:\.\d)?=/.test(line);
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes`);
		await signIn(page);
		await page.getByRole("heading", { name: "Your browser did not keep the cookies" }).waitFor();
		const [entry, ...more] = app.takeLog();
		expect([entry?.code, more]).toEqual(["cookies_blocked", []]);
		expect(await page.textContent("dd code")).toBe(entry?.id);
	});
});

describe("a proxy that puts Referrer-Policy: no-referrer on every page", () => {
	const answer = { "referrer-policy": "no-referrer" };

	it("keeps nobody from signing in and out where the browser says where requests come from", async () => {
		proxy.does = { drop: /^$/, answer };
		const page = await stage.tab();
		await openSignedIn(page, `${stage.app.origin}/notes`);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	});

	it("nor where nothing is said", async () => {
		proxy.does = { drop: SEC, answer };
		const page = await stage.tab();
		await openSignedIn(page, `${stage.app.origin}/notes`);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	});

	it("there, a logout by a view that leaves it all to the header is explained with an id", async () => {
		proxy.does = { drop: SEC, answer };
		const app = await startApp({ auth: { ui: { views: await loadGuideViews() } } });
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "This request could not be confirmed" }).waitFor();
		const [entry, ...more] = app.takeLog();
		expect([entry?.code, more]).toEqual(["csrf_failed", []]);
		expect(entry?.message).toContain("Referrer-Policy");
		expect(await page.textContent("code")).toBe(entry?.id);
	});
});

describe("another site begins no login in a browser that says nothing", () => {
	it.each([
		["a link", "", false],
		["a link that names no page", 'rel="noreferrer"', true],
	])("by %s", async (_, attributes, isUnknown) => {
		const { other } = stage;
		const app = await startApp({});
		const page = await stage.tab();
		await page.goto(
			linkFrom(other, `${app.origin}/login/generic?redirect_to=/notes/3`, attributes),
		);
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Sign in", exact: true }).waitFor();
		expect(app.takeLog().map(({ code }) => code)).toEqual(isUnknown ? ["csrf_failed"] : []);
		expect(app.visits.flatMap(({ setCookies }) => setCookies).join()).not.toContain("-tx-");
		// It is the person's own click that goes on.
		await signIn(page);
		await page.waitForURL(`${app.origin}/notes/3`);
	});

	it("by a link that it has from a login page of its own, in a browser that has one as well", async () => {
		const { app, other } = stage;
		const attacker = await stage.tab();
		await attacker.goto(`${app.origin}/login`);
		const href = await attacker
			.getByRole("link", LOGIN)
			.evaluate((link) => (link as HTMLAnchorElement).href);
		expect(href).toContain("from=");
		const page = await stage.tab();
		await page.goto(`${app.origin}/login`);
		app.forgetVisits();
		await page.goto(linkFrom(other, href, 'rel="noreferrer"'));
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByText("your browser did not say where you came from").waitFor();
		expect(app.visits.flatMap(({ setCookies }) => setCookies).join()).not.toContain("-tx-");
		app.takeLog();
	});
});

function silentView({
	providers,
}: {
	readonly providers: readonly { readonly loginHref: string }[];
}): Response {
	const links = providers.map(
		({ loginHref }) => `<a href="${loginHref.replaceAll("&", "&amp;")}">${LOGIN.name}</a>`,
	);
	const head = `<!doctype html><html lang="en"><meta name="referrer" content="no-referrer"><title>In</title>`;
	return new Response(head + links.join(""), {
		headers: { "Content-Type": "text/html; charset=utf-8" },
	});
}
