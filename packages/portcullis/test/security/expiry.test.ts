import { expect, it } from "vitest";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

it("a copied cookie dies with its access token, wherever it is sent from (R54, R60)", async () => {
	const fixture = await startGate({ idp: { accessTokenLifetime: 600 } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const copied = browser.cookieHeader(`${fixture.origin}/`);
	const replay = () => exchange(`${fixture.origin}/private`, "GET", { cookie: copied });

	expect((await replay()).body).toContain(MARKER);
	fixture.clock.ahead = 590;
	expect((await replay()).body).toContain(MARKER);
	// Also for an identity that is remembered: it was served a moment ago.
	fixture.clock.ahead = 601;
	const after = await replay();
	expect(after.status).toBe(401);
	expect(after.body).not.toContain(MARKER);
});

it("a token whose lifetime the provider does not say lasts an hour", async () => {
	const fixture = await startGate();
	fixture.idp.set({ token: "expires-in-missing" });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.clock.ahead = 3590;
	expect((await browser.click("/private")).body).toContain(MARKER);
	fixture.clock.ahead = 3601;
	expect((await browser.click("/private")).url).toContain("/login");
});
