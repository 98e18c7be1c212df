import { expect, it } from "vitest";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { startSignedIn } from "./refused-logout.ts";

it("a token is taken once, for all of its life (R95)", async () => {
	const { fixture, browser, isIn } = await startSignedIn();
	const token = logoutToken(fixture, { claims: { sub: "ada" } });
	expect((await sendLogout(fixture.origin, token)).status).toBe(200);
	expect(await isIn()).toBe(false);
	fixture.clock.ahead += 10;
	fixture.idp.set({ clockSkew: fixture.clock.ahead });
	await fixture.signIn(browser);
	expect(await isIn()).toBe(true);
	for (const reason of ["jti", "jti", "iat"]) {
		expect((await sendLogout(fixture.origin, token)).status).toBe(400);
		expect(fixture.log.at(-1)?.reason).toBe(reason);
		expect(await isIn()).toBe(true);
		fixture.clock.ahead += 60;
	}
});

it("of fifty at once exactly one is taken", async () => {
	const { fixture } = await startSignedIn();
	const token = logoutToken(fixture, { claims: { sub: "ada" } });
	const statuses = await Promise.all(
		Array.from({ length: 50 }, async () => (await sendLogout(fixture.origin, token)).status),
	);
	expect(statuses.filter((status) => status === 200)).toHaveLength(1);
	expect(statuses.filter((status) => status === 400)).toHaveLength(49);
});

it("another token with the same jti of another provider is another one", async () => {
	const { fixture } = await startSignedIn({ providers: ["one", "two"] });
	const claims = { sub: "ada", jti: "the-same" };
	expect((await sendLogout(fixture.origin, logoutToken(fixture, { claims }), "one")).status).toBe(
		200,
	);
	expect(
		(await sendLogout(fixture.origin, logoutToken(fixture, { claims, idp: 1 }), "two")).status,
	).toBe(200);
	expect((await sendLogout(fixture.origin, logoutToken(fixture, { claims }), "one")).status).toBe(
		400,
	);
});
