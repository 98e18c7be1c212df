import { expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

// What a page that was just signed in hears of the end: only where the session has ended by itself
// may it keep what was typed, and only the server can tell. The cookies are there in each of these
// cases, or a copy of them.

/** What the server says of the session of these cookies. */
async function session({ origin }: GateFixture, cookie: string): Promise<unknown> {
	const headers = { cookie, origin, "content-type": "application/json", "portcullis-request": "1" };
	const answer = await exchange(`${origin}/_portcullis/hydrate`, "POST", headers, '{"states":[]}');
	return (JSON.parse(answer.body) as { session: unknown }).session;
}

const enter = async () => {
	const fixture = await startGate({ auth: { store: memory() } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	return { fixture, browser, cookie: allCookies(browser) };
};

it("a session that cannot be renewed says that it has expired", async () => {
	const { fixture, cookie } = await enter();
	expect(await session(fixture, cookie)).toMatchObject({ signedIn: true });
	fixture.clock.ahead += 3601;
	expect(await session(fixture, cookie)).toEqual({ signedIn: false, expired: true });
});

it("one that can be renewed does not, as a server puts it into the first page", async () => {
	for (const [extraScopes, expected] of [
		[["offline_access"], { signedIn: false }],
		[[], { signedIn: false, expired: true }],
	] as const) {
		const fixture = await startGate({ auth: { extraScopes, store: memory() } });
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const request = new Request(`${fixture.origin}/`, { headers: { cookie: allCookies(browser) } });
		expect((await fixture.gate.snapshot(request)).session).toMatchObject({ signedIn: true });
		fixture.clock.ahead += 3601;
		expect((await fixture.gate.snapshot(request)).session).toEqual(expected);
	}
});

it("one that was signed out of does not, whenever that was, and whoever has kept its cookies", async () => {
	const { fixture, browser, cookie } = await enter();
	fixture.clock.ahead += 3580;
	await browser.submit(await browser.click("/logout"));
	expect(await session(fixture, cookie)).toEqual({ signedIn: false });
	fixture.clock.ahead += 60;
	for (const jar of [cookie, allCookies(browser)])
		expect(await session(fixture, jar)).toEqual({ signedIn: false });
});

it("one that the provider has ended does not", async () => {
	const { fixture, cookie } = await enter();
	fixture.clock.ahead += 3580;
	const claims = { sub: "ada" };
	expect((await sendLogout(fixture.origin, logoutToken(fixture, { claims }))).status).toBe(200);
	expect(await session(fixture, cookie)).toEqual({ signedIn: false });
	fixture.clock.ahead += 60;
	expect(await session(fixture, cookie)).toEqual({ signedIn: false });
});

it("nobody, and cookies that were made up, do not", async () => {
	const { fixture, cookie } = await enter();
	fixture.clock.ahead += 3601;
	expect(await session(fixture, "")).toEqual({ signedIn: false });
	expect(await session(fixture, cookie.replaceAll(/=[^;]{8}/g, "=AAAAAAAA"))).toEqual({
		signedIn: false,
	});
});
