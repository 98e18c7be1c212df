import { expect, it } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import { goBack, openSignedIn, useStage } from "../support/chromium.ts";

const stage = useStage();

it("leads to the provider again and back to the page, without a word on the console, and back from there (R117)", async () => {
	const { app } = stage;
	const page = await stage.tab();
	const said: string[] = [];
	page.on("console", (message) => said.push(message.text()));
	page.on("pageerror", (error) => said.push(error.message));
	await openSignedIn(page, `${app.origin}/notes`);
	await page.goto(`${app.origin}/notes/secret`);
	expect(new URL(page.url()).origin).toBe(app.idp.issuer);
	await page.getByRole("button", { name: "Ada Lovelace" }).click();
	await page.waitForURL(`${app.origin}/notes/secret`);
	expect(await page.textContent("#text")).toBe(SECRET);
	await page.reload();
	expect(page.url()).toBe(`${app.origin}/notes/secret`);
	expect(said).toEqual([]);
	await goBack(page);
	await goBack(page);
	// Wherever that is, nobody is signed out and nothing failed.
	await page.goto(`${app.origin}/notes`);
	expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
});

it("leaves who cancels signed in, and shows whoever else has signed in as themselves", async () => {
	const { app } = stage;
	const page = await stage.tab();
	await openSignedIn(page, `${app.origin}/notes`);
	await page.goto(`${app.origin}/notes/secret`);
	await page.getByRole("button", { name: "Cancel" }).click();
	await page.waitForURL(/\/callback/);
	await page.getByRole("heading", { name: "Sign-in was not completed" }).waitFor();
	expect(app.takeLog()).toEqual([expect.objectContaining({ code: "access_denied" })]);
	await page.goto(`${app.origin}/notes`);
	expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");

	await page.goto(`${app.origin}/notes/secret`);
	await page.getByRole("button", { name: "Vic Viewer" }).click();
	await page.waitForURL(`${app.origin}/notes/secret`);
	expect(await page.textContent("#who")).toBe("Signed in as Vic Viewer");
});
