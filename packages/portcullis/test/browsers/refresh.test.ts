import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM } from "../support/chromium.ts";
import { startTabsApp, type TabsApp, type TabsAppOptions } from "../support/tabs-app.ts";

let browser: Browser;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
	browser = await chromium.launch(CHROMIUM);
});
afterEach(async () => {
	for (const each of open.splice(0).reverse()) await each.close();
});
afterAll(() => browser?.close());

async function start(
	options: TabsAppOptions = {},
	javaScriptEnabled = true,
): Promise<[TabsApp, BrowserContext]> {
	const app = await startTabsApp(options);
	const profile = await browser.newContext({ javaScriptEnabled });
	profile.setDefaultTimeout(40_000);
	open.push(app, profile);
	return [app, profile];
}

/** Opens a page and signs in on the way to it. */
async function signIn(app: TabsApp, profile: BrowserContext, path = "/page"): Promise<Page> {
	const page = await profile.newPage();
	await page.goto(app.origin + path);
	await page.locator("a.button").first().click();
	await page.waitForURL(app.origin + path);
	return page;
}

const isReady = (page: Page) => page.waitForSelector("html[data-ready]");
const textOf = (page: Page, id: string) => page.textContent(`#${id}`);

async function another(app: TabsApp, profile: BrowserContext, path = "/page"): Promise<Page> {
	const page = await profile.newPage();
	await page.goto(app.origin + path);
	return page;
}

/** Writes to the state by an event; gives how it ended. */
const write = (page: Page, text: string) =>
	page.evaluate((value) => Reflect.get(window, "portcullis").state("notes").write(value), text);

describe("many tabs of one session", () => {
	it("ten tabs stay signed in over three renewals, each spent once at the provider", async () => {
		const [app, profile] = await start({ accessTokenLifetime: 6, replicas: 1 });
		const first = await signIn(app, profile);
		const tabs = [
			first,
			...(await Promise.all(Array.from({ length: 9 }, () => another(app, profile)))),
		];
		await Promise.all(tabs.map(isReady));
		await expect
			.poll(() => app.refreshGrants(), { timeout: 40_000, interval: 100 })
			.toBeGreaterThanOrEqual(3);
		for (const tab of tabs) {
			expect(await write(tab, "still here")).toMatchObject({ ok: true });
			expect([await textOf(tab, "who"), await textOf(tab, "text")]).toEqual(["ada", "still here"]);
		}
		expect(app.reuseAlarms()).toBe(0);
		expect(app.visits.filter(({ path }) => path.startsWith("/login"))).toHaveLength(2);
		const generation = await first.evaluate(
			async () => (await (await fetch("/_portcullis/session")).json()).refresh,
		);
		expect(generation.generation).toBe(app.refreshGrants());
	});

	it("twenty tabs that are restored at once, on replicas that share nothing, renew once", async () => {
		const [app, profile] = await start({ replicas: 2 });
		await (await signIn(app, profile)).close();
		app.clock.ahead += 60;
		// So long that all of them are refused, most at the same address, before one has renewed.
		app.idp.set({ delay: { token: 4000 } });
		const tabs = await Promise.all(
			Array.from({ length: 20 }, (_, i) => another(app, profile, i < 15 ? "/page" : `/page/${i}`)),
		);
		await Promise.all(tabs.map(isReady));
		expect(new Set(await Promise.all(tabs.map((tab) => textOf(tab, "served"))))).toEqual(
			new Set(["ada"]),
		);
		expect([app.refreshGrants(), app.reuseAlarms()]).toEqual([1, 0]);
		expect(new Set(app.visits.map(({ replica }) => replica)).size).toBe(2);
	});

	it("a tab that is closed while it renews leaves its mark: the next one waits for the answer and spends nothing", async () => {
		const [app, profile] = await start({ replicas: 2 });
		const [first, second] = [await signIn(app, profile), await another(app, profile)];
		await Promise.all([first, second].map(isReady));
		app.clock.ahead += 60;
		app.idp.set({ delay: { token: 2000 } });
		const seen = app.idp.requests.length;
		void write(first, "lost").catch(() => {});
		await expect.poll(() => app.idp.requests.length).toBeGreaterThan(seen);
		await first.close();
		expect(await write(second, "goes on")).toMatchObject({ ok: true });
		expect([app.refreshGrants(), app.reuseAlarms()]).toEqual([1, 0]);
	});

	it("the page of a navigation and the client wait for each other: whoever comes first spends the token", async () => {
		for (const pageFirst of [true, false]) {
			const [app, profile] = await start({ replicas: 2 });
			const tab = await signIn(app, profile);
			await isReady(tab);
			app.clock.ahead += 60;
			app.idp.set({ delay: { token: 1500 } });
			const seen = app.idp.count("token");
			const byPage = async () => {
				const page = await another(app, profile);
				await isReady(page);
				return textOf(page, "served");
			};
			const one = pageFirst ? byPage() : write(tab, "x");
			await expect.poll(() => app.idp.count("token")).toBe(seen + 1);
			const [served, result] = pageFirst
				? [await one, await write(tab, "x")].toSorted((a) => (typeof a === "string" ? -1 : 1))
				: [await byPage(), await one];
			expect([served, result]).toMatchObject(["ada", { ok: true }]);
			expect([app.refreshGrants(), app.reuseAlarms()]).toEqual([1, 0]);
		}
	});
});

describe("what a person was at", () => {
	it("an unsaved text survives a renewal, and an event and a fetch that come just after the expiry are carried out once", async () => {
		const [app, profile] = await start({ replicas: 1 });
		const page = await signIn(app, profile);
		await isReady(page);
		await page.fill("#draft", "not saved yet");
		app.clock.ahead += 60;
		expect(await write(page, "after")).toMatchObject({ ok: true });
		expect([await page.inputValue("#draft"), await textOf(page, "text")]).toEqual([
			"not saved yet",
			"after",
		]);
		app.clock.ahead += 60;
		const answer = () =>
			page.evaluate(async () => {
				const response = await Reflect.get(window, "portcullis").fetch("/api/me", {
					method: "POST",
					body: "x",
				});
				return [response.status, await response.json()];
			});
		expect(await answer()).toEqual([200, { sub: "ada" }]);
		expect(await page.inputValue("#draft")).toBe("not saved yet");
		expect(
			app.visits.filter(({ path, status }) => path === "/api/me" && status === 200),
		).toHaveLength(1);
		expect(app.refreshGrants()).toBe(2);
	});

	it("while the provider is down beyond the grace the page stays, and the event says that it was not carried out", async () => {
		const [app, profile] = await start();
		const page = await signIn(app, profile);
		await isReady(page);
		await page.fill("#draft", "not saved yet");
		app.clock.ahead += 60 + 1800;
		app.idp.faults = { transport: { token: 503 } };
		expect(await write(page, "x")).toMatchObject({
			ok: false,
			status: "failed",
			code: "refresh_required",
		});
		expect([page.url(), await page.inputValue("#draft")]).toEqual([
			`${app.origin}/page`,
			"not saved yet",
		]);
		app.idp.reset();
		expect(await write(page, "back")).toMatchObject({ ok: true });
		app.log.splice(0);
	});

	it("without script a navigation leads to the login page, and spends nothing", async () => {
		const [app, profile] = await start({}, false);
		await signIn(app, profile);
		app.clock.ahead += 60;
		const page = await another(app, profile);
		await page.waitForURL(/\/login\?redirect_to=%2Fpage/);
		expect(app.refreshGrants()).toBe(0);
	});

	it("without a refresh token the session ends with the access token, and the person comes back to the page", async () => {
		const [app, profile] = await start({ offline: false, replicas: 1 });
		const page = await signIn(app, profile, "/page/7?a=b");
		await isReady(page);
		app.clock.ahead += 60;
		expect(await write(page, "x")).toEqual({ ok: false, status: "denied", reason: "login" });
		await page.waitForURL(/\/login\?redirect_to=%2Fpage%2F7%3Fa%3Db/);
		await page.locator("a.button").first().click();
		await page.waitForURL(`${app.origin}/page/7?a=b`);
		expect(await textOf(page, "served")).toBe("ada");
	});
});

describe("a logout during a renewal", () => {
	it.each(["by a link", "by the client"])(
		"%s ends logged out, on whichever replica it arrives",
		async (way) => {
			const [app, profile] = await start({ replicas: 2 });
			const [first, second] = [await signIn(app, profile), await another(app, profile)];
			await Promise.all([first, second].map(isReady));
			app.clock.ahead += 60;
			app.idp.set({ delay: { token: 1500 } });
			const seen = app.idp.count("token");
			void write(first, "x").catch(() => {});
			await expect.poll(() => app.idp.count("token")).toBe(seen + 1);
			if (way === "by a link") await second.getByRole("link", { name: "Sign out" }).click();
			else await second.evaluate(() => Reflect.get(window, "portcullis").logout());
			await second.getByRole("heading", { name: "You are signed out" }).waitFor();
			const names = (await profile.cookies(app.origin))
				.map(({ name }) => name)
				.filter((name) => /-(at|rt|id)\b/.test(name));
			expect(names).toEqual([]);
			// The new refresh token was revoked, not only the spent one: the logout came after the
			// renewal.
			expect(app.refreshGrants()).toBe(1);
			// The replica that renewed a moment ago revokes what came of it as well, if the logout
			// arrives there.
			await expect.poll(() => app.idp.count("revoke")).toBeGreaterThan(0);
			const page = await another(app, profile);
			expect(page.url()).toContain("/login?");
		},
	);
});
