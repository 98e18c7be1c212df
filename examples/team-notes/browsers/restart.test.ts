import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type DevIdp, startDevIdp } from "portcullis/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addNote, launchChromium, noteIn, openNotesAs } from "./support/chromium.ts";
import { buildFrontEnd } from "./support/notes-app.ts";
import { type NotesProcess, startNotesProcess } from "./support/notes-process.ts";

let browser: Browser;
let idp: DevIdp;
let folder: string;
let running: NotesProcess | undefined;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "team-notes-"));
	[browser, idp] = await Promise.all([launchChromium(), startDevIdp(), buildFrontEnd()]);
});

afterAll(async () => {
	await browser?.close();
	await running?.kill();
	await idp?.close();
	rmSync(folder, { recursive: true });
});

test.each(["kill", "stop"] as const)(
	"after a %s open tabs recover by themselves, and the notes are there",
	async (end) => {
		// The secret of the embedded provider's client is known to everybody: in production no keys may
		// come from it.
		const PORTCULLIS_SECRET = "kX3v9QmB7tRz2LdW8sYfH5cNj1PaGu6E";
		const env = { ...idp.env, PORTCULLIS_SECRET, TEAM_NOTES_DB: join(folder, `${end}.sqlite`) };
		let app = await startNotesProcess(env);
		running = app;
		const { url } = app;
		const [ada, vic] = await Promise.all([
			browser.newContext({ baseURL: url }),
			browser.newContext({ baseURL: url }),
		]);
		const [adasPage, vicsPage] = [await ada.newPage(), await vic.newPage()];
		await openNotesAs(adasPage, "Ada Lovelace");
		await openNotesAs(vicsPage, "Vic Viewer");
		await addNote(adasPage, "before");
		await noteIn(vicsPage, "before").waitFor();
		// Nothing below loads a page: whatever comes, comes over the tabs that are open.
		const loads: string[] = [];
		for (const page of [adasPage, vicsPage])
			page.on("framenavigated", (frame) => loads.push(frame.url()));

		await vicsPage.getByLabel("New note").fill("half a thought");
		await app[end]();
		// Written while there is no server: it is sent until there is one.
		const refused = adasPage.waitForEvent("requestfailed", (request) =>
			request.url().endsWith("/event"),
		);
		await adasPage.getByLabel("New note").fill("meanwhile");
		await adasPage.getByRole("button", { name: "Add note" }).click();
		await refused;
		app = await startNotesProcess(env, Number(new URL(url).port));
		running = app;

		await noteIn(adasPage, "before").waitFor();
		await adasPage.getByRole("button", { name: "Add note" }).waitFor();
		// Whether the first attempt ran before the server went, the new one cannot know: then the page
		// says so instead of sending it twice.
		const unknown = adasPage.getByText(/The server did not answer/);
		const there = noteIn(adasPage, "meanwhile");
		await unknown.or(there).first().waitFor();
		if ((await unknown.count()) > 0)
			await adasPage.getByRole("button", { name: "Add note" }).click();
		await there.waitFor();
		expect(await there.count()).toBe(1);

		await noteIn(vicsPage, "meanwhile").waitFor();
		expect(await vicsPage.getByLabel("New note").inputValue()).toBe("half a thought");
		await addNote(vicsPage, "after");
		await noteIn(adasPage, "after").waitFor();
		expect(loads).toEqual([]);

		const again = await ada.newPage();
		await again.goto("/notes");
		for (const text of ["before", "meanwhile", "after"]) await noteIn(again, text).waitFor();
		await Promise.all([ada.close(), vic.close()]);
		expect(await app.stop()).toBe(0);
		running = undefined;
	},
);
