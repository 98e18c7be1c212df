import { type GateFixture, type GateFixtureOptions, startGate } from "./gate-fixture.ts";

/** Another replica of a gate: with the same provider, secret and clock. */
export async function replicaOf(
	fixture: GateFixture,
	options: GateFixtureOptions = {},
): Promise<GateFixture> {
	const { issuer, clientId, clientSecret = "" } = fixture.idp;
	const env = {
		GENERIC_ISSUER_URI: issuer,
		GENERIC_CLIENT_ID: clientId,
		GENERIC_CLIENT_SECRET: clientSecret,
	};
	const now = () => Date.now() + fixture.clock.ahead * 1000;
	return startGate({
		...options,
		auth: { ...options.auth, platform: { env, now, ...options.auth?.platform } },
	});
}
