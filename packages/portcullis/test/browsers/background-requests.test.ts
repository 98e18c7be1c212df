import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { LOGIN, useStage } from "../support/chromium.ts";

const stage = useStage();
const START = "/login/generic";

/**
 * What a page, ours or somebody else's, can contain to load an address in the background, and the
 * header that shows that it did.
 */
const WAYS: readonly (readonly [
	string,
	(href: string) => string,
	(header: (name: string) => string | null) => boolean,
])[] = [
	[
		"prefetch link",
		(href) => `<link rel="prefetch" href="${href}">`,
		(header) => /prefetch/.test(header("sec-purpose") ?? ""),
	],
	[
		"speculative prefetch",
		(href) =>
			`<script type="speculationrules">${JSON.stringify({ prefetch: [{ source: "list", urls: [href], eagerness: "immediate" }] })}</script>`,
		(header) => /prefetch/.test(header("sec-purpose") ?? ""),
	],
	[
		"prerendering",
		(href) =>
			`<script type="speculationrules">${JSON.stringify({ prerender: [{ source: "list", urls: [href], eagerness: "immediate" }] })}</script>`,
		(header) => /prefetch|prerender/.test(header("sec-purpose") ?? ""),
	],
	[
		"image",
		(href) => `<img src="${href}" alt="">`,
		(header) => header("sec-fetch-dest") === "image",
	],
	[
		"frame",
		(href) => `<iframe src="${href}" title="x"></iframe>`,
		(header) => header("sec-fetch-dest") === "iframe",
	],
	[
		"object",
		(href) => `<object data="${href}" type="text/html"></object>`,
		(header) => header("sec-fetch-dest") === "object",
	],
	[
		"script",
		(href) => `<script src="${href}"></script>`,
		(header) => header("sec-fetch-dest") === "script",
	],
	[
		"fetch",
		(href) => `<script>fetch("${href}", { redirect: "manual" }).catch(() => {});</script>`,
		(header) => header("sec-fetch-dest") === "empty",
	],
	[
		"fetch in the manner of a page",
		(href) =>
			`<script>fetch("${href}", { headers: { Accept: "text/html" }, mode: "no-cors" }).catch(() => {});</script>`,
		(header) => header("sec-fetch-mode") === "no-cors",
	],
];

it.each(WAYS)(
	"a %s of the start begins nothing, on a page of the app itself",
	async (name, markup, shows) => {
		const { app } = stage;
		const page = await stage.tab();
		await expectNothingBegun(
			page,
			app.publish(name.replaceAll(" ", "-"), `<!doctype html><title>x</title>${markup(START)}`),
			shows,
		);
	},
);

it.each(WAYS)(
	"a %s of the start begins nothing, on a page of another site",
	async (name, markup, shows) => {
		const { app, other } = stage;
		const page = await stage.tab();
		await expectNothingBegun(
			page,
			other.publish(name.replaceAll(" ", "-"), markup(app.origin + START)),
			shows,
		);
	},
);

it("the same requests of the logout page end no session", async () => {
	const { app } = stage;
	const page = await stage.tab();
	const all = WAYS.map(([, markup]) => markup("/logout")).join("\n");
	await page.goto(app.publish("logout-page", `<!doctype html><title>x</title>${all}`));
	await expect.poll(() => app.visitsTo("/logout").length).toBeGreaterThanOrEqual(5);
	expect(
		app
			.visitsTo("/logout")
			.every(({ method, setCookies }) => method === "GET" && setCookies.length === 0),
	).toBe(true);
});

it.each(WAYS.slice(0, 3))(
	"a %s of the callback redeems nothing, and the callback itself then signs in",
	async (name, markup, shows) => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes/5`);
		await page.getByRole("link", LOGIN).click();
		// The provider's answer is held back, and its address loaded ahead.
		const devtools = await page.context().newCDPSession(page);
		await devtools.send("Fetch.enable", { patterns: [{ urlPattern: "*/callback?*" }] });
		const held = new Promise<string>((resolve) => {
			devtools.once("Fetch.requestPaused", ({ requestId, request }) => {
				resolve(request.url);
				void devtools.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
			});
		});
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		const href = await held;
		await devtools.detach();
		const ahead = `<!doctype html><title>x</title>${markup(href.replaceAll("&", name === "prefetch link" ? "&amp;" : "&"))}`;
		await page.goto(app.publish(`callback-${name.replaceAll(" ", "-")}`, ahead));
		const background = () => app.visitsTo("/callback").filter(({ header }) => shows(header));
		await expect.poll(() => background().length).toBeGreaterThan(0);
		expect(app.visitsTo("/callback").map(({ status, setCookies }) => [status, setCookies])).toEqual(
			[[403, []]],
		);
		// The log has ten lines of a kind at once: of these there may be none left.
		expect(app.takeLog().filter(({ reason }) => reason !== "background")).toEqual([]);
		await page.goto(href);
		await page.waitForURL(`${app.origin}/notes/5`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	},
);

async function expectNothingBegun(
	page: Page,
	url: string,
	shows: (header: (name: string) => string | null) => boolean,
): Promise<void> {
	const { app } = stage;
	await page.goto(url);
	await expect
		.poll(() => app.visitsTo(START).filter(({ header }) => shows(header)).length, {
			timeout: 10_000,
		})
		.toBeGreaterThan(0);
	// Lines about loads in the background, as many as the log has room for.
	expect(app.takeLog().filter(({ reason }) => reason !== "background")).toEqual([]);
	for (const { status, location, setCookies } of app.visitsTo(START)) {
		expect([status, location, setCookies]).toEqual([403, null, []]);
	}
	expect(await page.context().cookies()).toEqual([]);
}
