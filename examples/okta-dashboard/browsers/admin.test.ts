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

test("what an admin does shows in the open page of a viewer, and in the audit log", async () => {
	const [ada, vic] = [
		await visit(browser, app.url, "Ada Lovelace"),
		await visit(browser, app.url, "Vic Viewer", { viewport: { width: 1280, height: 800 } }),
	];
	await vic.page.goto("/");
	const roles = vic.page.locator(".plot.on-large").last();
	const [, administrators, viewers] =
		/Administrators (\d+), Viewers (\d+)/.exec((await roles.getAttribute("aria-label")) ?? "") ??
		[];
	await hydrated(vic.page);

	await ada.page.goto("/admin");
	await hydrated(ada.page);
	const row = ada.page.getByRole("row", { name: /Alan Novak/ });
	expect(await row.getByLabel("Role of Alan Novak").inputValue()).toBe("viewer");
	await row.getByLabel("Role of Alan Novak").selectOption("administrator");
	await ada.page.getByText("Alan Novak is now: administrator").waitFor();
	const expected = `Administrators ${Number(administrators) + 1}, Viewers ${Number(viewers) - 1}`;
	await expect
		.poll(() => roles.getAttribute("aria-label"), { timeout: 10_000 })
		.toContain(expected);

	await row.getByRole("button", { name: "Deactivate Alan Novak" }).click();
	await row.getByText("Deactivated").waitFor();
	await row.getByRole("button", { name: "Reactivate Alan Novak" }).waitFor();
	await ada.page.getByRole("link", { name: "Audit log" }).click();
	const newest = ada.page.locator("tbody tr");
	await expect
		.poll(() => newest.first().textContent())
		.toMatch(/Ada Lovelace \(ada\)deactivatedAlan Novak/);
	expect(await newest.nth(1).textContent()).toMatch(
		/role changedAlan Novakviewer to administrator/,
	);
	expect(ada.complaints).toEqual([]);
	expect(vic.complaints).toEqual([]);
	await ada.context.close();
	await vic.context.close();
});

test("the audit log is filtered by the server, and the filter survives a reload", async () => {
	const { context, page, complaints } = await visit(browser, app.url, "Ada Lovelace");
	await page.goto("/admin/audit");
	await hydrated(page);
	const rows = page.locator("tbody tr");
	const all = await rows.count();
	await page.getByLabel("Action").selectOption("deactivated");
	await expect.poll(() => rows.count()).toBeLessThan(all);
	for (const text of await rows.allTextContents()) expect(text).toContain("deactivated");
	await page.getByLabel("Search").fill("no such person");
	await page.getByText("Nothing fits.").waitFor();
	await page.getByLabel("Search").fill("");
	await page.getByLabel("Action").selectOption("any");
	await expect.poll(() => rows.count()).toBe(all);
	await page.getByLabel("Search").fill("joan");
	await expect.poll(() => rows.count()).toBeLessThan(all);
	const some = await rows.count();
	await page.reload();
	await expect.poll(() => rows.count()).toBe(some);
	expect(complaints).toEqual([]);
	await context.close();
});
