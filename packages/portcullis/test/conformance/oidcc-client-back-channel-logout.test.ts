import { expect } from "vitest";
import type { LogoutTokenOptions } from "../../src/testing.ts";
import { mirrors } from "./modules.ts";
import { expectSignedOut, startLogout } from "./signed-out.ts";

/**
 * While the browser is at the end session, the provider sends a logout token for all sessions of
 * the person.
 */
async function logOut(token: LogoutTokenOptions) {
	const logout = await startLogout();
	const { fixture, isInElsewhere } = logout;
	const uri = `${fixture.origin}/_portcullis/backchannel-logout/generic`;
	expect(await isInElsewhere()).toBe(true);
	const answer = await fixture.idp.sendLogoutToken(uri, { sub: "ada", ...token });
	const page = await logout.follow();
	await expectSignedOut(logout, page, true);
	return { ...logout, answer };
}

/** The call is refused and ends nothing; the logout that the person began does not depend on it. */
function refuses(token: LogoutTokenOptions, reason: string): () => Promise<void> {
	return async () => {
		const { fixture, answer, isInElsewhere } = await logOut(token);
		expect(answer.status).toBe(400);
		expect(await answer.json()).toMatchObject({ error: "invalid_request" });
		expect(fixture.log.map((entry) => [entry.code, entry.reason])).toEqual([
			["token_invalid", reason],
		]);
		expect(await isInElsewhere()).toBe(true);
	};
}

mirrors("oidcc-client-back-channel-logout-rp-basic", {
	"oidcc-client-test-rp-backchannel-rpinitlogout": async () => {
		const { fixture, answer, isInElsewhere } = await logOut({});
		expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
		expect(await isInElsewhere()).toBe(false);
		expect(fixture.log).toEqual([]);
	},
	"oidcc-client-test-rp-backchannel-rpinitlogout-alg-none": refuses({ faults: "alg-none" }, "alg"),
	"oidcc-client-test-rp-backchannel-rpinitlogout-no-event": refuses(
		{ faults: "events-missing" },
		"events",
	),
	"oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce": refuses(
		{ faults: "nonce-present" },
		"nonce",
	),
	"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg": refuses(
		{ faults: "alg-hs256-client-secret" },
		"alg",
	),
	"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud": refuses(
		{ faults: "aud-wrong" },
		"aud",
	),
	"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event": refuses(
		{ faults: "events-wrong" },
		"events",
	),
	"oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss": refuses(
		{ faults: "iss-wrong" },
		"iss",
	),
});
