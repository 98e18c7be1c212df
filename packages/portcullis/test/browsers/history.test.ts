import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import {
	goBack,
	goForward,
	historyOf,
	LOGIN,
	openSignedIn,
	useStage,
} from "../support/chromium.ts";

// Playwright turns the back/forward cache off by itself.
const stage = useStage({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });

describe("after a login", () => {
	it("neither history nor referrer knows of the callback, its code or its state", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		expect(app.visitsTo("/callback")).toHaveLength(1);
		expect(await page.evaluate(() => document.referrer)).toBe("");
		expect(app.visitsTo("/notes").at(-1)?.header("referer")).toBeNull();
		const history = await historyOf(page);
		expect(history.at(-1)).toBe(`${app.origin}/notes`);
		expect(history.filter((url) => /\/callback|[?&](code|state|iss)=/.test(url))).toEqual([]);
	});

	it("Back leads to the login and never into the callback; Forward leads to the page", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		app.forgetVisits();
		const seen: string[] = [];
		for (let steps = (await historyOf(page)).length - 1; steps > 0; steps--) {
			await goBack(page);
			seen.push(page.url());
		}
		expect(seen.some((url) => url.startsWith(`${app.origin}/login`))).toBe(true);
		expect(app.visitsTo("/callback")).toEqual([]);
		// No page along the way sent the browser off by itself.
		expect(app.visits.length).toBeLessThanOrEqual(seen.length);
		for (let steps = seen.length; steps > 0; steps--) await goForward(page);
		expect(page.url()).toBe(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});
});

describe("after a logout", () => {
	it("Back shows nothing that was protected, from no cache either", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.getByRole("link", { name: "Notes" }).click();
		await page.goto(`${app.origin}/notes/3`);
		await page.getByRole("link", { name: "Admin" }).click();
		expect(await page.textContent("#text")).toBe(SECRET);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();

		const depth = (await historyOf(page)).length;
		expect(depth).toBeGreaterThan(4);
		for (let steps = 1; steps < depth; steps++) {
			await goBack(page);
			expect(await page.content(), page.url()).not.toContain(SECRET);
			expect(await page.content(), page.url()).not.toContain("Signed in as");
		}
	});

	it("the back/forward cache was on: it does bring back a page that may be kept", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const first = app.publish(
			"first",
			`<!doctype html><title>First</title><script>addEventListener("pageshow", (e) => document.title = "shown again: " + e.persisted);</script>`,
		);
		await page.goto(first);
		await page.goto(app.publish("second", "<!doctype html><title>Second</title>"));
		await goBack(page);
		expect(await page.title()).toBe("shown again: true");
	});

	it("the next person sees nothing of the one before with Back", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes/1`);
		await signOut(page);
		await page.getByRole("link", LOGIN).click();
		await page.getByRole("button", { name: "Vic Viewer" }).click();
		await page.waitForURL(`${app.origin}/`);
		expect(await page.textContent("#who")).toBe("Signed in as Vic Viewer");
		const depth = (await historyOf(page)).length;
		for (let steps = 1; steps < depth; steps++) {
			await goBack(page);
			expect(await page.content(), page.url()).not.toContain("Ada Lovelace</p>");
		}
		// The page that signed Ada out was among them, and has not signed Vic out.
		await page.goto(`${app.origin}/`);
		expect(await page.textContent("#who")).toBe("Signed in as Vic Viewer");
	});
});

async function signOut(page: Page): Promise<void> {
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: "You are signed out" }).waitFor();
}
