import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { A_SECOND } from "../support/a-second.ts";
import { CHROMIUM } from "../support/chromium.ts";
import { startTabsApp, type TabsApp } from "../support/tabs-app.ts";

// Tabs of one browser, on two replicas that share nothing: no stream can tell a tab what another
// process has seen. Public pages show who is there, so that tabs of nobody can be watched too.

let browser: Browser;
let app: TabsApp;
let profile: BrowserContext;

beforeAll(async () => {
	// Playwright turns the back/forward cache off by itself.
	browser = await chromium.launch({
		...CHROMIUM,
		ignoreDefaultArgs: ["--disable-back-forward-cache"],
	});
});
beforeEach(async () => {
	app = await startTabsApp({ replicas: 2 });
	profile = await browser.newContext();
	profile.setDefaultTimeout(15_000);
});
afterEach(async () => {
	await profile.close();
	await app.close();
});
afterAll(() => browser?.close());

async function open(path = "/public"): Promise<Page> {
	const page = await profile.newPage();
	await page.goto(app.origin + path);
	return page;
}

async function signIn(page: Page, path = "/page"): Promise<void> {
	await page.goto(`${app.origin}/login?redirect_to=${encodeURIComponent(path)}`);
	await page.locator('a.button[href^="/login/"]').click();
	await page.waitForURL(app.origin + path);
}

/** Notes in the page when it first showed somebody. */
async function watch(page: Page, who: string): Promise<void> {
	await page.waitForSelector("html[data-ready]");
	await page.evaluate((name) => {
		const shown = document.getElementById("who") as HTMLElement;
		const note = () => {
			if (shown.textContent === name)
				document.documentElement.dataset.shownAt ??= String(Date.now());
		};
		new MutationObserver(note).observe(shown, {
			childList: true,
			characterData: true,
			subtree: true,
		});
	}, who);
}

/** When a tab first showed that person, after `from`: milliseconds. */
async function delayOf(page: Page, from: number): Promise<number> {
	await page.waitForSelector("html[data-shown-at]");
	return (await page.evaluate(() => Number(document.documentElement.dataset.shownAt))) - from;
}

/** When the answer that changed the session reached the browser. */
async function changedAt(
	path: string,
	method: string,
	act: () => Promise<unknown>,
): Promise<number> {
	let at = 0;
	profile.on("response", (response) => {
		if (new URL(response.url()).pathname === path && response.request().method() === method)
			at = Date.now();
	});
	await act();
	expect(at).toBeGreaterThan(0);
	return at;
}

it("a login by plain navigation reaches tabs of nobody within a second, and nobody polls", async () => {
	const apart = await browser.newContext();
	const still = await apart.newPage();
	await still.clock.install();
	await still.goto(`${app.origin}/public`);
	await still.waitForSelector("html[data-ready]");
	await expect.poll(() => app.visits.some(({ path }) => path.endsWith("/stream"))).toBe(true);
	const quiet = app.visits.length;
	// By its own clock. What it had asked for would be there before what is asked for after it.
	await still.clock.runFor(20_000);
	await still.evaluate(async () => (await fetch("/public/last")).text());
	expect(app.visits.slice(quiet).map(({ method, path }) => `${method} ${path}`)).toEqual([
		"GET /public/last",
	]);
	await apart.close();
	const tabs = [await open(), await open()];
	for (const tab of tabs) await watch(tab, "ada");
	const other = await profile.newPage();
	const at = await changedAt("/callback", "GET", () => signIn(other));
	for (const tab of tabs) expect(await delayOf(tab, at)).toBeLessThan(A_SECOND);
});

it("a logout by a link reaches the others within a second, and what was withheld from nobody is gone", async () => {
	const [first, second] = [await open(), await open()];
	await signIn(first);
	await second.reload();
	await watch(second, "nobody");
	expect(await second.textContent("#who")).toBe("ada");
	const at = await changedAt("/logout", "POST", async () => {
		await first.getByRole("link", { name: "Sign out" }).click();
		await first.getByRole("heading", { name: "You are signed out" }).waitFor();
	});
	expect(await delayOf(second, at)).toBeLessThan(A_SECOND);
	expect(await second.textContent("#text")).toBe("");
	// The provider was told whose session it is.
	expect(
		app.idp.requests
			.findLast(({ endpoint }) => endpoint === "end-session")
			?.query.get("id_token_hint"),
	).toBeTruthy();
});

it("a change of person reaches the others within a second", async () => {
	const [first, second] = [await open(), await open()];
	await signIn(first);
	await second.reload();
	await watch(second, "bob");
	app.idp.person = { sub: "bob", name: "Bob" };
	const at = await changedAt("/callback", "GET", () => signIn(first));
	expect(await delayOf(second, at)).toBeLessThan(A_SECOND);
});

it("a renewal reaches the others within a second, whether the client or the page of a navigation did it", async () => {
	const [first, second] = [await open(), await open()];
	await signIn(first);
	await first.waitForSelector("html[data-ready]");
	await second.reload();
	await second.waitForSelector("html[data-ready]");
	const generation = (page: Page) =>
		page.evaluate(() => Reflect.get(window, "portcullis").session().refresh?.generation);
	app.clock.ahead += 60;
	await first.evaluate(() => Reflect.get(window, "portcullis").state("notes").write("x"));
	await expect.poll(() => generation(second), { timeout: A_SECOND }).toBe(1);
	app.clock.ahead += 60;
	await first.reload();
	await first.waitForSelector("html[data-ready]");
	await expect.poll(() => generation(second), { timeout: A_SECOND }).toBe(2);
	expect([app.refreshGrants(), app.reuseAlarms()]).toEqual([2, 0]);
});

it("a frozen tab is hidden until it knows who is there", async () => {
	const [first, second] = [await open(), await open()];
	await signIn(first);
	await second.reload();
	await second.waitForSelector("html[data-ready]");
	// What is seen in each frame while the server is slow.
	await second.evaluate(() => {
		const seen: string[] = [];
		Reflect.set(window, "seen", seen);
		const look = () => {
			const isHidden = getComputedStyle(document.body).visibility === "hidden";
			seen.push(isHidden ? "hidden" : (document.getElementById("who")?.textContent ?? ""));
			requestAnimationFrame(look);
		};
		document.addEventListener("resume", look);
	});
	// The driver keeps every page visible, and Chromium freezes hidden ones alone: the page is told
	// what it would be told.
	const tell = (type: string) =>
		second.evaluate((name) => document.dispatchEvent(new Event(name, { bubbles: true })), type);
	await tell("freeze");
	await first.getByRole("link", { name: "Sign out" }).click();
	await first.getByRole("heading", { name: "You are signed out" }).waitFor();
	let answer = () => {};
	const held = new Promise<void>((resolve) => {
		answer = resolve;
	});
	app.beforeRequest = (path) => (path.endsWith("/hydrate") ? held : undefined);
	const last = () => second.evaluate(() => Reflect.get(window, "seen").at(-1));
	await tell("resume");
	await expect.poll(last, { timeout: 10_000 }).toBe("hidden");
	answer();
	await expect.poll(last, { timeout: 10_000 }).toBe("nobody");
	expect(
		await second.evaluate(() => [...new Set(Reflect.get(window, "seen") as string[])]),
	).toEqual(["hidden", "nobody"]);
});

it("a page out of the back/forward cache is hidden until it knows who is there", async () => {
	const [first, second] = [await open(), await open()];
	await signIn(first);
	// Served to nobody, so that nothing forbids to keep it.
	await expect.poll(() => second.textContent("#who")).toBe("ada");
	await second.evaluate(() => {
		Reflect.set(window, "isTheSame", true);
		addEventListener("pageshow", () => {
			Reflect.set(window, "seenFirst", getComputedStyle(document.body).visibility);
		});
	});
	await second.goto(`${app.origin}/public/other`);
	await first.getByRole("link", { name: "Sign out" }).click();
	await first.getByRole("heading", { name: "You are signed out" }).waitFor();
	await second.goBack({ waitUntil: "commit" });
	await expect.poll(() => second.textContent("#who")).toBe("nobody");
	expect(
		await second.evaluate(() => [
			Reflect.get(window, "isTheSame"),
			Reflect.get(window, "seenFirst"),
		]),
	).toEqual([true, "hidden"]);
	await expect
		.poll(() => second.evaluate(() => getComputedStyle(document.body).visibility))
		.toBe("visible");
});
