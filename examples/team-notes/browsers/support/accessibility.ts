import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { addNote, signInAs, signOut } from "./chromium.ts";

const axeSource = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
	"utf8",
);
const wcag: RunOptions = {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	rules: { "target-size": { enabled: true } },
};
/** How large pages are shown, and in which colours. */
export interface Look {
	readonly viewport: { readonly width: number; readonly height: number };
	readonly colorScheme: "light" | "dark";
}

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

/** Goes through every page of the app in that look: each passes axe and fits. Leaves no notes. */
export async function expectAccessible(
	browser: Browser,
	url: string,
	{ colorScheme, viewport }: Look,
): Promise<void> {
	// The policy of the pages would keep axe out.
	const context = await browser.newContext({
		baseURL: url,
		colorScheme,
		viewport,
		bypassCSP: true,
		reducedMotion: "reduce",
	});
	const page = await context.newPage();
	const look = async (name: string) => expect(await problems(page), name).toEqual([]);

	await page.goto("/");
	await page.getByRole("heading", { level: 1 }).waitFor();
	await look("landing page");
	await page.goto("/notes");
	await look("login view");
	await signInAs(page, "Ada Lovelace");
	const long = `A long one: ${"https://example.com/".repeat(12)}`;
	await addNote(page, long);
	await look("notes of an admin");
	await page.getByLabel("New note").fill("half a thought");
	await page.getByText("Draft saved").waitFor();
	await look("notes with a draft");
	await page.goto("/admin");
	await page.getByRole("row", { name: /^Ada Lovelace \d+$/ }).waitFor();
	await look("admin page");
	await page.getByRole("button", { name: "Clear all notes" }).click();
	await look("question before clearing");
	await page.getByRole("button", { name: "Clear them" }).click();
	await page.getByText("All notes are cleared.").waitFor();
	await look("toast after clearing");
	await page.goto("/notes");
	await page.getByText("No notes yet").waitFor();
	await look("no notes");
	await page.goto("/nowhere");
	await page.getByRole("heading", { name: "There is no such page" }).waitFor();
	await look("not found");
	const second = await context.newPage();
	await second.goto("/notes");
	await signOut(page);
	await look("signed out");
	await second.getByRole("heading", { name: "You are signed out" }).waitFor();
	expect(await problems(second), "signed out in another tab").toEqual([]);
	await second.close();
	await page.goto("/admin");
	await signInAs(page, "Vic Viewer");
	await look("forbidden view");
	await page.goto("/notes");
	await page.getByText("Everyone's notes").waitFor();
	await look("notes of a viewer");
	await page.goto("/");
	await page.getByText(/so far/).waitFor();
	await look("landing page, signed in");
	await context.close();
}

async function problems(page: Page): Promise<string[]> {
	await page.evaluate(axeSource);
	return page.evaluate(async (options) => {
		const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
		const { violations } = await axe.run(options);
		const found = violations.map(
			({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`,
		);
		const { scrollWidth, clientWidth } = document.documentElement;
		// Two lines of text are higher than the 44 px of a target.
		for (const link of document.querySelectorAll("nav a")) {
			if (link.getBoundingClientRect().height > 48)
				found.push(`${link.textContent} breaks into lines`);
		}
		return scrollWidth > clientWidth
			? [...found, `scrolls sideways by ${scrollWidth - clientWidth} px`]
			: found;
	}, wcag);
}
