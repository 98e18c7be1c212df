import type { Gate } from "../app/gate.ts";
import { type GateInternals, internalsOf, refuseOtherVersion } from "../app/gate-internals.ts";
import type { IdTokenClaims, UserClaims } from "../protocol/types.ts";
import { sealSession } from "../session/seal-session.ts";
import { refuseInProduction } from "./dev-idp-production.ts";
import {
	DEFAULT_ACCESS_TOKEN,
	DEFAULT_SCOPES,
	type TestClaims,
	type TestUserOptions,
} from "./test-user.ts";

// biome-ignore lint/suspicious/noExplicitAny: whatever its people and states are
export type AnyGate = Gate<any, any>;

/** Seconds. */
const DEFAULT_LIFETIME = 3600;

/** How long a session in a test lasts. */
export interface TestSessionOptions extends TestUserOptions {
	/**
	 * Seconds until the access token ends, and with it the session: tests have no refresh token.
	 * Default 3,600.
	 */
	readonly lifetime?: number;
}

/**
 * A `Cookie` header with which a gate takes its caller for a signed-in person, without a login.
 * Sealed with the gate's own keys: it is good for that gate and its replicas, wherever they run.
 *
 * @throws {ConfigError} with `NODE_ENV=production`, and if the gate's providers or secrets are
 *   wrong.
 * @throws {Error} for a provider that the gate does not have.
 */
export async function sessionCookie<U extends UserClaims = UserClaims>(
	gate: AnyGate,
	claims: TestClaims<U> = {},
	options: TestSessionOptions = {},
): Promise<string> {
	refuseInProduction("sessionCookie() of portcullis/testing");
	const { runtime, now } = insideOf(gate);
	const { providers } = await runtime();
	const name = options.provider ?? providers[0]?.provider.name;
	const connected = providers.find(({ provider }) => provider.name === name);
	if (!connected) throw new Error(`The gate has no provider "${name}"`);
	const seconds = Math.floor(now() / 1000);
	const { issuer, clientId } = connected.provider;
	const ends = seconds + (options.lifetime ?? DEFAULT_LIFETIME);
	const { cookies } = await sealSession(
		connected,
		{
			claims: {
				iss: issuer,
				sub: "test",
				aud: clientId,
				iat: seconds,
				exp: ends,
				...claims,
			} as IdTokenClaims,
			tokens: {
				accessToken: options.accessToken ?? DEFAULT_ACCESS_TOKEN,
				accessTokenExpiresAt: ends,
				scopes: options.scopes ?? DEFAULT_SCOPES,
				extra: {},
			},
		},
		{ now: seconds, requestCookies: new Map(), otherBytes: 0, canRefetchUserinfo: false },
	);
	return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/**
 * @throws {Error} for what is no gate, and `ConfigError` for one of another version of the package.
 */
export function insideOf(gate: AnyGate): GateInternals {
	refuseOtherVersion("portcullis/testing", gate);
	const internals = internalsOf(gate);
	if (internals) return internals;
	throw new Error("This is no gate: pass what auth.gate() has returned");
}
