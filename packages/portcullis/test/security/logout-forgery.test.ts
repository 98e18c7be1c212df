import { expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import { allCookies, MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

it("nobody is signed out by another site, with or without a form of ours", async () => {
	const fixture = await startGate({ auth: { store: memory() } });
	const { origin } = fixture;
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	const page = await exchange(`${origin}/logout`, "GET", {
		cookie,
		accept: "text/html",
		"sec-fetch-mode": "navigate",
	});
	const token = /name="form_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
	expect(token).not.toBe("");
	const form = { "content-type": "application/x-www-form-urlencoded" };
	const script = { "portcullis-request": "1", "content-type": "application/json" };
	const evil = { origin: "https://evil.example" };
	const attempts: readonly (readonly [string, Record<string, string>, string])[] = [
		["a form", { ...form, ...evil }, ""],
		["a form without an Origin", form, `form_token=${token}`],
		["a form with our token", { ...form, ...evil }, `form_token=${token}`],
		["a form of null with our token", { ...form, origin: "null" }, `form_token=${token}`],
		["a form of ours without a token", { ...form, origin }, ""],
		[
			"a form of ours with another token",
			{ ...form, origin },
			`form_token=${token.slice(0, -3)}AAA`,
		],
		["script", { ...script, ...evil }, "{}"],
		["script without an Origin", script, "{}"],
		["script without our header", { "content-type": "application/json", origin }, "{}"],
	];
	for (const [how, headers, body] of attempts) {
		const answer = await exchange(`${origin}/logout`, "POST", { cookie, ...headers }, body);
		expect([how, answer.status, answer.setCookies]).toEqual([how, 403, []]);
	}
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);

	const left = await exchange(
		`${origin}/logout`,
		"POST",
		{ cookie, ...form, origin },
		`form_token=${token}`,
	);
	expect([left.status, left.setCookies.some((line) => /-at=;.*Max-Age=0/.test(line))]).toEqual([
		200,
		true,
	]);
	expect((await exchange(`${origin}/private`, "GET", { cookie })).body).not.toContain(MARKER);
});

it("a form of ours of which the browser does not say where it comes from is explained by one line in the log", async () => {
	const fixture = await startGate({ auth: { store: memory() } });
	const { origin, log } = fixture;
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	const page = await exchange(`${origin}/logout`, "GET", {
		cookie,
		accept: "text/html",
		"sec-fetch-mode": "navigate",
	});
	const token = /name="form_token" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
	const post = async () => {
		const headers = {
			cookie,
			"content-type": "application/x-www-form-urlencoded",
			accept: "text/html",
		};
		return (await exchange(`${origin}/logout`, "POST", headers, `form_token=${token}`)).body;
	};
	const lines = () => log.filter(({ message }) => message?.startsWith("Nobody was signed out"));

	const first = await post();
	const id = lines()[0]?.id ?? "none";
	expect(first).toContain(`<code>${id}</code>`);
	// Everybody can send such forms: the log says so once a minute, and the page shows the line that
	// is there.
	expect(await post()).toContain(`<code>${id}</code>`);
	expect(lines().map((line) => [line.code, line.id])).toEqual([["csrf_failed", id]]);
	fixture.clock.ahead += 61;
	expect(await post()).toContain(`<code>${lines()[1]?.id}</code>`);
	expect(new Set(lines().map((line) => line.id)).size).toBe(2);
});
