import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { type OutputChunk, rolldown } from "rolldown";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CHROMIUM } from "../support/chromium.ts";
import { packageFolder } from "../support/source-tree.ts";
import { startTabsApp, type TabsApp } from "../support/tabs-app.ts";

// What was typed when a session ends that nobody can renew.

/** Seconds that an access token is good for, and with it a session. */
const LIFETIME = 3600;
const HTML = `<div id="root"></div><a href="/elsewhere">Elsewhere</a>
<form name="plain">
	<input name="title" value="Untitled"><input name="untouched" value="as it came"><textarea name="body"></textarea>
	<select name="colour"><option>red</option><option>blue</option></select>
	<input type="radio" name="size" value="s" checked><input type="radio" name="size" value="l">
	<input type="password" name="password"><input name="pin" autocomplete="off"><input name="code" autocomplete="one-time-code">
	<input name="row"><input name="row"><input name="later" id="later">
</form>`;

let browser: Browser;
let files: ReadonlyMap<string, string>;
let app: TabsApp;
let profile: BrowserContext;

beforeAll(async () => {
	[browser, files] = await Promise.all([chromium.launch(CHROMIUM), bundlePage()]);
});
afterEach(async () => {
	await profile?.close();
	await app?.close();
});
afterAll(() => browser?.close());

/** An app whose sessions cannot be renewed, and a tab of it with somebody signed in. */
async function start(path = "/page?q=1"): Promise<Page> {
	app = await startTabsApp({
		accessTokenLifetime: LIFETIME,
		offline: false,
		replicas: 1,
		page: { html: HTML, files },
	});
	profile = await browser.newContext();
	profile.setDefaultTimeout(20_000);
	await profile.addInitScript(() => {
		const now = Date.now;
		Date.now = () => now() + Number(localStorage.getItem("ahead") ?? 0);
	});
	const page = await profile.newPage();
	await page.goto(app.origin + path);
	await signIn(page);
	return page;
}

async function signIn(page: Page, who = "ada"): Promise<void> {
	app.idp.person = { sub: who };
	await page.locator('a.button[href^="/login/"]').click();
	await page.waitForSelector(`html[data-who="${who}"]`);
}

/** Lets the session end, by all clocks that there are. */
async function later(page: Page): Promise<void> {
	app.clock.ahead += LIFETIME + 1;
	app.idp.set({ clockSkew: app.clock.ahead });
	await page.evaluate(
		(ahead) => localStorage.setItem("ahead", String(ahead)),
		app.clock.ahead * 1000,
	);
}

const plain = (page: Page, name: string) => page.locator(`form[name=plain] [name=${name}]`);

async function type(page: Page): Promise<void> {
	await page.locator("#controlled textarea").fill("A note that took long");
	await page.locator("#controlled [name=ticked]").check();
	await plain(page, "title").fill("Plan");
	await plain(page, "body").fill("line 1\nline 2");
	await plain(page, "colour").selectOption("blue");
	await plain(page, "size").nth(1).check();
	await plain(page, "password").fill("hunter2");
	await plain(page, "pin").fill("4711");
	await plain(page, "code").fill("123456");
	await plain(page, "row").nth(1).fill("second row");
}

const output = (page: Page) => page.locator("#controlled output").textContent();

/** What the tab keeps, as text. */
const stored = (page: Page) =>
	page.evaluate(
		() => Object.entries(sessionStorage).find(([name]) => name.endsWith(".drafts"))?.[1] ?? "",
	);

/** Until the page has heard that nobody is signed in any more. */
const ended = (page: Page) => page.waitForSelector('html[data-who="nobody"]');

/** What a stream that ends makes the page do. */
const look = (page: Page) =>
	page.evaluate(() =>
		(window as unknown as { portcullis: { hydrate(): Promise<void> } }).portcullis.hydrate(),
	);

it("stands there again once the same person has signed in, on the same page, and only once", async () => {
	const page = await start();
	await type(page);
	await later(page);
	await look(page);
	await ended(page);
	// What was for people who are signed in is gone from the page, and the form with it.
	expect(await page.locator("#controlled").count()).toBe(0);
	const kept = await stored(page);
	expect(kept).toContain("A note that took long");
	expect(kept).not.toMatch(/hunter2|4711|123456|as it came|ada/);

	await page.reload();
	await signIn(page);
	expect(page.url()).toBe(`${app.origin}/page?q=1`);
	// React has it, not only the document.
	await expect.poll(() => output(page)).toBe("A note that took long/true");
	expect(await plain(page, "title").inputValue()).toBe("Plan");
	expect(await plain(page, "body").inputValue()).toBe("line 1\nline 2");
	expect(await plain(page, "colour").inputValue()).toBe("blue");
	expect(await plain(page, "size").nth(1).isChecked()).toBe(true);
	expect(await plain(page, "untouched").inputValue()).toBe("as it came");
	const rows = plain(page, "row");
	expect([await rows.nth(0).inputValue(), await rows.nth(1).inputValue()]).toEqual([
		"",
		"second row",
	]);
	for (const name of ["password", "pin", "code"])
		expect(await plain(page, name).inputValue()).toBe("");
	expect(await stored(page)).toBe("");
});

it("is there as well if nobody had heard of the end when the page was left", async () => {
	const page = await start();
	await type(page);
	await later(page);
	await page.getByRole("link", { name: "Elsewhere" }).click();
	await signIn(page);
	expect(page.url()).toBe(`${app.origin}/elsewhere`);
	expect(await plain(page, "title").inputValue()).toBe("Untitled");
	await page.goto(`${app.origin}/page?q=1`);
	await expect.poll(() => output(page)).toBe("A note that took long/true");
});

it("is there as well after an event that was refused because of it", async () => {
	const page = await start();
	await type(page);
	await later(page);
	// Leads to the login page by itself.
	await page.getByRole("button", { name: "Save" }).click();
	await page.waitForURL(/\/login\?/);
	await signIn(page);
	expect(page.url()).toBe(`${app.origin}/page?q=1`);
	await expect.poll(() => output(page)).toBe("A note that took long/true");
});

it("is not kept by a logout, here or in another tab", async () => {
	const page = await start();
	await type(page);
	const other = await profile.newPage();
	await other.goto(`${app.origin}/page`);
	await other.getByRole("link", { name: "Sign out" }).click();
	await page.bringToFront();
	await ended(page);
	expect(await stored(page)).toBe("");
	await page.reload();
	await signIn(page);
	await type(page);
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: /signed out/i }).waitFor();
	expect(await stored(page)).toBe("");
});

/** So many seconds before the session ends by the clock. */
async function nearTheEnd(page: Page, secondsBefore: number): Promise<void> {
	app.clock.ahead += LIFETIME - secondsBefore;
	app.idp.set({ clockSkew: app.clock.ahead });
	await page.evaluate(
		(ahead) => localStorage.setItem("ahead", String(ahead)),
		app.clock.ahead * 1000,
	);
}

it("is not kept by a sign-out after the session has ended by the clock", async () => {
	const page = await start();
	await type(page);
	await later(page);
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.waitForURL(/\/logout/);
	await page.getByRole("heading", { name: /signed out/i }).waitFor();
	expect(await stored(page)).toBe("");
});

it("is not kept by a sign-out by script after the end, and what was kept before is gone with it", async () => {
	const page = await start();
	await type(page);
	await later(page);
	await look(page);
	await ended(page);
	expect(await stored(page)).toContain("A note that took long");
	await page.evaluate(
		() =>
			void (window as unknown as { portcullis: { logout(): Promise<void> } }).portcullis.logout(),
	);
	await page.getByRole("heading", { name: /signed out/i }).waitFor();
	expect(await stored(page)).toBe("");
});

it("is not kept by a logout in another tab in the last minute before the end", async () => {
	const page = await start();
	await type(page);
	await nearTheEnd(page, 20);
	const other = await profile.newPage();
	await other.goto(`${app.origin}/logout`);
	await other.locator("form button").click();
	await other.getByRole("heading", { name: /signed out/i }).waitFor();
	await page.bringToFront();
	await look(page);
	await ended(page);
	expect(await stored(page)).toBe("");
	await other.close();
});

it("never keeps what was a password before a button showed it, nor what is one by its name alone", async () => {
	const page = await start();
	await type(page);
	await page.evaluate(() => {
		const form = document.querySelector("form[name=plain]") as HTMLFormElement;
		const inputs = form.elements as unknown as Record<string, HTMLInputElement>;
		form.insertAdjacentHTML(
			"beforeend",
			`<input name="new_password"><input type="password" name="twofold"><input type="password" name="pressed">
			<input name="marked" autocomplete="current-password"><button type="button">Show</button>`,
		);
		const show = form.querySelector("button");
		show?.addEventListener("pointerdown", () => inputs.pressed?.setAttribute("type", "text"));
		show?.addEventListener("click", () => {
			inputs.password?.setAttribute("type", "text");
			inputs.marked?.removeAttribute("autocomplete");
			// Another field in the place of the one that was a password, as some frameworks do it.
			inputs.twofold?.replaceWith(
				Object.assign(document.createElement("input"), { name: "twofold" }),
			);
		});
	});
	await page.getByRole("button", { name: "Show" }).click();
	expect(await page.locator("form[name=plain] [type=password]").count()).toBe(0);
	for (const name of ["password", "new_password", "twofold", "pressed", "marked"])
		await plain(page, name).fill("correct horse");
	await later(page);
	await look(page);
	await ended(page);
	const kept = await stored(page);
	expect(kept).toContain("A note that took long");
	expect(kept).not.toContain("correct horse");
});

it("is nothing to anybody else, and gone with them; gone after ten minutes; and never comes over what was typed since", async () => {
	const page = await start();
	const untouched = async () => [await output(page), await plain(page, "title").inputValue()];
	for (const [minutes, who] of [
		[1, "eve"],
		[10.1, "ada"],
		[-1, "ada"],
	] as const) {
		await leave(page, minutes, who);
		await page.reload();
		await expect.poll(() => stored(page)).toBe("");
		expect(await untouched()).toEqual(["/false", "Untitled"]);
	}
	await leave(page, 9, "ada");
	await page.goto(`${app.origin}/elsewhere`);
	await page.waitForSelector('html[data-who="ada"]');
	expect(await untouched()).toEqual(["/false", "Untitled"]);
	await page.goto(`${app.origin}/page?q=1`);
	await expect.poll(() => plain(page, "title").inputValue()).toBe("from before");
	await plain(page, "title").fill("typed since");
	// A field that is shown later.
	await page.getByRole("button", { name: "More" }).click();
	await expect.poll(() => page.locator("[name=more]").inputValue()).toBe("came late");
	expect(await plain(page, "title").inputValue()).toBe("typed since");
});

/** As if somebody's session had ended so many minutes ago. */
async function leave(page: Page, minutes: number, who: string): Promise<void> {
	const hash = createHash("sha256").update(`generic ${who}`).digest("hex");
	const values = [
		[`["plain","title","text",""]0`, "from before"],
		[`["controlled","more","text",""]0`, "came late"],
	];
	const kept = { person: hash, page: "/page?q=1", at: Date.now() - minutes * 60_000, values };
	await page.evaluate(
		(text) => sessionStorage.setItem("portcullis:/_portcullis.drafts", text),
		JSON.stringify(kept),
	);
}

async function bundlePage(): Promise<ReadonlyMap<string, string>> {
	const built = await rolldown({
		input: { page: join(packageFolder, "test/support/drafts-page.ts") },
		platform: "browser",
		transform: { target: "es2023", define: { "process.env.NODE_ENV": '"production"' } },
		tsconfig: false,
	});
	const { output: chunks } = await built.generate({ format: "esm", entryFileNames: "[name].js" });
	await built.close();
	const code = chunks.filter((each): each is OutputChunk => each.type === "chunk");
	return new Map(code.map((each) => [`/web/${each.fileName}`, each.code]));
}
