import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { LOGIN, openSignedIn, signIn, useStage } from "../support/chromium.ts";

const stage = useStage();
const ELEVEN_MINUTES = 660;

describe("an attempt that took too long", () => {
	it("is begun again by itself, once, and ends at the page that was asked for", async () => {
		const { app } = stage;
		const page = await stage.tab();
		// Begun by a clock that is behind: when the answer comes it is as late as the provider's.
		app.clockOffset = -ELEVEN_MINUTES;
		await page.goto(`${app.origin}/notes/5`);
		await page.getByRole("link", LOGIN).click();
		await page.getByRole("heading", { name: "Choose who you are" }).waitFor();
		app.clockOffset = 0;
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes/5`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
		expect(app.visitsTo("/callback").map(({ status }) => status)).toEqual([302, 200]);
	});

	it("is explained when the second attempt comes late as well", async () => {
		const { app } = stage;
		const page = await stage.tab();
		app.clockOffset = -2 * ELEVEN_MINUTES;
		app.beforeRequest = (path) => {
			if (path === "/callback") app.clockOffset += ELEVEN_MINUTES;
		};
		await page.goto(`${app.origin}/notes/5`);
		await signIn(page);
		await page.getByRole("heading", { name: "This sign-in attempt has ended" }).waitFor();
		const [entry, ...more] = app.takeLog();
		expect([entry?.code, more]).toEqual(["transaction_reused", []]);
		expect(await page.textContent("dd code")).toBe(entry?.id);
		expect(app.visitsTo("/callback").map(({ status }) => status)).toEqual([302, 400]);
		app.beforeRequest = undefined;
		await page.getByRole("link", { name: "Try again" }).click();
		await page.getByRole("link", LOGIN).click();
		await page.waitForURL(`${app.origin}/notes/5`);
	});

	it("leads to the login page with a notice once the browser has dropped its cookie", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes/5`);
		await page.getByRole("link", LOGIN).click();
		await page.context().clearCookies({ name: /-tx-/ });
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/login?restarted=1`);
		expect(await page.getByText("Your last sign-in attempt had expired.").count()).toBe(1);
		await page.getByRole("link", LOGIN).click();
		await page.waitForURL(`${app.origin}/`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});
});

describe("a callback opened once more", () => {
	it("leads a signed-in person home and changes nothing", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const callback = await signInKeepingCallback(page);
		const before = await page.context().cookies(app.origin);
		await page.goto(callback);
		await page.waitForURL(`${app.origin}/`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
		expect(sessionOf(await page.context().cookies(app.origin))).toEqual(sessionOf(before));
	});

	it("leads an anonymous person to the login page, redeems nothing, and says so the second time", async () => {
		const { app } = stage;
		const callback = await signInKeepingCallback(await stage.tab());
		const page = await stage.tab();
		app.forgetVisits();
		await page.goto(callback);
		expect(page.url()).toBe(`${app.origin}/login?restarted=1`);
		expect(await page.getByText("Your last sign-in attempt had expired.").count()).toBe(1);
		expect(app.visits.flatMap(({ setCookies }) => setCookies)).toEqual([]);

		await page.getByRole("link", LOGIN).click();
		await page.context().clearCookies({ name: /-tx-/ });
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.getByRole("heading", { name: "Your browser did not keep the cookies" }).waitFor();
		expect(app.takeLog().map(({ code }) => code)).toEqual(["cookies_blocked"]);
	});

	it("three times in a row: nobody is locked out, and no second session comes about", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const callback = await signInKeepingCallback(page);
		app.forgetVisits();
		for (let i = 0; i < 3; i++) await page.goto(callback);
		await page.waitForURL(`${app.origin}/`);
		expect(app.visitsTo("/callback").flatMap(({ setCookies }) => setCookies)).toEqual([]);
	});

	it("made up, with an error in it: nothing of it is believed or shown", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(
			`${app.origin}/callback?error=access_denied&error_description=Call+0900-12345&state=made-up`,
		);
		expect(page.url()).toBe(`${app.origin}/login?restarted=1`);
		expect(await page.content()).not.toContain("0900");
	});
});

/** Signs in and returns the URL of the callback, as a bookmark would have it. */
async function signInKeepingCallback(page: Page): Promise<string> {
	const { app } = stage;
	await openSignedIn(page, `${app.origin}/notes`);
	const visit = app.visitsTo("/callback").at(-1);
	expect(visit?.path).toMatch(/[?&]code=/);
	return `${app.origin}${visit?.path}`;
}

function sessionOf(cookies: readonly { name: string; value: string }[]): string[] {
	return cookies
		.filter(({ name }) => /-(at|id|rt|sc)$/.test(name))
		.map(({ name, value }) => `${name}=${value}`)
		.sort();
}
