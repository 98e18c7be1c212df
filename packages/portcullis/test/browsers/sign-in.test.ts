import { describe, expect, it } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import { LOGIN, openSignedIn, signIn, useStage } from "../support/chromium.ts";

const stage = useStage();

describe("the whole flow", () => {
	it("leads from a shut page through login to that page, and out again, without running into the page policy", async () => {
		const { app } = stage;
		const page = await stage.tab();
		const said: string[] = [];
		page.on("console", (message) => said.push(message.text()));
		page.on("pageerror", (error) => said.push(error.message));

		await page.goto(`${app.origin}/notes?sort=new`);
		expect(page.url()).toBe(
			`${app.origin}/login?redirect_to=${encodeURIComponent("/notes?sort=new")}`,
		);
		expect(await page.title()).toBe("Sign in");
		await page.getByRole("link", LOGIN).click();
		expect(new URL(page.url()).origin).toBe(app.idp.issuer);
		await page.getByRole("button", { name: "Ada Lovelace" }).click();
		await page.waitForURL(`${app.origin}/notes?sort=new`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
		expect(await page.textContent("#text")).toBe(SECRET);

		await page.getByRole("link", { name: "Admin" }).click();
		expect(await page.textContent("h1")).toBe("Admin");

		await page.getByRole("link", { name: "Sign out" }).click();
		await page.waitForURL(/\/logout\?state=/);
		expect(await page.textContent("h1")).toBe("You are signed out");
		expect(await page.getByText("Your session at Single sign-on has ended too.").count()).toBe(1);

		await page.goto(`${app.origin}/notes`);
		expect(await page.title()).toBe("Sign in");
		// The provider's session has ended as well: it asks again.
		await page.getByRole("link", LOGIN).click();
		expect(await page.textContent("h1")).toBe("Choose who you are");
		expect(said).toEqual([]);
	});

	it("signs in silently where the provider still has a session", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.context().clearCookies({ domain: "localhost" });
		await page.goto(`${app.origin}/notes`);
		await page.getByRole("link", LOGIN).click();
		await page.waitForURL(`${app.origin}/notes`);
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});

	it("shows the forbidden page to a person whom the check refuses, and lets them change accounts", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/admin`);
		await signIn(page, "Vic Viewer");
		await page.waitForURL(`${app.origin}/admin`);
		expect(app.visitsTo("/admin").at(-1)?.status).toBe(403);
		expect(await page.textContent("h1")).toBe("You do not have access to this page");
		expect(await page.content()).not.toContain(SECRET);
		await page.getByRole("link", { name: "Sign out" }).click();
		await page.getByRole("heading", { name: "You are signed out" }).waitFor();
		await openSignedIn(page, `${app.origin}/admin`);
		expect(await page.textContent("#text")).toBe(SECRET);
	});

	it("comes back to the app with an explanation when the person cancels at the provider", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await page.goto(`${app.origin}/notes`);
		await page.getByRole("link", LOGIN).click();
		await page.getByRole("button", { name: "Cancel" }).click();
		await page.getByRole("heading", { name: "Sign-in was not completed" }).waitFor();
		const [entry] = app.takeLog();
		expect(entry?.code).toBe("access_denied");
		expect(await page.textContent("dd code")).toBe(entry?.id);
		await page.getByRole("link", { name: "Try again" }).click();
		await signIn(page);
		await page.waitForURL(`${app.origin}/notes`);
	});
});

describe("two tabs at once", () => {
	it("both complete their own login and arrive at their own page", async () => {
		const { app } = stage;
		const profile = await stage.profile();
		const [first, second] = [await profile.newPage(), await profile.newPage()];
		await first.goto(`${app.origin}/notes/1`);
		await second.goto(`${app.origin}/notes/2`);
		// Both attempts are under way before either is completed.
		for (const page of [first, second]) await page.getByRole("link", LOGIN).click();
		await first.getByRole("button", { name: "Ada Lovelace" }).click();
		await first.waitForURL(`${app.origin}/notes/1`);
		await second.getByRole("button", { name: "Ada Lovelace" }).click();
		await second.waitForURL(`${app.origin}/notes/2`);
		for (const page of [first, second]) {
			expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
			await page.reload();
			expect(await page.textContent("#text")).toBe(SECRET);
		}
		expect((await profile.cookies(app.origin)).filter(({ name }) => name.includes("-tx-"))).toEqual(
			[],
		);
	});

	it("the answers cross: both callbacks at the same moment", async () => {
		const { app } = stage;
		const profile = await stage.profile();
		const pages = await Promise.all([profile.newPage(), profile.newPage()]);
		for (const [i, page] of pages.entries()) {
			await page.goto(`${app.origin}/notes/${i}`);
			await page.getByRole("link", LOGIN).click();
		}
		await Promise.all(
			pages.map((page) => page.getByRole("button", { name: "Ada Lovelace" }).click()),
		);
		for (const [i, page] of pages.entries()) {
			await page.waitForURL(`${app.origin}/notes/${i}`);
			await page.reload();
			expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
		}
	});
});
