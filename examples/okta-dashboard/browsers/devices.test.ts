import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium, visit } from "./support/chromium.ts";
import { type Dashboard, startDashboard } from "./support/dashboard.ts";

// The dashboard asks a service of its own in the name of whoever is signed in.

let browser: Browser;
let app: Dashboard;

beforeAll(async () => {
	[app, browser] = await Promise.all([startDashboard(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

/** What the table of devices says, row by row. */
async function devicesOf(name: string): Promise<string[]> {
	const { context, page, complaints } = await visit(browser, app.url, name);
	await page.getByRole("heading", { name: "Devices" }).waitFor();
	const rows = await page.locator(".devices tbody tr").allTextContents();
	expect(complaints).toEqual([]);
	await context.close();
	return rows;
}

test("everybody sees devices of their own, roles or not", async () => {
	const all = [];
	for (const name of ["Ada Lovelace", "Vic Viewer", "Nora Nogroup"])
		all.push(await devicesOf(name));
	for (const rows of all) {
		expect(rows).toHaveLength(3);
		expect(rows[0]).toMatch(/\d{4}, \d\d:\d\d UTCTrusted$/);
	}
	expect(new Set(all.map(String)).size).toBe(3);
	expect(await devicesOf("Ada Lovelace")).toEqual(all[0]);
});

test("the token reaches no browser, and the service takes nothing that a browser has", async () => {
	const { context, page } = await visit(browser, app.url, "Ada Lovelace");
	const service = /device service is at (http\S+)/.exec(app.output())?.[1] ?? "";
	const texts: string[] = [];
	const asked: string[] = [];
	page.on("response", async (response) => texts.push(await response.text().catch(() => "")));
	page.on("request", (request) => asked.push(new URL(request.url()).origin));
	await page.goto("/profile");
	await page.getByRole("heading", { name: "Devices" }).waitFor();
	texts.push(await page.content());
	// Neither a JWT's header in base64, nor a request to the service.
	expect(texts.join("\n")).not.toMatch(/eyJ[\w-]+\.eyJ/);
	expect(asked).not.toContain(new URL(service).origin);
	const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
	expect((await fetch(`${service}devices`, { headers: { Cookie: cookies } })).status).toBe(401);
	await context.close();
});
