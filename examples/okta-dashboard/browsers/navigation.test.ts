import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hydrated, launchChromium, visit } from "./support/chromium.ts";
import { type Dashboard, startDashboard } from "./support/dashboard.ts";

let browser: Browser;
let app: Dashboard;

beforeAll(async () => {
	[app, browser] = await Promise.all([startDashboard(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

test("pages change without loading documents or data, each with the gate's consent", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	await hydrated(page);
	const asked: string[] = [];
	page.on("request", (request) => asked.push(new URL(request.url()).pathname));
	await page.getByRole("link", { name: "Admin" }).click();
	await page.getByRole("row", { name: /Alan Novak/ }).waitFor();
	expect(
		asked.filter((path) => !path.startsWith("/web/") && path !== "/_portcullis/stream"),
	).toEqual(["/_portcullis/hydrate"]);
	await context.close();
});

test.each(["/admin", "/admin/audit"])(
	"a viewer who goes to %s inside the page comes to /forbidden",
	async (path) => {
		const { context, page } = await visit(browser, app.url, "Vic Viewer");
		await page.goto("/");
		await hydrated(page);
		await goInside(page, path);
		await page.waitForURL(`${app.url}/forbidden`);
		expect(await page.content()).not.toContain("directory.example");
		await context.close();
	},
);

test("whoever is not signed in any more comes to the login, and from there to where they wanted", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	// By then the page has asked for everything that it asks for by itself.
	const stream = page.waitForResponse((response) => response.url().endsWith("/_portcullis/stream"));
	await page.goto("/admin");
	await hydrated(page);
	await stream;
	const mine = new URL(app.url).hostname;
	const cookies = (await context.cookies()).filter(({ name }) => name.startsWith("__Host-"));
	expect(cookies.length).toBeGreaterThan(0);
	await context.clearCookies({ domain: mine, name: /^__Host-/ });
	await page.getByRole("link", { name: "Audit log" }).click();
	await page.waitForURL(`${app.url}/login?redirect_to=%2Fadmin%2Faudit`);
	// The identity provider still knows her.
	await page.getByRole("link", { name: /^Login with/ }).click();
	await page.waitForURL(`${app.url}/admin/audit`);
	await page.getByRole("cell", { name: "Provisioning (seed)" }).first().waitFor();
	await context.close();
});

test("without an answer there is no page", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	await hydrated(page);
	await page.route("**/_portcullis/hydrate", (route) => route.abort());
	await page.getByRole("link", { name: "Admin" }).click();
	await page.getByRole("heading", { name: "Something went wrong" }).waitFor({ timeout: 45_000 });
	expect(await page.getByText("directory.example").count()).toBe(0);
	await context.close();
});

test("signing out takes everything away, in other tabs too", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	await page.goto("/admin");
	await hydrated(page);
	const other = await context.newPage();
	await other.goto("/profile");
	await hydrated(other);
	await other.getByRole("link", { name: "Sign out" }).click();
	await other.getByRole("heading", { name: /signed out/i }).waitFor();
	await page.waitForURL(`${app.url}/login?redirect_to=%2Fadmin`);
	expect(await page.content()).not.toContain("directory.example");
	await context.close();
});

/** What a link that somebody wrote into the page would do. */
function goInside(page: Page, path: string): Promise<void> {
	return page.evaluate((path) => {
		const { __reactRouterDataRouter: router } = window as unknown as {
			__reactRouterDataRouter: { navigate(to: string): Promise<void> };
		};
		void router.navigate(path);
	}, path);
}
