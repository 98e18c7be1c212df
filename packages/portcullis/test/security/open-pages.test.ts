import { expect, it } from "vitest";
import { allCookies, MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

it("a form that another site sends to an open page acts for nobody (R67)", async () => {
	const fixture = await startGate({ gate: { pages: { "/open": { auth: false } } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	const post = async (headers: Record<string, string>) =>
		(await exchange(`${fixture.origin}/open`, "POST", { cookie, ...headers }, "a=b")).body;

	expect(await post({ origin: fixture.origin })).toBe(`${MARKER} /open for ada`);
	expect(await post({ "portcullis-request": "1" })).toBe(`${MARKER} /open for ada`);
	for (const origin of [
		"https://evil.example",
		"null",
		"",
		fixture.origin.replace(/\d+$/, "1"),
		`${fixture.origin}/`,
	])
		expect([origin, await post({ origin, "portcullis-request": "1" })]).toEqual([
			origin,
			`${MARKER} /open for nobody`,
		]);
	expect(await post({})).toBe(`${MARKER} /open for nobody`);
	const get = await exchange(`${fixture.origin}/open`, "GET", {
		cookie,
		origin: "https://evil.example",
	});
	expect(get.body).toBe(`${MARKER} /open for ada`);
});
