import { expect, it } from "vitest";
import { memory } from "../../src/state.ts";
import { startGate } from "../support/gate-fixture.ts";
import { logoutClaims, logoutToken, sendLogout } from "../support/logout-token.ts";
import { startSignedIn } from "./refused-logout.ts";

it("rp-backchannel-rpinitlogout (R94, R96): a good token ends the session", async () => {
	const { fixture, browser, isIn } = await startSignedIn();
	const response = await sendLogout(
		fixture.origin,
		logoutToken(fixture, { claims: { sub: "ada" } }),
	);
	expect(response.status).toBe(200);
	expect(response.headers.get("cache-control")).toBe("no-store");
	expect(await response.text()).toBe("");
	expect(await isIn()).toBe(false);
	expect((await browser.navigate(`${fixture.origin}/private`)).url).toContain("/login");
	expect(fixture.log).toEqual([]);
});

it("R96: 200 for a session that is not there", async () => {
	const { fixture, isIn } = await startSignedIn();
	for (const claims of [{ sub: "nobody" }, { sid: "unknown" }, { sub: "ada", sid: "unknown" }])
		expect((await sendLogout(fixture.origin, logoutToken(fixture, { claims }))).status).toBe(200);
	expect(await isIn()).toBe(true);
});

it.each([
	["audience in a list", { claims: { aud: ["generic-client"] } }],
	["type with its prefix, in other letters", { header: { typ: "application/Logout+JWT" } }],
	[
		"event with members",
		{
			claims: { events: { "http://schemas.openid.net/event/backchannel-logout": { a: 1 }, b: {} } },
		},
	],
])(
	"accepts an %s",
	async (_, { claims = {}, header = {} }: { claims?: object; header?: object }) => {
		const { fixture, isIn } = await startSignedIn();
		const token = logoutToken(fixture, {
			claims: { sub: "ada", ...claims },
			header: { ...header },
		});
		expect((await sendLogout(fixture.origin, token)).status).toBe(200);
		expect(await isIn()).toBe(false);
	},
);

it("R96: GET, a provider without a name and an endpoint that is off are no way in", async () => {
	const { fixture, isIn } = await startSignedIn();
	const token = logoutToken(fixture, { claims: { sub: "ada" } });
	const url = `${fixture.origin}/_portcullis/backchannel-logout/generic?logout_token=${token}`;
	const got = await fetch(url);
	expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
	for (const provider of ["", "okta", "generic/", "Generic", "__proto__"])
		expect((await sendLogout(fixture.origin, token, provider)).status).toBe(404);
	expect(await isIn()).toBe(true);
	for (const auth of [{}, { store: memory(), session: { backchannelLogout: false } }]) {
		const off = await startGate({ auth });
		expect(
			(await sendLogout(off.origin, logoutToken(off, { claims: { sub: "ada" } }))).status,
		).toBe(404);
	}
});

it("each of two providers ends its own sessions alone (R4)", async () => {
	const { fixture, isIn } = await startSignedIn({ providers: ["one", "two"] });
	const claims = { sub: "ada" };
	const ofTwo = logoutToken(fixture, { claims, idp: 1 });
	expect((await sendLogout(fixture.origin, ofTwo, "one")).status).toBe(400);
	expect((await sendLogout(fixture.origin, ofTwo, "two")).status).toBe(200);
	// Signed by the second one, in the name of the first.
	const { iss, aud } = logoutClaims(fixture, { idp: 0 });
	const forged = logoutToken(fixture, { claims: { ...claims, iss, aud }, idp: 1 });
	for (const provider of ["one", "two"])
		expect((await sendLogout(fixture.origin, forged, provider)).status).toBe(400);
	expect(await isIn()).toBe(true);
	expect((await sendLogout(fixture.origin, logoutToken(fixture, { claims }), "one")).status).toBe(
		200,
	);
	expect(await isIn()).toBe(false);
});
