import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { expectConsole } from "../../../packages/portcullis/test/support/expect-console.ts";
import { notesByHand, sendByHand, writeByHand } from "./support/by-hand.ts";
import { launchChromium, noteIn, openNotesAs, signInAs, signOut } from "./support/chromium.ts";
import { watchComplaints } from "./support/complaints.ts";
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
	complaints = watchComplaints(context, app.url);
	page = await context.newPage();
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
	await expect
		.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
		.toBeGreaterThan(0);

	await page.getByLabel("New note").fill("  <b>bold</b> & tea </script>  ");
	await page.getByRole("button", { name: "Add note" }).click();
	await noteIn(page, "<b>bold</b> & tea </script>").waitFor();
	await expect.poll(() => page.getByLabel("New note").inputValue()).toBe("");
	await page.reload();
	await noteIn(page, "<b>bold</b> & tea </script>").waitFor();
	expect(complaints).toEqual([]);
});

test("an admin sees who wrote how much, and clears all notes after a question", async () => {
	await openNotesAs(page, "Ada Lovelace");
	await writeByHand(page, "first", "second");
	await page.goto("/admin");
	await page.getByRole("row", { name: /^Ada Lovelace \d+$/ }).waitFor();
	const before = await notesByHand(page);
	expect(before.length).toBeGreaterThanOrEqual(2);

	await page.getByRole("button", { name: "Clear all notes" }).click();
	await page.getByRole("button", { name: "Keep them" }).click();
	expect(await notesByHand(page)).toEqual(before);

	await page.getByRole("button", { name: "Clear all notes" }).click();
	await page.getByRole("button", { name: "Clear them" }).click();
	await page.getByText("Nobody has written anything.").waitFor();
	await page.getByText("All notes are cleared.").waitFor();
	expect(await page.getByRole("button", { name: "Clear all notes" }).isDisabled()).toBe(true);
	expect(await notesByHand(page)).toEqual([]);
	expect(complaints).toEqual([]);
});

test("an admin sees who came and went, and nobody else does", async () => {
	expectConsole("warn", /forbidden/);
	await openNotesAs(page, "Vic Viewer");
	await writeByHand(page, "a thought that is in no trail");
	expect(await sendByHand(page, "clearAllNotes")).toMatchObject({ status: 403 });
	const told = await page.evaluate(async () => {
		const headers = { "Content-Type": "application/json", "Portcullis-Request": "1" };
		const init = { method: "POST", headers, body: JSON.stringify({ states: ["audit"] }) };
		return (await fetch("/_portcullis/hydrate", init)).json();
	});
	expect(told).toMatchObject({ values: { "audit.trail": [[]] }, withheld: ["audit.trail"] });
	await signOut(page);
	await openNotesAs(page, "Ada Lovelace");
	await page.goto("/admin");
	const trail = page.getByRole("region", { name: "The last 100 records" });
	await trail
		.getByRole("row", {
			name: /Vic Viewer event handler notes\.clearAllNotes denied toast \(check denied\)/,
		})
		.first()
		.waitFor();
	await trail
		.getByRole("row", { name: /Vic Viewer logout/ })
		.first()
		.waitFor();
	await trail
		.getByRole("row", { name: /Ada Lovelace login completed \/callback success/ })
		.first()
		.waitFor();
	expect(await trail.textContent()).not.toContain("a thought that is in no trail");
	expect(complaints.filter((complaint) => !complaint.includes("403"))).toEqual([]);
});

test.each(["Vic Viewer", "Nora Nogroup"])(
	"%s is offered nothing of an admin's, and an event by hand is refused",
	async (name) => {
		expectConsole("warn", /forbidden/);
		await openNotesAs(page, name);
		await writeByHand(page, "stays");
		await page.getByText("stays").first().waitFor();
		expect(await page.getByRole("link", { name: "Admin", exact: true }).count()).toBe(0);
		expect(
			await page.getByRole("button", { name: "Clear all notes", includeHidden: true }).count(),
		).toBe(0);
		expect(complaints).toEqual([]);

		expect(await sendByHand(page, "clearAllNotes")).toMatchObject({
			status: 403,
			code: "forbidden",
		});
		expect(await notesByHand(page)).toContain("stays");

		const answer = await page.goto("/admin");
		expect(answer?.status()).toBe(403);
	},
);

test("a page that was told its person is an admin shows the button, and the server still says no", async () => {
	expectConsole("warn", /forbidden/);
	await openNotesAs(page, "Vic Viewer");
	await writeByHand(page, "stays too");
	// Somebody lies to their own browser.
	await page.route(/\/notes$|\/hydrate$/, async (route) => {
		const response = await route.fetch();
		const body = (await response.text()).replaceAll(
			'"user.isAdmin":[false]',
			'"user.isAdmin":[true]',
		);
		await route.fulfill({ response, body });
	});
	// The stream would say the truth, if something happened to be on its way there.
	await page.route(/\/stream$/, (route) => route.abort());
	await page.reload();
	await page.getByRole("button", { name: "Clear all notes" }).click();
	const answer = page.waitForResponse(/\/_portcullis\/event$/);
	await page.getByRole("button", { name: "Clear them" }).click();
	expect((await answer).status()).toBe(403);
	await page.getByText("Action not allowed").waitFor();
	expect(await notesByHand(page)).toContain("stays too");
});

test("without a session no event but the public one runs, and no value but the public one is real", async () => {
	expectConsole("warn", /login_required/);
	await page.goto("/");
	for (const event of ["addNote", "saveDraft", "clearAllNotes"])
		expect(await sendByHand(page, event, "x"), event).toMatchObject({
			status: 401,
			code: "login_required",
		});
	expect(await sendByHand(page, "toggleDarkMode", true)).toMatchObject({
		status: 200,
		outcome: "ok",
	});
	expect(await notesByHand(page)).toEqual([]);
});

test("the landing page gives the number of notes to the team alone", async () => {
	await page.goto("/");
	await page.getByText("How many notes there are is for the team to know.").waitFor();
	expect(await page.getByText(/so far/).count()).toBe(0);
	await openNotesAs(page, "Vic Viewer");
	await writeByHand(page, "counted");
	const count = (await notesByHand(page)).length;
	await page.goto("/");
	await page.getByText(`${count} ${count === 1 ? "note" : "notes"} so far`).waitFor();
	await page.getByText("Signed in as Vic Viewer").waitFor();
	expect(complaints).toEqual([]);
});

test("a note is refused when it is empty, too long or no text", async () => {
	expectConsole("warn", /input_invalid/);
	expectConsole("warn", /body_too_large/);
	await openNotesAs(page, "Vic Viewer");
	const before = await notesByHand(page);
	for (const payload of ["", "  ", 1, null, ["x"], { text: "x" }, "x".repeat(501)])
		expect(await sendByHand(page, "addNote", payload), JSON.stringify(payload)).toMatchObject({
			status: 422,
			code: "input_invalid",
		});
	expect(await sendByHand(page, "addNote", "x".repeat(300_000))).toMatchObject({ status: 413 });
	expect(await notesByHand(page)).toEqual(before);
});

test("after signing out, Back shows nothing protected", async () => {
	await openNotesAs(page, "Ada Lovelace");
	await writeByHand(page, "for the team only");
	await page.getByText("for the team only").first().waitFor();
	await signOut(page);

	const asked: string[] = [];
	page.on("request", (request) => asked.push(request.url()));
	for (let step = 0; step < 6; step++) {
		// Near the start of the history there is nothing to go back to.
		await page.goBack({ waitUntil: "load" }).catch(() => null);
		const content = await page.content();
		for (const secret of ["for the team only", "ada@example.com"])
			expect(content, page.url()).not.toContain(secret);
	}
	expect(asked, "Back came by the notes, and they were asked for anew").toContain(
		`${app.url}/notes`,
	);
	await page.goto("/notes");
	expect(new URL(page.url()).pathname).toBe("/login");
});

test("a session that ended elsewhere takes what was typed away, and leads to the login and back", async () => {
	expectConsole("warn", /client_stale|login_required/);
	const stream = page.waitForResponse(/\/_portcullis\/stream$/);
	await openNotesAs(page, "Ada Lovelace");
	await stream;
	await context.clearCookies();
	// The draft is on its way to be saved: that is when the page learns of it.
	await page.getByLabel("New note").fill("too late");
	await page.waitForURL(`${app.url}/login?redirect_to=%2Fnotes`);
	expect(await page.content()).not.toMatch(/too late|Ada Lovelace|ada@example/);
	await signInAs(page, "Ada Lovelace");
	expect(page.url()).toBe(`${app.url}/notes`);
	expect(await page.getByLabel("New note").inputValue()).toBe("");
});

test("everyone may choose dark, and the choice stays", async () => {
	await page.goto("/");
	const toggle = page.getByRole("button", { name: "Dark mode" });
	const light = await background();
	expect(await toggle.getAttribute("aria-pressed")).toBe("false");
	await toggle.click();
	await expect.poll(() => background()).not.toBe(light);
	const dark = await background();
	await watchTheme();
	const answered = page.waitForResponse(/\/_portcullis\/hydrate$/);
	await page.reload();
	await answered;
	await expect.poll(() => toggle.getAttribute("aria-pressed")).toBe("true");
	expect(await shownThemes(), "no flash").toEqual(["dark"]);

	// What the browser remembers is for the moment before the server was heard, no more.
	await page.evaluate(() => {
		sessionStorage.setItem("theme", "light");
		localStorage.setItem("theme", "light");
	});
	await page.reload();
	await expect.poll(() => background()).toBe(dark);

	// A new tab has no state yet, and looks like the last one; what it chooses is its own.
	const second = await context.newPage();
	await second.goto("/");
	expect(await background(second)).toBe(dark);
	await second.getByRole("button", { name: "Dark mode" }).click();
	await expect.poll(() => background(second)).toBe(light);
	await page.reload();
	expect(await shownThemes(), "each tab has its own").toEqual(["dark"]);

	await openNotesAs(page, "Vic Viewer");
	await expect
		.poll(() => toggle.getAttribute("aria-pressed"), { message: "kept through the login" })
		.toBe("true");
	expect(await background()).toBe(dark);
	expect(await shownThemes()).toEqual(["dark"]);
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
	await page.getByText("Signed in as Ada Lovelace").waitFor();
	expect(complaints).toEqual([]);
});

/**
 * Notes in each document from now on what colours it is told to have, from before its first paint
 * on.
 */
function watchTheme(): Promise<unknown> {
	return page.addInitScript(() => {
		const themes = new Set<string | undefined>();
		Object.assign(window, { themes });
		new MutationObserver(() => {
			// From when there is something to see.
			if (document.body) themes.add(document.documentElement.dataset.theme);
		}).observe(document, { childList: true, subtree: true, attributes: true });
	});
}

function shownThemes(): Promise<(string | undefined)[]> {
	return page.evaluate(() => [
		...(window as unknown as { themes: Set<string | undefined> }).themes,
	]);
}

function background(of = page): Promise<string> {
	return of.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
}
