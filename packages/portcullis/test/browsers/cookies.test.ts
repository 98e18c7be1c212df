import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { CHROMIUM, LOGIN, openSignedIn, signIn, useStage } from "../support/chromium.ts";

const stage = useStage();
const WEEK = 604_800;
/** Kind of cookie, by the end of its name, with its `SameSite` and lifetime in seconds. */
const KINDS: readonly (readonly [RegExp, "Strict" | "Lax", number])[] = [
	[/^__Host-generic-[\w-]{6}-(at|id|rt|sc)(\.[0-3])?$/, "Strict", WEEK],
	[/^__Host-generic-[\w-]{6}-on$/, "Lax", WEEK],
	[/^__Host-generic-[\w-]{6}-tx-[\w-]{16}$/, "Lax", 600],
	[/^__Host-generic-[\w-]{6}-lo$/, "Lax", 600],
	[/^__Host-portcullis-hops$/, "Lax", 60],
];

describe("every cookie that the gate sets", () => {
	it("has its fixed attributes, as sent and as the browser keeps it, from the first to the deletion", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const kept = new Map<string, Awaited<ReturnType<BrowserContext["cookies"]>>[number]>();
		const look = async () => {
			for (const cookie of await page.context().cookies(app.origin)) {
				if (!cookie.name.startsWith("dev_idp")) kept.set(cookie.name, cookie);
			}
		};
		await page.goto(`${app.origin}/notes`);
		await page.getByRole("link", LOGIN).click();
		await look();
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes`);
		await look();
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();

		const lines = app.visits.flatMap(({ setCookies }) => setCookies);
		for (const line of lines) {
			const [pair = "", ...attributes] = line.split("; ");
			const name = pair.slice(0, pair.indexOf("="));
			const isDeletion = pair === `${name}=`;
			const [, sameSite, lifetime] = kindOf(name);
			expect(attributes.sort(), name).toEqual(
				[
					"HttpOnly",
					`Max-Age=${isDeletion ? 0 : lifetime}`,
					"Path=/",
					`SameSite=${sameSite}`,
					"Secure",
				].sort(),
			);
			expect(Buffer.byteLength(pair), name).toBeLessThanOrEqual(4096);
		}
		for (const [pattern] of KINDS)
			expect(
				lines.some((line) => pattern.test(line.split("=", 1)[0] ?? "")),
				`${pattern}`,
			).toBe(true);

		for (const cookie of kept.values()) {
			const [, sameSite, lifetime] = kindOf(cookie.name);
			// A cookie without Domain belongs to the host alone: no leading dot.
			expect(cookie, cookie.name).toMatchObject({
				domain: "localhost",
				path: "/",
				secure: true,
				httpOnly: true,
				sameSite,
			});
			expect(Math.abs(cookie.expires - Date.now() / 1000 - lifetime), cookie.name).toBeLessThan(60);
		}
		expect([...kept.keys()].map((name) => name.replace(/-tx-.*/, "-tx").slice(-3)).sort()).toEqual([
			"-at",
			"-id",
			"-on",
			"-rt",
			"-sc",
			"-tx",
		]);
		// All of it is gone: only what remembers the way back from the provider would be left, and it
		// was used.
		expect((await page.context().cookies(app.origin)).map(({ name }) => name)).toEqual([]);
	});

	it("stays below the budget, and script sees none of it", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		const cookies = await page.context().cookies(app.origin);
		expect(
			cookies.reduce((sum, { name, value }) => sum + name.length + value.length + 3, 0),
		).toBeLessThan(7168);
		expect(await page.evaluate(() => document.cookie)).toBe("");
	});

	it("abandoned attempts evict each other, and the newest still completes", async () => {
		const { app } = stage;
		const page = await stage.tab();
		for (let i = 1; i <= 6; i++) {
			await page.goto(`${app.origin}/login?redirect_to=/notes/${i}`);
			await page.getByRole("link", LOGIN).click();
			await page.getByRole("heading", { name: "Choose who you are" }).waitFor();
		}
		const transactions = (await page.context().cookies(app.origin)).filter(({ name }) =>
			name.includes("-tx-"),
		);
		expect(transactions.length).toBeGreaterThan(1);
		expect(transactions.length).toBeLessThanOrEqual(4);
		expect(
			transactions.reduce((sum, { name, value }) => sum + name.length + value.length + 3, 0),
		).toBeLessThanOrEqual(2048);
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes/6`);
	});
});

describe("a browser that keeps no cookies of the app", () => {
	it("gets an explanation with an error id after the second attempt, and no loop", async () => {
		const { app } = stage;
		await withCookiesBlocked(app.origin, async (context) => {
			const page = await context.newPage();
			await page.goto(`${app.origin}/notes`);
			await signIn(page);
			await page.waitForURL(`${app.origin}/login?restarted=1`);
			await page.getByRole("link", LOGIN).click();
			await page.getByRole("heading", { name: "Your browser did not keep the cookies" }).waitFor();
			const [entry, ...more] = app.takeLog();
			expect([entry?.code, more]).toEqual(["cookies_blocked", []]);
			expect(await page.textContent("dd code")).toBe(entry?.id);
			expect(app.visits.filter(({ header }) => header("cookie"))).toEqual([]);
			expect(app.visitsTo("/callback")).toHaveLength(2);
		});
	});

	it("gets the same from a browser that drops the Strict ones alone", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes`);
		await page.getByRole("link", LOGIN).click();
		// As if the browser had not kept them: there is no setting that drops these alone.
		app.dropCookie = (line) => line.includes("SameSite=Strict");
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.getByRole("heading", { name: "Your browser did not keep the cookies" }).waitFor();
		expect(app.takeLog().map(({ code }) => code)).toEqual(["cookies_blocked"]);
	});
});

function kindOf(name: string): (typeof KINDS)[number] {
	const found = KINDS.filter(([pattern]) => pattern.test(name));
	expect(found, name).toHaveLength(1);
	return found[0] as (typeof KINDS)[number];
}

/**
 * A profile whose settings block the cookies of one origin, as a person would in the browser's own
 * settings.
 */
async function withCookiesBlocked(
	origin: string,
	run: (context: BrowserContext) => Promise<void>,
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "portcullis-profile-"));
	await mkdir(join(folder, "Default"));
	const exceptions = { cookies: { [`${origin},*`]: { setting: 2 } } };
	await writeFile(
		join(folder, "Default", "Preferences"),
		JSON.stringify({ profile: { content_settings: { exceptions } } }),
	);
	const context = await chromium.launchPersistentContext(folder, CHROMIUM);
	try {
		context.setDefaultTimeout(10_000);
		await run(context);
	} finally {
		await context.close();
		await rm(folder, { recursive: true, force: true });
	}
}
