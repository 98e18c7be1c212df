import { expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

it("a logout by the provider is a form with one token, and nothing else", async () => {
	const fixture = await startGate({ auth: { store: memory() } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.clock.ahead += 5;
	const token = () => logoutToken(fixture, { claims: { sub: "ada" } });
	const address = `${fixture.origin}/_portcullis/backchannel-logout/generic`;
	for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
		const answer = await fetch(`${address}?logout_token=${token()}`, { method });
		expect([method, answer.status, answer.headers.get("allow")]).toEqual([method, 405, "POST"]);
	}
	const twice = new URLSearchParams([
		["logout_token", token()],
		["logout_token", token()],
	]);
	for (const body of [twice, new URLSearchParams(), new URLSearchParams({ logout_token: "" })])
		expect([
			String(body).slice(0, 20),
			(await sendLogout(fixture.origin, "", "generic", { body })).status,
		]).toEqual([String(body).slice(0, 20), 400]);
	expect((await fetch(`${address}?logout_token=${token()}`, { method: "POST" })).status).toBe(400);
	expect((await sendLogout(fixture.origin, token(), "nobody")).status).toBe(404);
	expect((await browser.navigate(`${fixture.origin}/private`)).body).toContain(MARKER);

	expect((await sendLogout(fixture.origin, token())).status).toBe(200);
	expect((await browser.navigate(`${fixture.origin}/private`)).body).not.toContain(MARKER);
});
