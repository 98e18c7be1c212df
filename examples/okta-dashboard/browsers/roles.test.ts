import type { Browser } from "playwright-core";
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

test("an admin has charts, people, audit log and profile, and the browser complains about nothing", async () => {
	const { context, page, complaints } = await visit(browser, app.url, "Ada Lovelace");
	await page.goto("/");
	await page.getByRole("heading", { level: 1, name: "Sign-ins" }).waitFor();
	await page.getByRole("img", { name: /Sign-ins of 30 days/ }).waitFor();
	await hydrated(page);
	await page.getByText("7 days").click();
	await page.getByRole("img", { name: /Sign-ins of 7 days/ }).waitFor();
	await page.getByRole("link", { name: "Admin" }).click();
	await page.getByRole("row", { name: /grace\.marlow@directory\.example/ }).waitFor();
	expect(await page.title()).toBe("People - Dashboard");
	await page.getByRole("link", { name: "Audit log" }).click();
	await page.getByRole("cell", { name: "Provisioning (seed)" }).first().waitFor();
	await page.getByRole("link", { name: "Overview" }).click();
	await page.getByRole("img", { name: /Sign-ins of 7 days/ }).waitFor();
	expect(complaints).toEqual([]);
	await context.close();
});

test("a viewer has the charts and the profile; the panel is not offered and does not open", async () => {
	const { context, page, complaints } = await visit(browser, app.url, "Vic Viewer");
	await page.goto("/");
	await page.getByRole("img", { name: /Sign-ins of 30 days/ }).waitFor();
	await hydrated(page);
	await page.getByText("90 days").click();
	await page.getByRole("img", { name: /Sign-ins of 90 days/ }).waitFor();
	expect(await page.getByRole("link", { name: "Admin" }).count()).toBe(0);
	expect(complaints).toEqual([]);
	for (const path of [
		"/admin",
		"/admin/audit",
		"/ADMIN",
		"/%61dmin",
		"/admin/nowhere",
		"/admin.data",
		"/ADMIN.data",
		"/admin/audit.data",
	]) {
		expect((await page.goto(path))?.status(), path).toBe(403);
	}
	await context.close();
});

test("without a role there is the profile, and nothing else", async () => {
	const { context, page, complaints } = await visit(browser, app.url, "Nora Nogroup");
	await page.getByText("Your account has no role in this dashboard").waitFor();
	const navigation = page.getByRole("navigation", { name: "Pages" });
	expect(await navigation.getByRole("link").allTextContents()).toEqual(["Profile"]);
	expect(complaints).toEqual([]);
	for (const path of ["/", "/admin", "/nowhere", "/_.data", "/admin.data"]) {
		expect((await page.goto(path))?.status(), path).toBe(403);
	}
	await context.close();
});

test("the profile has the claims by name, as a person reads them", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	const names = await page.locator(".claims dt").allTextContents();
	expect(names).toEqual([...names].sort());
	expect(names).toEqual(
		expect.arrayContaining(["email", "email_verified", "groups", "name", "sub"]),
	);
	const claim = (name: string) =>
		page
			.locator(".claims > div")
			.filter({ has: page.locator(`dt code:text-is("${name}")`) })
			.locator("dd");
	expect(await claim("email").textContent()).toBe("ada@example.com");
	expect(await claim("email_verified").textContent()).toBe("yes");
	expect(await claim("groups").getByRole("listitem").allTextContents()).toEqual([
		"admins",
		"staff",
	]);
	await context.close();
});

test("the server renders real values: they are there without any script", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	const plain = await browser.newContext({
		baseURL: app.url,
		javaScriptEnabled: false,
		storageState: await context.storageState(),
	});
	const still = await plain.newPage();
	await still.goto("/admin");
	await still.getByRole("row", { name: /grace\.marlow@directory\.example/ }).waitFor();
	expect(await still.getByRole("link", { name: "Admin" }).first().isVisible()).toBe(true);
	await still.goto("/");
	expect(
		await still
			.getByRole("img", { name: /Sign-ins of 30 days/ })
			.first()
			.isVisible(),
	).toBe(true);
	expect(await still.locator(".figure dd").first().textContent()).toMatch(/^\d+,\d{3}$/);

	// And script finds what is there: nothing of it is drawn anew.
	await page.addInitScript(() => {
		addEventListener("DOMContentLoaded", () => {
			const seen = (document as unknown as { seen: string[] }).seen ?? [];
			(document as unknown as { seen: string[] }).seen = seen;
			new MutationObserver((changes) => {
				for (const { removedNodes } of changes)
					for (const node of removedNodes) seen.push(node.nodeName);
			}).observe(document.querySelector("main") as Element, { childList: true, subtree: true });
		});
	});
	await page.goto("/admin");
	await hydrated(page);
	expect(await page.evaluate(() => (document as unknown as { seen: string[] }).seen)).toEqual([]);
	await plain.close();
	await context.close();
});

test("a page that does not exist says so", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	expect((await page.goto("/nowhere"))?.status()).toBe(404);
	await page.getByRole("heading", { name: "There is no such page" }).waitFor();
	await context.close();
});

test("documents are private, and let in nothing but their own scripts and styles and the picture of the person", async () => {
	const { context } = await visit(browser, app.url, "Ada Lovelace");
	const answer = await context.request.get("/");
	const policy = answer.headers()["content-security-policy"] ?? "";
	expect(policy).toMatch(
		/^default-src 'none'; script-src 'self' 'nonce-[\w+/]{24}'; style-src 'self'; /,
	);
	expect(policy).toContain(`img-src 'self' ${app.idp.issuer};`);
	expect(policy).not.toContain("unsafe");
	expect(answer.headers()["cache-control"]).toContain("no-store");
	const again = (await context.request.get("/")).headers()["content-security-policy"];
	expect(again).not.toBe(policy);
	await context.close();
});
