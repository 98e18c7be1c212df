import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { expectConsole } from "../../../packages/portcullis/test/support/expect-console.ts";
import { clientByHand, sendByHand } from "./support/by-hand.ts";
import { addNote, launchChromium, noteIn, openNotesAs } from "./support/chromium.ts";
import { watchComplaints } from "./support/complaints.ts";
import { type NotesApp, startNotesApp } from "./support/notes-app.ts";

let browser: Browser;
let app: NotesApp;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
	[app, browser] = await Promise.all([startNotesApp(), launchChromium()]);
});

afterAll(async () => {
	await browser?.close();
	await app?.close();
});

afterEach(async () => {
	await Promise.all(contexts.splice(0).map((context) => context.close()));
});

/** A browser of its own, as far as cookies, storage and locks go. */
async function newBrowser(): Promise<{
	context: BrowserContext;
	page: Page;
	complaints: string[];
}> {
	const context = await browser.newContext({ baseURL: app.url });
	contexts.push(context);
	const complaints = watchComplaints(context, app.url);
	return { context, page: await context.newPage(), complaints };
}

test("two people in two browsers see each other's notes as they are written, and an admin's table counts them", async () => {
	const ada = await newBrowser();
	const vic = await newBrowser();
	await openNotesAs(ada.page, "Ada Lovelace");
	await openNotesAs(vic.page, "Vic Viewer");
	const table = await ada.context.newPage();
	await table.goto("/admin");

	await addNote(ada.page, "from Ada");
	const seenByVic = vic.page.getByRole("listitem").filter({ hasText: "from Ada" });
	await seenByVic.getByText("Ada Lovelace").waitFor();
	await addNote(vic.page, "from Vic");
	const seenByAda = ada.page.getByRole("listitem").filter({ hasText: "from Vic" });
	await seenByAda.getByText("Vic Viewer").waitFor();
	expect(await seenByAda.getByText("You").count()).toBe(0);
	await vic.page.getByRole("listitem").filter({ hasText: "from Vic" }).getByText("You").waitFor();
	await table.getByRole("row", { name: "Vic Viewer 1" }).waitFor();

	await ada.page.getByRole("button", { name: "Clear all notes" }).click();
	await ada.page.getByRole("button", { name: "Clear them" }).click();
	await vic.page.getByText("No notes yet").waitFor();
	await table.getByText("Nobody has written anything.").waitFor();
	await ada.page.getByText("All notes are cleared.").waitFor();
	expect(await vic.page.getByText("All notes are cleared.").count(), "said to who did it").toBe(0);
	expect([...ada.complaints, ...vic.complaints]).toEqual([]);
});

test("ten tabs of one browser are all live over HTTP/1.1, and all can write", async () => {
	const { context, page, complaints } = await newBrowser();
	await openNotesAs(page, "Vic Viewer");
	const tabs = [page];
	while (tabs.length < 10) {
		const tab = await context.newPage();
		await tab.goto("/notes");
		tabs.push(tab);
	}
	for (const [index, tab] of tabs.entries()) {
		// Input goes to the tab in front.
		await tab.bringToFront();
		await addNote(tab, `from tab ${index}`);
	}
	for (const tab of tabs)
		for (const index of tabs.keys()) await noteIn(tab, `from tab ${index}`).waitFor();

	// The tab that holds the stream goes: the others go on without it.
	await page.close();
	const writer = await newBrowser();
	await openNotesAs(writer.page, "Ada Lovelace");
	await addNote(writer.page, "after the first tab");
	for (const tab of tabs.slice(1)) await noteIn(tab, "after the first tab").waitFor();
	expect(complaints).toEqual([]);
});

test("a reload keeps the draft, a new tab has none, and sending it takes it away", async () => {
	const { context, page, complaints } = await newBrowser();
	await openNotesAs(page, "Vic Viewer");
	const input = page.getByLabel("New note");
	await input.fill("half a thought");
	await page.getByText("Draft saved").waitFor();
	await page.reload();
	await expect.poll(() => input.inputValue()).toBe("half a thought");
	const second = await context.newPage();
	await second.goto("/notes");
	await second.getByRole("heading", { level: 1 }).waitFor();
	expect(await second.getByLabel("New note").inputValue()).toBe("");
	await second.close();

	await input.press("End");
	await input.pressSequentially(", now whole");
	// The save that is waiting when the note is sent must not bring the text back.
	const cleared = page.waitForResponse((response) => {
		const sent = response.url().endsWith("/_portcullis/event")
			? response.request().postDataJSON()
			: undefined;
		return sent?.event === "saveDraft" && sent.payload === "";
	});
	await page.getByRole("button", { name: "Add note" }).click();
	await noteIn(page, "half a thought, now whole").waitFor();
	await expect.poll(() => input.inputValue()).toBe("");
	await cleared;
	const answered = page.waitForResponse(/\/_portcullis\/hydrate$/);
	await page.reload();
	await answered;
	await noteIn(page, "half a thought, now whole").waitFor();
	expect(await input.inputValue()).toBe("");
	expect(complaints).toEqual([]);
});

test("signing out in one tab takes what is protected away in the other, and signing in as somebody else brings theirs", async () => {
	const { context, page } = await newBrowser();
	await openNotesAs(page, "Ada Lovelace");
	await addNote(page, "not for strangers");
	await page.getByLabel("New note").fill("nor is this");
	await page.getByText("Draft saved").waitFor();
	const second = await context.newPage();
	await second.goto("/notes");
	await second.getByRole("link", { name: "Sign out" }).click();
	await second.getByRole("heading", { name: /signed out/i }).waitFor();

	await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	expect(await page.content()).not.toMatch(
		/not for strangers|nor is this|Ada Lovelace|ada@example/,
	);
	expect(await page.locator("textarea").count()).toBe(0);

	await openNotesAs(second, "Vic Viewer");
	await page.getByRole("heading", { level: 1, name: "Notes" }).waitFor();
	await page.getByRole("complementary", { name: "Signed in" }).getByText("Vic Viewer").waitFor();
	expect(await page.getByLabel("New note").inputValue()).toBe("");
	expect(
		await page.getByRole("button", { name: "Clear all notes", includeHidden: true }).count(),
	).toBe(0);
	await page
		.getByRole("listitem")
		.filter({ hasText: "not for strangers" })
		.getByText("Ada Lovelace")
		.waitFor();
});

test("signed-in people see real values from the first paint on", async () => {
	const { page } = await newBrowser();
	await openNotesAs(page, "Ada Lovelace");
	await addNote(page, "there at once");
	await page.addInitScript(() => {
		const shown: string[] = [];
		Object.assign(window, { shown });
		new MutationObserver(() => {
			const text = document.querySelector("main")?.textContent;
			if (text) shown.push(text);
		}).observe(document, { childList: true, subtree: true, characterData: true });
	});
	await page.reload();
	await page.getByText("there at once").waitFor();
	const shown = await page.evaluate(() => (window as unknown as { shown: string[] }).shown);
	expect(shown.length).toBeGreaterThan(0);
	for (const text of shown) {
		expect(text).toContain("there at once");
		expect(text).toContain("ada@example.com");
	}
});

test("what one person does by hand, with another's tab, is refused", async () => {
	expectConsole("warn", /client_stale/);
	const ada = await newBrowser();
	const vic = await newBrowser();
	await openNotesAs(ada.page, "Ada Lovelace");
	await openNotesAs(vic.page, "Vic Viewer");
	const client = await clientByHand(ada.page);
	const status = await vic.page.evaluate(async (client) => {
		const response = await fetch("/_portcullis/event", {
			method: "POST",
			headers: { "Content-Type": "application/json", "Portcullis-Request": "1" },
			body: JSON.stringify({
				...{ client, epoch: 0, rev: 0, seq: 1, id: crypto.randomUUID() },
				...{ state: "notes", event: "saveDraft", payload: "taken over" },
			}),
		});
		return [response.status, (await response.json()).code];
	}, client);
	expect(status).toEqual([409, "client_stale"]);
	expect(await sendByHand(vic.page, "saveDraft", "my own")).toMatchObject({
		status: 200,
		outcome: "ok",
	});
});
