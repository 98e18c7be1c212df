import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import type { RefreshAnswer, SessionAnswer } from "../../src/wire/session-answer.ts";
import { type GateFixture, type GateFixtureOptions, startGate } from "./gate-fixture.ts";
import type { Answer, ScriptedBrowser } from "./scripted-browser.ts";

/**
 * A gate whose people get refresh tokens, and an identity provider whose clock goes with the
 * gate's.
 */
export interface RenewingFixture extends GateFixture {
	/** Lets time pass for both. Seconds. */
	later(seconds: number): void;
	/** What goes wrong at the provider from now on, and nothing else. */
	bend(faults: Faults): void;
	/** Renews the session like our own script. */
	renew(browser: ScriptedBrowser, origin?: string): Promise<Answer>;
	/** Who the browser is, as the gate tells our own script. */
	session(browser: ScriptedBrowser, origin?: string): Promise<SessionAnswer>;
}

export async function startRenewing(options: GateFixtureOptions = {}): Promise<RenewingFixture> {
	const fixture = await startGate({
		...options,
		auth: { extraScopes: ["offline_access"], ...options.auth },
	});
	const { idp, clock } = fixture;
	return {
		...fixture,
		later(seconds) {
			clock.ahead += seconds;
			idp.set({ clockSkew: clock.ahead });
		},
		bend(faults) {
			idp.faults = { clockSkew: clock.ahead, ...faults };
		},
		renew: (browser, origin = fixture.origin) => renew(browser, origin),
		session: async (browser, origin = fixture.origin) => {
			const path = `${origin}/_portcullis/session`;
			return JSON.parse((await browser.fetch(path, { from: origin })).body) as SessionAnswer;
		},
	};
}

/** Renews the session like our own script. */
export function renew(browser: ScriptedBrowser, origin: string): Promise<Answer> {
	return browser.fetch(`${origin}/_portcullis/refresh`, {
		method: "POST",
		from: origin,
		headers: { "Portcullis-Request": "1" },
	});
}

/** The body of a refresh that went well. */
export function refreshAnswer(answer: Answer): RefreshAnswer {
	return JSON.parse(answer.body) as RefreshAnswer;
}
