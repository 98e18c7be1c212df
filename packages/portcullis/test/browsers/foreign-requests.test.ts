import { describe, expect, it } from "vitest";
import { linkFrom, openSignedIn, signIn, useStage } from "../support/chromium.ts";

const stage = useStage();

describe("another site that would sign a person in", () => {
	it("by a link to the start, reaches the login page and no further", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await page.goto(linkFrom(other, `${app.origin}/login/generic?redirect_to=/notes/3`));
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Sign in" }).waitFor();
		expect(app.visits.map(({ status, setCookies }) => [status, setCookies])).toEqual([[200, []]]);
		// It is the person's own click that goes on.
		await signIn(page);
		await page.waitForURL(`${app.origin}/notes/3`);
	});

	it.each([
		["location", (href: string) => `<script>location.href = ${JSON.stringify(href)};</script>`],
		["a refresh", (href: string) => `<meta http-equiv="refresh" content="0; url=${href}">`],
		[
			"a form",
			(href: string) =>
				`<form action="${href}"></form><script>document.forms[0].submit();</script>`,
		],
	])("by %s, reaches the same", async (name, markup) => {
		const { app, other } = stage;
		const page = await stage.tab();
		await page.goto(
			other.publish(`to-start-${name.replaceAll(" ", "-")}`, markup(`${app.origin}/login/generic`)),
			{
				waitUntil: "commit",
			},
		);
		await page.getByRole("heading", { name: "Sign in" }).waitFor();
		expect(app.visits.flatMap(({ setCookies }) => setCookies)).toEqual([]);
	});

	it("keeps a signed-in person's session: the start clears nothing", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(linkFrom(other, `${app.origin}/login/generic`));
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Sign in" }).waitFor();
		await page.goto(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});
});

describe("an address that is typed, or opened out of a mail", () => {
	it("begins a login for who is not signed in, and ends no session of who is", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const start = `${app.origin}/login/generic?redirect_to=/notes/3`;
		await page.goto(start);
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes/3`);
		await page.goto(start);
		expect(await page.getByText("You are signed in as").textContent()).toContain("Ada Lovelace");
		await page.goto(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});
});

describe("another site that would sign a person out", () => {
	it("by a form, is refused: the session stays, and a page asks", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(
			other.publish(
				"forged-form",
				`<form method="post" action="${app.origin}/logout"><input name="form_token" value="guessed"><button>Win</button></form>`,
			),
		);
		app.forgetVisits();
		await page.getByRole("button", { name: "Win" }).click();
		await page.getByRole("button", { name: "Sign out" }).waitFor();
		expect(app.takeLog().map(({ code, reason }) => [code, reason])).toEqual([
			["csrf_failed", "origin"],
		]);
		expect(
			app.visits.map(({ method, status, setCookies }) => [method, status, setCookies]),
		).toEqual([["POST", 403, []]]);
		await page.goto(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});

	it("by a form with the token of its own session, is refused as well", async () => {
		const { app, other } = stage;
		const attacker = await stage.tab();
		await openSignedIn(attacker, `${app.origin}/notes`, "Vic Viewer");
		// From another site the page shows its form instead of sending it.
		await attacker.goto(linkFrom(other, `${app.origin}/logout`));
		await attacker.getByRole("link", { name: "Go" }).click();
		const token = await attacker.locator("[name=form_token]").getAttribute("value");
		expect(token).toMatch(/^.{30,}$/);

		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(
			other.publish(
				"forged-token",
				`<form method="post" action="${app.origin}/logout"><input name="form_token" value="${token}"><button>Win</button></form>`,
			),
		);
		app.forgetVisits();
		await page.getByRole("button", { name: "Win" }).click();
		await page.getByRole("button", { name: "Sign out" }).waitFor();
		expect(app.takeLog().map(({ code, reason }) => [code, reason])).toEqual([
			["csrf_failed", "origin"],
		]);
		expect(app.visits.map(({ method, status }) => [method, status])).toEqual([["POST", 403]]);
		await page.goto(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});

	it("by a link, reaches a button; pressing it signs out", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(linkFrom(other, `${app.origin}/logout`));
		app.forgetVisits();
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Sign out?" }).waitFor();
		// Scripts have run by then: one that pressed it would have sent something.
		await page.waitForLoadState("load");
		expect(await page.locator("script").allTextContents()).toEqual([
			expect.not.stringMatching(/form button"\)\.click/),
		]);
		expect(
			app.visits.map(({ method, status, setCookies }) => [method, status, setCookies]),
		).toEqual([["GET", 200, []]]);
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
		await page.goto(`${app.origin}/notes`);
		expect(await page.title()).toBe("Sign in");
	});

	it("a typed address asks, too", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(`${app.origin}/logout`);
		expect(await page.textContent("h1")).toBe("Sign out?");
		expect(await page.getByText("You are signed in as").textContent()).toContain("Ada Lovelace");
		await page.getByRole("link", { name: "Stay signed in" }).click();
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});
});
