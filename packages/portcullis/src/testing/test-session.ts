import type { Gate } from "../app/gate.ts";
import { type GateInternals, internalsOf, refuseOtherVersion } from "../app/gate-internals.ts";
import { PROTECTED_ROUTES, type ProtectedRoutes } from "../app/surfaces.ts";
import type { IdTokenClaims, UserClaims } from "../protocol/types.ts";
import { sealSession } from "../session/seal-session.ts";
import { refuseInProduction } from "./dev-idp-production.ts";
import {
	DEFAULT_ACCESS_TOKEN,
	DEFAULT_SCOPES,
	type TestClaims,
	type TestUserOptions,
} from "./test-user.ts";

// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
export type AnyGate = Gate<any, any>;

/** An app that `protect()` of `portcullis/hono` has returned. */
export interface ProtectedApp {
	fetch(request: Request): Response | Promise<Response>;
}

/** A gate, or an app behind one: with an app the tags of its routes count too. */
export type GateOrApp = AnyGate | ProtectedApp;

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
 * @param gateOrApp What `auth.gate()` or `protect()` has returned.
 *
 * @throws {ConfigError} with `NODE_ENV=production`, and if the gate's providers or secrets are
 *   wrong.
 * @throws {Error} for a provider that the gate does not have.
 */
export async function sessionCookie<U extends UserClaims = UserClaims>(
	gateOrApp: GateOrApp,
	claims: TestClaims<U> = {},
	options: TestSessionOptions = {},
): Promise<string> {
	refuseInProduction("sessionCookie() of portcullis/testing");
	const { runtime, now } = insideOf(gateOf(gateOrApp).gate);
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
 * The gate of an app, or the gate itself, and the routes of the app.
 *
 * @throws {Error} for an app that no `protect()` has returned.
 */
export function gateOf(given: GateOrApp): { gate: AnyGate; routes: ProtectedRoutes | undefined } {
	const routes = (given as { [PROTECTED_ROUTES]?: ProtectedRoutes })[PROTECTED_ROUTES];
	if (routes) return { gate: routes.gate as AnyGate, routes };
	return { gate: given as AnyGate, routes: undefined };
}

/**
 * @throws {Error} for what is no gate, and `ConfigError` for one of another version of the package.
 */
export function insideOf(gate: AnyGate): GateInternals {
	refuseOtherVersion("portcullis/testing", gate);
	const internals = internalsOf(gate);
	if (internals) return internals;
	throw new Error("This is no gate: pass what auth.gate() or protect() has returned");
}
