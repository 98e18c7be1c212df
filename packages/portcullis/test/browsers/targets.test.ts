import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import { document, html, type LoginViewContext, popupScript } from "../../src/views.ts";
import { type AppFixture, startAppFixture } from "../support/app-fixture.ts";
import { bundle } from "../support/browser-bundle.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { type OtherSite, startOtherSite } from "../support/other-site.ts";

// The app is in a frame of a portal, and takes the way back after login from its own address,
// unchecked: `?next=`. At the top the server decides where a login leads; in a frame it is script
// that goes there.

const LIKE_RELEASED = [
	"--test-third-party-cookie-phaseout",
	"--disable-features=Translate,HttpsUpgrades",
];

/**
 * Leads elsewhere, or runs, if script follows it. More spellings are held against the functions
 * that look at them.
 */
const HOSTILE = [
	"javascript:top.postMessage('ran','*')",
	"data:text/html,<script>top.postMessage('ran','*')</script>",
	"blob:{app}/1",
	"{origin}/x",
	"/\\{host}/x",
	"/.//{host}/x",
];

let browser: Browser;
let portal: OtherSite;
let other: OtherSite;
let app: AppFixture;
let context: BrowserContext | undefined;

beforeAll(async () => {
	[portal, other] = await Promise.all([startOtherSite(), startOtherSite()]);
	[browser, app] = await Promise.all([
		chromium.launch({ ...CHROMIUM, args: [...(CHROMIUM.args ?? []), ...LIKE_RELEASED] }),
		startAppFixture({
			auth: {
				http: { embed: { ancestors: [portal.origin] } },
				store: memory(),
				ui: {
					// A view that hands on what the address says, as one may that is written in a hurry.
					views: { login: careless },
				},
			},
		}),
	]);
	for (const { fileName, code } of await bundle("client")) app.publish(fileName, code);
	app.publish(
		"page",
		`<!doctype html><title>App</title><button>Sign in</button><script type="module">
			import { createClient } from "/free/client.js";
			const blob = URL.createObjectURL(new Blob(["<script>top.postMessage('ran','*')<" + "/script>"], { type: "text/html" }));
			const asked = new URLSearchParams(location.search).get("next");
			const next = asked.startsWith("blob:") ? blob : asked;
			const client = createClient();
			document.querySelector("button").onclick = () => client.login("generic", next).then((outcome) => { document.title = outcome; });
		</script>`,
	);
});
afterEach(async () => {
	await context?.close();
	app.forgetVisits();
	expect(app.takeLog()).toEqual([]);
});
afterAll(async () => {
	await browser?.close();
	await Promise.all([app, portal, other].map((one) => one?.close()));
});

function careless({ request, nonce, texts, popup }: LoginViewContext) {
	const next = new URL(request.url).searchParams.get("next") ?? "/";
	const href = `/login/generic?redirect_to=${encodeURIComponent(next)}`;
	return document({
		title: "Sign in",
		nonce,
		lang: texts.lang,
		body: html`<h1>Sign in</h1><a href="${href}" data-opens="popup" target="_blank" rel="noopener">Sign in</a>
			${popup && popupScript({ nonce, popup, texts })}`,
	});
}

it.each([
	["client.login()", "/free/page", "button", HOSTILE],
	["a login view of the app's own", "/login", "link", HOSTILE.slice(-3)],
] as const)(
	"in frames, %s goes where the server says, to a page of the app",
	async (_, path, role, hostile) => {
		const wanted = ["/notes/7#part", ...hostile];
		const { host, origin } = new URL(other.origin);
		context = await browser.newContext();
		context.setDefaultTimeout(20_000);
		const page = await context.newPage();
		const sent: string[] = [];
		context.on(
			"request",
			(request) => void (request.url().startsWith(origin) && sent.push(request.url())),
		);
		const frames = wanted.map((next, at) => {
			const target = next
				.replace("{origin}", origin)
				.replace("{host}", host)
				.replace("{app}", app.origin);
			return `<iframe id="f${at}" src="${app.origin}${path}?next=${encodeURIComponent(target)}"></iframe>`;
		});
		const listening =
			"<script>window.heard = []; onmessage = ({ data }) => heard.push(data);</script>";
		await page.goto(portal.publish(`portal-${role}`, listening + frames.join("")));

		const seen: string[] = [];
		for (const [at, next] of wanted.entries()) {
			const frame = page.frameLocator(`#f${at}`);
			const opened = context.waitForEvent("page");
			await frame.getByRole(role, { name: "Sign in", exact: true }).click();
			// From the second on, the provider knows the person.
			const popup = await opened;
			if (at === 0) await popup.getByRole("button", { name: "Ada Lovelace" }).click();
			await frame.getByText("Signed in as Ada Lovelace").waitFor();
			const address = await frame.locator("body").evaluate(() => location.href);
			seen.push(`${next} -> ${address.slice(app.origin.length)}`);
		}
		expect(seen).toEqual(wanted.map((next, at) => `${next} -> ${at === 0 ? next : "/"}`));
		expect(sent).toEqual([]);
		expect(await page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual(
			[],
		);
	},
);
