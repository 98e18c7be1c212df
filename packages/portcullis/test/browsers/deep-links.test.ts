import { describe, expect, it } from "vitest";
import { SECRET } from "../support/app-fixture.ts";
import { historyOf, linkFrom, openSignedIn, useStage } from "../support/chromium.ts";
import { exchange } from "../support/scripted-browser.ts";

const stage = useStage();

describe("a link on another site, for a signed-in person", () => {
	it("opens the page at once, fragment and query included, and leaves one entry in the history", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		const mail = linkFrom(other, `${app.origin}/notes/7?a=1&b=%C3%A9#part-2`);
		await page.goto(mail);
		app.forgetVisits();
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Note 7" }).waitFor();
		expect(page.url()).toBe(`${app.origin}/notes/7?a=1&b=%C3%A9#part-2`);
		expect(await page.textContent("#text")).toBe(SECRET);
		expect(app.visits.map(({ path, status }) => `${status} ${path}`)).toEqual([
			"200 /notes/7?a=1&b=%C3%A9",
			"200 /notes/7?a=1&b=%C3%A9",
		]);
		expect(app.visits.map(({ header }) => header("cookie")?.includes("-at="))).toEqual([
			false,
			true,
		]);
		expect((await historyOf(page)).slice(-2)).toEqual([mail, page.url()]);
	});

	it("stays open with a reload of the toolbar", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(linkFrom(other, `${app.origin}/notes/8`));
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Note 8" }).waitFor();
		app.forgetVisits();
		for (let i = 0; i < 5; i++) {
			await page.reload();
			expect(await page.textContent("h1")).toBe("Note 8");
		}
		expect(app.visits).toHaveLength(5);
	});

	it("leads to /admin as well, where a check wants to know who it is", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.goto(linkFrom(other, `${app.origin}/admin`));
		await page.getByRole("link", { name: "Go" }).click();
		await page.getByRole("heading", { name: "Admin" }).waitFor();
		expect(await page.textContent("#who")).toBe("Signed in as Ada Lovelace");
	});

	it.each([
		["different pages", ["/notes/1", "/notes/2", "/notes/3", "/notes/4", "/notes/5"]],
		["the same page", ["/notes/9", "/notes/9", "/notes/9", "/notes/9", "/notes/9"]],
	])("opens %s in five tabs at once", async (name, targets) => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		app.forgetVisits();
		const links = targets.map((path, i) => `<a href="${app.origin}${path}">Link ${i}</a>`);
		await page.goto(other.publish(name.replaceAll(" ", "-"), links.join(" ")));
		const arrivals = () =>
			app.visits.filter(({ header }) => header("sec-fetch-site") === "cross-site").length;
		// No tab gets any further before the last one has arrived: the most that a fast hand can do.
		app.beforeRequest = async (_path, header) => {
			if (header("sec-fetch-site") === "cross-site") return;
			await expect.poll(arrivals, { timeout: 20_000 }).toBe(targets.length);
		};
		for (const i of targets.keys()) {
			await page.getByRole("link", { name: `Link ${i}` }).click({ modifiers: ["ControlOrMeta"] });
		}
		await expect
			.poll(() => page.context().pages().length, { timeout: 10_000 })
			.toBe(targets.length + 1);
		const tabs = page.context().pages();
		tabs.shift();
		await Promise.all(
			tabs.map((tab) =>
				tab.getByRole("heading", { name: /^Note \d$/ }).waitFor({ timeout: 20_000 }),
			),
		);
		expect(tabs.map((tab) => new URL(tab.url()).pathname).sort()).toEqual(targets);
		for (const tab of tabs) expect(await tab.textContent("#text")).toBe(SECRET);
		expect(app.visits).toHaveLength(2 * targets.length);
	});

	it("ends on a page that explains in a browser that calls its own repeats cross-site, which none of ours does", async () => {
		const { app } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		const sessionHint = (await page.context().cookies(app.origin)).find(({ name }) =>
			name.endsWith("-on"),
		);
		const headers = {
			accept: "text/html",
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			"sec-fetch-site": "cross-site",
		};
		let redirects = "";
		const statuses: number[] = [];
		for (let i = 1; i <= 10; i++) {
			const cookie = `${sessionHint?.name}=${sessionHint?.value}; ${redirects}`;
			const answer = await exchange(`${app.origin}/notes/6`, "GET", { ...headers, cookie });
			statuses.push(answer.status);
			redirects = answer.setCookies[0]?.split(";", 1)[0] ?? "";
		}
		expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 400]);
		expect(app.takeLog().map(({ code }) => code)).toEqual(["too_many_redirects"]);
	});

	it("leaves no count behind: the same link many times, one after the other", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		const mail = linkFrom(other, `${app.origin}/notes/8`);
		for (let i = 0; i < 6; i++) {
			await page.goto(mail);
			await page.getByRole("link", { name: "Go" }).click();
			await page.getByRole("heading", { name: "Note 8" }).waitFor();
		}
		expect((await page.context().cookies(app.origin)).map(({ name }) => name)).not.toContain(
			"__Host-portcullis-hops",
		);
	});
});

describe("a link on another site, for somebody else", () => {
	it("leads an anonymous person to the login page and then to the page", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await page.goto(linkFrom(other, `${app.origin}/notes/7?a=1`));
		await page.getByRole("link", { name: "Go" }).click();
		await page.waitForURL(`${app.origin}/login?redirect_to=${encodeURIComponent("/notes/7?a=1")}`);
		expect(app.visitsTo("/notes/7").map(({ status }) => status)).toEqual([302]);
	});

	it("with a marker that is out of date: asks once more, then shows the login page and forgets the marker", async () => {
		const { app, other } = stage;
		const page = await stage.tab();
		await openSignedIn(page, `${app.origin}/notes`);
		await page.context().clearCookies({ name: /-(at|id|rt|sc)$/ });
		await page.goto(linkFrom(other, `${app.origin}/notes/7`));
		app.forgetVisits();
		await page.getByRole("link", { name: "Go" }).click();
		await page.waitForURL(/\/login\?/);
		expect(app.visitsTo("/notes/7").map(({ status }) => status)).toEqual([200, 302]);
		expect(
			(await page.context().cookies(app.origin)).filter(({ name }) => name.endsWith("-on")),
		).toEqual([]);
	});
});
