import { beforeAll, describe, expect, it } from "vitest";
import { MARKER, sessionCookies } from "../../support/gate-fixture.ts";
import { negativeIdTokens } from "./id-tokens.ts";
import { type OfflineGate, openOffline } from "./offline-gate.ts";

let offline: OfflineGate;

beforeAll(async () => {
	offline = await openOffline();
	expect((await offline.signIn(offline.browser())).body).toBe(MARKER);
});

describe("an ID token is refused (R21 to R27)", () => {
	it.each(negativeIdTokens)("$name", async ({ token, reason, code = "token_invalid" }) => {
		const { idp, log, browser: open, signIn, later } = offline;
		const browser = open();
		// The log has ten lines of a kind at once, and then one a minute; the key set is asked for
		// every five seconds.
		later(60);
		log.length = 0;
		idp.requests.length = 0;
		idp.set({ rawIdToken: (parts) => token(parts, idp) });
		const page = await signIn(browser);
		expect(log.map((entry) => [entry.code, entry.reason])).toEqual([[code, reason]]);
		expect(page.status).toBe(502);
		expect(sessionCookies(browser)).toEqual([]);
		expect([idp.count("token"), idp.count("userinfo")]).toEqual([1, 0]);
	});

	it("and one of all these signs in where it is not bent", async () => {
		const { idp, browser, signIn } = offline;
		idp.set({ rawIdToken: ({ header, claims }) => idp.sign(claims, header) });
		expect((await signIn(browser())).body).toBe(MARKER);
	});
});
