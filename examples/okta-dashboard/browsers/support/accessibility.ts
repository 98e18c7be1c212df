import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { hydrated, visit } from "./chromium.ts";

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

/** Goes through every page of the app in that look: each passes axe, and none scrolls sideways. */
export async function expectAccessible(
	browser: Browser,
	url: string,
	{ colorScheme, viewport }: Look,
): Promise<void> {
	// The policy of the pages would keep axe out.
	const options = { colorScheme, viewport, bypassCSP: true, reducedMotion: "reduce" } as const;
	const ada = await visit(browser, url, "Ada Lovelace", options);
	for (const path of ["/", "/admin", "/admin/audit", "/profile", "/nowhere"]) {
		await ada.page.goto(path);
		await hydrated(ada.page);
		expect(await problems(ada.page), path).toEqual([]);
	}
	await ada.page.goto("/");
	await hydrated(ada.page);
	await ada.page.getByText("Show the numbers").click();
	expect(await problems(ada.page), "numbers").toEqual([]);
	await ada.page.goto("/admin");
	await hydrated(ada.page);
	await ada.page.getByRole("button", { name: /Karen Byrne/ }).click();
	await ada.page.getByText(/^Karen Byrne is /).waitFor();
	expect(await problems(ada.page), "message").toEqual([]);
	await ada.context.close();

	const nora = await visit(browser, url, "Nora Nogroup", options);
	await hydrated(nora.page);
	expect(await problems(nora.page), "profile without a role").toEqual([]);
	await nora.page.goto("/");
	expect(await problems(nora.page), "forbidden").toEqual([]);
	await nora.context.close();
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
		return scrollWidth > clientWidth
			? [...found, `scrolls sideways by ${scrollWidth - clientWidth} px`]
			: found;
	}, wcag);
}
