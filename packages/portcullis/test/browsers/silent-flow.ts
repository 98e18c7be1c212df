import { expect } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import { LOGIN, linkFrom, type Stage, signIn } from "../support/chromium.ts";

/** The headers that say where a request comes from, and what Chromium says of itself. */
export const SEC = /^sec-/;

/**
 * In a browser that says nothing of where a request comes from, people sign in, come by links from
 * other sites, and sign out.
 */
export async function expectSilentFlow(stage: Stage): Promise<void> {
	const { app, other } = stage;
	const page = await stage.tab();
	await page.goto(`${app.origin}/notes/1?sort=new`);
	await signIn(page);
	await page.waitForURL(`${app.origin}/notes/1?sort=new`);
	expect(await page.textContent("#text")).toBe(SECRET);
	expect(app.visitsTo("/login").map(({ status }) => status)).toEqual([200]);
	// From a mail, which names no page.
	await page.goto(linkFrom(other, `${app.origin}/notes/7?a=1#part`, 'rel="noreferrer"'));
	await page.getByRole("link", { name: "Go" }).click();
	await page.waitForURL(`${app.origin}/notes/7?a=1#part`);
	await page.getByText("Signed in as Ada Lovelace").waitFor();
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	await page.getByRole("link", LOGIN).click();
	await page.getByRole("heading", { name: "Choose who you are" }).waitFor();
}
