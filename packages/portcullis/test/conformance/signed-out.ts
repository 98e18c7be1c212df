import { expect } from "vitest";
import { memory } from "../../src/state.ts";
import { type GateFixture, MARKER, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

/** A logout that the client begins, as the suite's logout plans have it. */
export interface StartedLogout {
	readonly fixture: GateFixture;
	readonly browser: ScriptedBrowser;
	/** Where the browser is sent: the provider's end session. */
	readonly endSession: URL;
	/** Goes there, and returns the page that comes last. */
	follow(): Promise<Answer>;
	/** Whether the same person is still signed in, in another browser of hers. */
	isInElsewhere(): Promise<boolean>;
}

/** Signs Ada in, in two browsers, and signs her out in one of them, as far as the provider. */
export async function startLogout(): Promise<StartedLogout> {
	const fixture = await startGate({ auth: { store: memory() } });
	const { origin, clock, idp } = fixture;
	const [browser, elsewhere] = [new ScriptedBrowser(), new ScriptedBrowser()];
	await fixture.signIn(elsewhere);
	await fixture.signIn(browser);
	// A session that began at this very moment could be from before or after a logout token.
	clock.ahead += 10;
	idp.set({ clockSkew: 10 });

	const confirm = await browser.click("/logout");
	const token = /name="form_token" value="([^"]*)"/.exec(confirm.body)?.[1] ?? "";
	const sent = await browser.navigate(confirm.url, {
		from: confirm.url,
		form: { form_token: token },
		follow: false,
	});
	expect(sessionCookies(browser)).toEqual([]);
	const href = /url='([^']*end-session[^']*)'/.exec(sent.body)?.[1]?.replaceAll("&amp;", "&") ?? "";
	const endSession = new URL(href);
	expect(endSession.searchParams.get("id_token_hint")).toMatch(/^eyJ/);
	expect(endSession.searchParams.get("post_logout_redirect_uri")).toBe(`${origin}/logout`);
	return {
		fixture,
		browser,
		endSession,
		follow: () => browser.navigate(endSession.href, { from: sent.url }),
		isInElsewhere: async () =>
			(await elsewhere.navigate(`${origin}/private`)).body.startsWith(MARKER),
	};
}

/** The way back from the provider is taken, and says how far the logout went. */
export async function expectSignedOut(
	{ fixture, browser }: StartedLogout,
	page: Answer,
	isEndedAtProvider: boolean,
): Promise<void> {
	expect([page.status, new URL(page.url).origin + new URL(page.url).pathname]).toEqual([
		200,
		`${fixture.origin}/logout`,
	]);
	expect(page.body).toContain("You are signed out");
	expect(page.body.includes("may still be signed in")).toBe(!isEndedAtProvider);
	expect(sessionCookies(browser)).toEqual([]);
	const again = await browser.navigate(`${fixture.origin}/private`);
	expect(new URL(again.url).pathname).toBe("/login");
}
