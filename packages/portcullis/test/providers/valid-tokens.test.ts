import { expect, it } from "vitest";
import type { Provider } from "../../src/index.ts";
import type { ProviderSettings, TokenExchange } from "../../src/provider.ts";
import {
	allCookies,
	type Person,
	providerClass,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

it("a session whose tokens the provider's hook does not call valid is none, whatever the hook says instead", async () => {
	let answer: () => unknown = () => true;
	const asked = (name: string): (new (settings?: ProviderSettings) => Provider<Person>) =>
		class extends providerClass(name) {
			override readonly name = name;
			override validateTokens() {
				return answer() as boolean;
			}
		};
	const fixture = await startGate({ providerClass: asked });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	// A process that has not seen the session yet asks.
	const status = async () =>
		(await exchange(`${(await fixture.openReplica()).origin}/private`, "GET", { cookie })).status;
	expect(await status()).toBe(200);
	answer = async () => true;
	expect(await status()).toBe(200);
	for (const other of [false, 1, "true", {}, [], null, undefined]) {
		answer = () => other;
		expect([other, await status()]).toEqual([other, 401]);
		answer = async () => other;
		expect([other, await status()]).toEqual([other, 401]);
	}
});

it("the hook is not asked for tokens that have ended: nothing that it says makes a session of them", async () => {
	let asked = 0;
	const counting = (name: string): (new (settings?: ProviderSettings) => Provider<Person>) =>
		class extends providerClass(name) {
			override readonly name = name;
			override validateTokens() {
				asked++;
				return true;
			}
		};
	const fixture = await startGate({ providerClass: counting });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	const status = async () =>
		(await exchange(`${(await fixture.openReplica()).origin}/private`, "GET", { cookie })).status;
	fixture.clock.ahead += 3590;
	asked = 0;
	expect([await status(), asked]).toEqual([200, 1]);
	fixture.clock.ahead += 20;
	expect([await status(), asked]).toEqual([401, 1]);
});

it("an access token that has ended before it came begins no session, whatever a hook makes of the answer", async () => {
	const late = (name: string): (new (settings?: ProviderSettings) => Provider<Person>) =>
		class extends providerClass(name) {
			override readonly name = name;
			override async tokensFromExchange(exchange: TokenExchange) {
				return { ...(await super.tokensFromExchange(exchange)), accessTokenExpiresAt: 1 };
			}
		};
	const fixture = await startGate({ providerClass: late });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	expect(fixture.log).toMatchObject([{ code: "token_invalid", reason: "validateTokens" }]);
	expect(sessionCookies(browser)).toEqual([]);
});
