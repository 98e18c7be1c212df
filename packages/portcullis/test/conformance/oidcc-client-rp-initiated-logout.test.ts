import { expect } from "vitest";
import type { EndSessionFault } from "../../src/testing.ts";
import { mirrors } from "./modules.ts";
import { expectSignedOut, startLogout } from "./signed-out.ts";

/**
 * A `state` that is not the one sent is no error: the session here has ended. It is not taken for
 * an answer of the provider's, either.
 */
function toleratesState(fault: EndSessionFault): () => Promise<void> {
	return async () => {
		const logout = await startLogout();
		logout.fixture.idp.set({ endSession: fault });
		await expectSignedOut(logout, await logout.follow(), false);
	};
}

mirrors("oidcc-client-rp-initiated-logout-rp-basic", {
	"oidcc-client-test-rp-init-logout": async () => {
		const logout = await startLogout();
		expect(logout.endSession.searchParams.get("state")?.length).toBeGreaterThanOrEqual(22);
		await expectSignedOut(logout, await logout.follow(), true);
		expect(logout.fixture.idp.count("end-session")).toBe(1);
		expect(logout.fixture.log).toEqual([]);
	},
	"oidcc-client-test-rp-init-logout-other-state": toleratesState("state-wrong"),
	"oidcc-client-test-rp-init-logout-no-state": toleratesState("state-missing"),
});
