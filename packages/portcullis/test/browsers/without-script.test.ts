import { expect, it } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import { linkFrom, openSignedIn, useStage } from "../support/chromium.ts";

const stage = useStage();
const withoutScript = { javaScriptEnabled: false };

it("signs in", async () => {
	const { app } = stage;
	const page = await stage.tab(withoutScript);
	await openSignedIn(page, `${app.origin}/notes?sort=new`);
	expect(await page.locator("#text").textContent()).toBe(SECRET);
});

it("opens a link from another site for a signed-in person", async () => {
	const { app, other } = stage;
	const page = await stage.tab(withoutScript);
	await openSignedIn(page, `${app.origin}/notes`);
	await page.goto(linkFrom(other, `${app.origin}/notes/7?a=1&b=2`));
	app.forgetVisits();
	await page.getByRole("link", { name: "Go" }).click();
	await page.getByRole("heading", { name: "Note 7" }).waitFor();
	expect(page.url()).toBe(`${app.origin}/notes/7?a=1&b=2`);
	expect(app.visits.map(({ path, status }) => `${status} ${path}`)).toEqual([
		"200 /notes/7?a=1&b=2",
		"200 /notes/7?a=1&b=2",
	]);
	expect(app.visits.map(({ header }) => header("sec-fetch-site"))).toEqual([
		"cross-site",
		"same-origin",
	]);
});

it("signs out, with the button that a script would press", async () => {
	const { app } = stage;
	const page = await stage.tab(withoutScript);
	await openSignedIn(page, `${app.origin}/notes`);
	await page.getByRole("link", { name: "Sign out" }).click();
	await page.getByRole("button", { name: "Sign out" }).click();
	await page.getByRole("heading", { name: "You are signed out" }).waitFor();
	expect(await page.getByText("has ended too").count()).toBe(1);
	await page.goto(`${app.origin}/notes`);
	expect(await page.title()).toBe("Sign in");
	expect(await stage.app.visitsTo("/logout").at(-1)?.status).toBe(200);
});
