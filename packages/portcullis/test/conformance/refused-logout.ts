import { describe, expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	startGate,
} from "../support/gate-fixture.ts";
import { type LogoutTokenChanges, logoutToken, sendLogout } from "../support/logout-token.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** A logout token, or a request with one, that is refused. */
export interface RefusedLogout extends LogoutTokenChanges {
	/** Of the test. */
	readonly name: string;
	/** In the log. */
	readonly reason: string;
	/** Sends something else than the changed token. */
	readonly send?: (fixture: GateFixture) => Promise<Response>;
	/** Default: `logout+jwt` alone is taken. */
	readonly settings?: GateFixtureOptions["settings"];
}

/** A gate that takes logout tokens, with Ada signed in. */
export async function startSignedIn(
	options: GateFixtureOptions = {},
): Promise<{ fixture: GateFixture; browser: ScriptedBrowser; isIn: () => Promise<boolean> }> {
	const fixture = await startGate({ auth: { store: memory() }, ...options });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	// A session that began at this very moment could be from before or after.
	fixture.clock.ahead += 10;
	const isIn = async () =>
		(await browser.fetch(`${fixture.origin}/private`)).body.startsWith(MARKER);
	expect(await isIn()).toBe(true);
	return { fixture, browser, isIn };
}

/**
 * Takes each through the endpoint: refused with 400 and one line in the log, nobody signed out, and
 * a good token works afterwards.
 */
export function refusesLogout(title: string, logouts: readonly RefusedLogout[]): void {
	describe(title, () => {
		it.each(logouts)("refuses $name", async ({ reason, send, settings, ...changes }) => {
			const { fixture, isIn } = await startSignedIn(settings ? { settings } : {});
			const claims = { sub: "ada", ...changes.claims };
			const response = await (send?.(fixture) ??
				sendLogout(fixture.origin, logoutToken(fixture, { ...changes, claims })));
			expect(response.status).toBe(400);
			expect(response.headers.get("cache-control")).toContain("no-store");
			expect(await response.json()).toMatchObject({ error: "invalid_request" });
			expect(fixture.log.map((entry) => [entry.level, entry.code, entry.reason])).toEqual([
				["warning", "token_invalid", reason],
			]);
			expect(await isIn()).toBe(true);

			expect(
				(await sendLogout(fixture.origin, logoutToken(fixture, { claims: { sub: "ada" } }))).status,
			).toBe(200);
			expect(await isIn()).toBe(false);
		});
	});
}
