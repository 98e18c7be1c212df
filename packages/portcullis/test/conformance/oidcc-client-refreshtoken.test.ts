import { expect } from "vitest";
import type { RefreshFault } from "../../src/testing.ts";
import { MARKER, sessionCookies } from "../support/gate-fixture.ts";
import { refreshAnswer, startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { mirrors } from "./modules.ts";

async function signedInAnHourAgo() {
	const fixture = await startRenewing();
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.later(3600);
	const tokens = () => fixture.idp.requests.filter(({ endpoint }) => endpoint === "token");
	const bearers = () =>
		fixture.idp.requests
			.filter(({ endpoint }) => endpoint === "userinfo")
			.map(({ headers }) => headers.authorization?.replace(/^Bearer /, ""));
	return { ...fixture, browser, tokens, bearers };
}

/** The new ID token is not the session's: it ends, and nothing is done with what came along. */
function ends(fault: RefreshFault): () => Promise<void> {
	return async () => {
		const { browser, origin, bend, renew, tokens, bearers } = await signedInAnHourAgo();
		bend({ refresh: fault });
		expect((await renew(browser)).status).toBe(401);
		expect(tokens()).toHaveLength(2);
		expect(bearers()).toHaveLength(1);
		expect(sessionCookies(browser)).toEqual([]);
		expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
	};
}

mirrors("oidcc-client-refreshtoken-test-plan", {
	"oidcc-client-test-refresh-token": async () => {
		const { browser, origin, idp, renew, tokens, bearers } = await signedInAnHourAgo();
		expect(refreshAnswer(await renew(browser))).toMatchObject({
			renewed: true,
			session: { signedIn: true },
		});
		const [first, second] = tokens();
		expect([first?.form.get("grant_type"), second?.form.get("grant_type")]).toEqual([
			"authorization_code",
			"refresh_token",
		]);
		expect(second?.form.get("client_id")).toBe(idp.clientId);
		// Userinfo is asked with the new access token, and takes it.
		const [before, after] = bearers();
		expect([after === undefined, after === before]).toEqual([false, false]);
		expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
	},
	"oidcc-client-test-refresh-token-invalid-issuer": ends("iss-other"),
	"oidcc-client-test-refresh-token-invalid-sub": ends("sub-other"),
});
