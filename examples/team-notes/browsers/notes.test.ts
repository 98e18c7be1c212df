import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchChromium, signInAs, signOut } from "./support/chromium.ts";
import { type NotesApp, startNotesApp } from "./support/notes-app.ts";

let browser: Browser;
let app: NotesApp;
let context: BrowserContext;
let page: Page;
/** What the browser complained about, violations of the content security policy included. */
let complaints: string[];

beforeAll(async () => {
	[app, browser] = await Promise.all([startNotesApp(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

beforeEach(async () => {
	context = await browser.newContext({ baseURL: app.url, colorScheme: "light" });
	page = await context.newPage();
	complaints = [];
	page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
	page.on("pageerror", (error) => complaints.push(String(error)));
});

afterEach(() => context.close());

test("the landing page is for everyone", async () => {
	await page.goto("/");
	await page.getByRole("heading", { level: 1, name: /only your team/ }).waitFor();
	expect(await page.getByRole("link", { name: "Sign in" }).isVisible()).toBe(true);
	expect(await page.getByRole("link", { name: "Sign out" }).count()).toBe(0);
	expect(await context.cookies()).toEqual([]);
	expect(complaints).toEqual([]);
});

test("a deep link leads through the login and back, query and all, to a note of one's own", async () => {
	await page.goto("/notes?sort=new&tag=a%26b");
	expect(new URL(page.url()).pathname).toBe("/login");
	await signInAs(page, "Ada Lovelace");
	expect(page.url()).toBe(`${app.url}/notes?sort=new&tag=a%26b`);

	const profile = page.getByRole("complementary", { name: "Signed in" });
	for (const text of ["Ada Lovelace", "ada@example.com", "admins", "staff"]) {
		await profile.getByText(text, { exact: true }).waitFor();
	}
	const picture = profile.locator("img");
	expect(await picture.getAttribute("src")).toBe(`${app.idp.issuer}/avatars/ada.svg`);
	await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);

	await page.getByLabel("New note").fill("  <b>bold</b> & tea </script>  ");
	await page.getByRole("button", { name: "Add note" }).click();
	await page.getByText("<b>bold</b> & tea </script>", { exact: true }).waitFor();
	expect(await page.getByLabel("New note").inputValue()).toBe("");
	await page.reload();
	await page.getByText("<b>bold</b> & tea </script>", { exact: true }).waitFor();
	expect(complaints).toEqual([]);
});

test("an admin sees who wrote how much, and clears all notes after a question", async () => {
	await page.goto("/admin");
	await signInAs(page, "Ada Lovelace");
	await write("first", "second");
	await page.goto("/admin");
	await page.getByRole("row", { name: /Ada Lovelace/ }).waitFor();
	const before = await notes();
	expect(before.length).toBeGreaterThanOrEqual(2);

	await page.getByRole("button", { name: "Clear all notes" }).click();
	await page.getByRole("button", { name: "Keep them" }).click();
	expect(await notes()).toEqual(before);

	await page.getByRole("button", { name: "Clear all notes" }).click();
	await page.getByRole("button", { name: "Clear them" }).click();
	await page.getByText("Nobody has written anything.").waitFor();
	expect(await notes()).toEqual([]);
	expect(complaints).toEqual([]);
});

test.each(["Vic Viewer", "Nora Nogroup"])(
	"%s gets the forbidden view, and a request by hand is refused too",
	async (name) => {
		await page.goto("/notes");
		await signInAs(page, name);
		await write("stays");
		expect(await page.getByRole("link", { name: "Admin", exact: true }).count()).toBe(0);

		const answer = await page.goto("/admin");
		expect(answer?.status()).toBe(403);
		expect(await page.getByRole("link", { name: "Sign out" }).isVisible()).toBe(true);

		await page.goto("/notes");
		expect(await send("DELETE", "/api/admin/notes")).toEqual({ status: 403, code: "forbidden" });
		expect(await send("GET", "/api/admin/authors")).toEqual({ status: 403, code: "forbidden" });
		expect(await notes()).toContain("stays");
	},
);

test("without a session the API answers 401 and changes nothing", async () => {
	await page.goto("/");
	for (const [method, path] of [
		["GET", "/api/notes"],
		["POST", "/api/notes"],
		["DELETE", "/api/admin/notes"],
	] as const) {
		expect(await send(method, path), `${method} ${path}`).toEqual({ status: 401, code: "login_required" });
	}
});

test("a note is refused when it is empty, too long or no text", async () => {
	await page.goto("/notes");
	await signInAs(page, "Vic Viewer");
	const before = await notes();
	for (const body of ["", "[]", '{"text":"  "}', '{"text":1}', JSON.stringify({ text: "x".repeat(501) })]) {
		expect((await send("POST", "/api/notes", body)).status, body.slice(0, 20)).toBe(422);
	}
	expect((await send("POST", "/api/notes", JSON.stringify({ text: "x".repeat(9000) }))).status).toBe(413);
	expect(await notes()).toEqual(before);
});

test("after signing out, Back shows nothing protected", async () => {
	await page.goto("/notes");
	await signInAs(page, "Ada Lovelace");
	await write("for the team only");
	await page.reload();
	await page.getByText("for the team only").first().waitFor();
	await signOut(page);

	const asked: string[] = [];
	page.on("request", (request) => asked.push(request.url()));
	for (let step = 0; step < 6; step++) {
		// Near the start of the history there is nothing to go back to.
		await page.goBack({ waitUntil: "load" }).catch(() => null);
		const content = await page.content();
		for (const secret of ["for the team only", "ada@example.com"]) expect(content, page.url()).not.toContain(secret);
	}
	expect(asked, "Back came by the notes, and they were asked for anew").toContain(`${app.url}/notes`);
	await page.goto("/notes");
	expect(new URL(page.url()).pathname).toBe("/login");
});

test("a session that ended elsewhere leads from the open page to the login and back", async () => {
	await page.goto("/notes");
	await signInAs(page, "Ada Lovelace");
	await page.getByLabel("New note").fill("too late");
	await context.clearCookies();
	await page.getByRole("button", { name: "Add note" }).click();
	await page.waitForURL(`${app.url}/login?redirect_to=%2Fnotes`);
});

test("everyone may choose dark, and the choice stays", async () => {
	await page.goto("/");
	const toggle = page.getByRole("button", { name: "Dark mode" });
	const light = await background();
	expect(await toggle.getAttribute("aria-pressed")).toBe("false");
	await toggle.click();
	await expect.poll(background).not.toBe(light);
	const dark = await background();
	await page.reload();
	expect(await background()).toBe(dark);
	expect(await toggle.getAttribute("aria-pressed")).toBe("true");
	expect(complaints).toEqual([]);
});

test("on the public page that another site links to, the person is known all the same", async () => {
	await page.goto("/notes");
	await signInAs(page, "Ada Lovelace");
	// For cookies, 127.0.0.1 is another site than localhost.
	await page.goto(app.idp.issuer.replace("localhost", "127.0.0.1"));
	const asked = page.waitForRequest((request) => request.url() === `${app.url}/`);
	await page.evaluate((href) => {
		const link = document.createElement("a");
		link.href = href;
		document.body.append(link);
		link.click();
	}, `${app.url}/`);
	const sent = (await (await asked).allHeaders()).cookie ?? "";
	const strict = (await context.cookies(app.url)).filter(({ sameSite }) => sameSite === "Strict");
	expect(strict).not.toHaveLength(0);
	for (const { name } of strict) expect(sent).not.toContain(`${name}=`);
	await page.getByRole("link", { name: "Sign out Ada Lovelace" }).waitFor();
});

/** Sends a request as somebody with the developer tools would, from the open page. */
function send(method: string, path: string, body?: string): Promise<{ status: number; code: string | undefined }> {
	return page.evaluate(
		async ([method, path, body]) => {
			const response = await fetch(path, { method, ...(body === undefined ? {} : { body }) });
			const text = await response.text();
			const isProblem = response.headers.get("content-type") === "application/problem+json";
			return { status: response.status, code: isProblem ? (JSON.parse(text).code as string) : undefined };
		},
		[method, path, body] as const,
	);
}

async function write(...texts: string[]): Promise<void> {
	for (const text of texts) expect((await send("POST", "/api/notes", JSON.stringify({ text }))).status).toBe(201);
}

function notes(): Promise<string[]> {
	return page.evaluate(async () => {
		const all: { text: string }[] = await (await fetch("/api/notes")).json();
		return all.map(({ text }) => text);
	});
}

function background(): Promise<string> {
	return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
}
