import type { JWK } from "jose";
import type { Context, Provider } from "oidc-provider";
import { ConfigError } from "../base/errors.ts";
import { resourceIndicators } from "./dev-idp-audiences.ts";
import { endedSessionPage, endSessionAtOnce } from "./dev-idp-end-session.ts";
import type { ResolvedDevIdpOptions } from "./dev-idp-options.ts";
import { errorPage, signOutPage } from "./dev-idp-pages.ts";
import { claimsOf } from "./dev-idp-people.ts";
import { isLoopbackUri } from "./dev-idp-redirects.ts";
import { sendPage } from "./dev-idp-respond.ts";
import { createStore } from "./dev-idp-store.ts";

/** What the engine needs besides the options: known only once the port is. */
export interface EngineSetup {
	readonly issuer: string;
	readonly options: ResolvedDevIdpOptions;
	/** Private signing keys. */
	readonly keys: readonly JWK[];
	/** Key of the engine's cookies. */
	readonly cookieKey: string;
}

/**
 * Sets up `oidc-provider` as an OpenID provider with the authorization code flow alone: PKCE with
 * S256 always, RS256, refresh tokens that rotate, RFC 9207 `iss`, revocation (RFC 7009) and
 * RP-initiated logout.
 *
 * @throws {ConfigError} if `oidc-provider` is not installed.
 */
export async function createEngine(setup: EngineSetup): Promise<Provider> {
	const { Provider, errors } = await loadEngine();
	const engine = new Provider(setup.issuer, configurationOf(setup, errors.InvalidTarget));
	allowLoopbackOnly(engine);
	engine.on("server_error", (_context, error) => console.error("portcullis dev-idp:", error));
	return engine;
}

let loading: Promise<typeof import("oidc-provider")> | undefined;

/**
 * Loads the engine once, without the warning that it prints on every Node release that is not a
 * long-term one.
 */
function loadEngine(): Promise<typeof import("oidc-provider")> {
	loading ??= importQuietly().catch((error: unknown) => {
		loading = undefined;
		throw isMissing(error) ? new ConfigError([missingEngine]) : error;
	});
	return loading;
}

async function importQuietly(): Promise<typeof import("oidc-provider")> {
	const { warn } = console;
	console.warn = (...parts: unknown[]) => {
		if (!String(parts[0]).includes("oidc-provider WARNING: Unsupported runtime"))
			warn.apply(console, parts);
	};
	try {
		return await import("oidc-provider");
	} finally {
		console.warn = warn;
	}
}

const missingEngine = {
	problem:
		"The development identity provider runs on the package oidc-provider, which is not installed.",
	remedy: "npm install --save-dev oidc-provider",
};

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

/**
 * Each app is registered for every address of this machine: its port changes from one start to the
 * next.
 */
function allowLoopbackOnly(engine: Provider): void {
	engine.Client.prototype.redirectUriAllowed = isLoopbackUri;
	engine.Client.prototype.postLogoutRedirectUriAllowed = isLoopbackUri;
}

function configurationOf(
	{ issuer, options, keys, cookieKey }: EngineSetup,
	InvalidTarget: new () => Error,
): object {
	const people = new Map(options.people.map((person) => [person.sub, person]));
	const port = new URL(issuer).port;

	return {
		adapter: createStore(),
		jwks: { keys },
		clients: options.clients.map(({ clientId, clientSecret, name }) => ({
			client_id: clientId,
			client_name: name ?? clientId,
			...(clientSecret === undefined
				? { token_endpoint_auth_method: "none" }
				: { client_secret: clientSecret, token_endpoint_auth_method: "client_secret_basic" }),
			grant_types: [
				"authorization_code",
				"refresh_token",
				...(options.apis.length > 0 && clientSecret !== undefined ? ["client_credentials"] : []),
			],
			// Never matched: allowLoopbackOnly decides. The engine wants one to be there.
			redirect_uris: ["http://localhost/"],
		})),
		// The engine takes a secret in the header or in the body from every client that has one (RFC
		// 6749 section 2.3.1).
		clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
		responseTypes: ["code"],
		pkce: { required: () => true },
		rotateRefreshToken: true,
		allowOmittingSingleRegisteredRedirectUri: false,
		scopes: ["openid", "offline_access", ...options.apis.flatMap(({ scopes = [] }) => scopes)],
		claims: claimsByScope(options),
		extraTokenClaims: (
			_context: Context,
			{ accountId, aud }: { accountId?: string; aud?: unknown },
		) => {
			const groups =
				accountId === undefined || aud === undefined ? undefined : people.get(accountId)?.groups;
			// RFC 9068 section 2.2.3.1.
			return groups && { groups: [...groups] };
		},
		conformIdTokenClaims: false,
		findAccount: (_context: Context, sub: string) => {
			const person = people.get(sub);
			return person && { accountId: sub, claims: () => claimsOf(person, issuer) };
		},
		loadExistingGrant: grantEverything,
		extraParams: { access_type: keepOfflineAccess },
		issueRefreshToken: (
			_context: Context,
			client: { grantTypeAllowed(type: string): boolean },
			code: { scopes: Set<string> },
		) => client.grantTypeAllowed("refresh_token") && code.scopes.has("offline_access"),
		clientBasedCORS: () => false,
		cookies: {
			keys: [cookieKey],
			// Cookies do not know ports: a second identity provider on this machine would overwrite them.
			names: {
				session: `dev_idp_${port}`,
				interaction: `dev_idp_${port}_interaction`,
				resume: `dev_idp_${port}_resume`,
			},
			long: { httpOnly: true, sameSite: "lax", signed: true },
			short: { httpOnly: true, sameSite: "lax", signed: true },
		},
		interactions: {
			url: (_context: Context, interaction: { uid: string }) => `/interaction/${interaction.uid}`,
		},
		features: {
			devInteractions: { enabled: false },
			dPoP: { enabled: false },
			clientCredentials: { enabled: options.apis.length > 0 },
			pushedAuthorizationRequests: { enabled: false },
			resourceIndicators: resourceIndicators(options, ALL_SCOPES, InvalidTarget),
			revocation: {
				enabled: true,
				allowedPolicy: (
					_context: Context,
					client: { clientId: string },
					token: { clientId: string },
				) => token.clientId === client.clientId,
			},
			rpInitiatedLogout: {
				enabled: true,
				logoutSource: async (context: Context, form: string) => {
					if (!(await endSessionAtOnce(context)))
						sendPage(context, signOutPage(context.oidc.client?.clientName, form));
				},
				postLogoutSuccessSource: async (context: Context) => sendPage(context, endedSessionPage()),
			},
		},
		renderError: (context: Context, out: Record<string, string>) =>
			sendPage(context, errorPage(out)),
		ttl: {
			AccessToken: options.accessTokenLifetime,
			ClientCredentials: options.accessTokenLifetime,
			AuthorizationCode: 60,
			IdToken: options.idTokenLifetime,
			RefreshToken: options.refreshTokenLifetime,
			Interaction: 3600,
			Session: options.sessionLifetime,
			Grant: Math.max(options.refreshTokenLifetime, options.sessionLifetime),
		},
	};
}

/** What an access token for an API may say that it is for. */
const ALL_SCOPES = "openid profile email groups offline_access";

/**
 * `groups` and a person's own claims come with `profile` too, as most providers have it; `groups`
 * also as a scope of its own.
 */
export function claimsByScope({ people }: ResolvedDevIdpOptions): Record<string, string[]> {
	const own = people.flatMap((person) => Object.keys(person.claims ?? {}));
	const profile = [
		"name",
		"given_name",
		"family_name",
		"preferred_username",
		"picture",
		"groups",
		...own,
	];
	return {
		openid: ["sub"],
		profile: [...new Set(profile)],
		email: ["email", "email_verified"],
		groups: ["groups"],
	};
}

/**
 * Consent is given by choosing a person: all that was asked for is granted, on a grant of this
 * session and client.
 */
async function grantEverything({ oidc }: Context): Promise<object | undefined> {
	const { accountId } = oidc.session;
	if (accountId === undefined || oidc.client === undefined) return undefined;
	const { clientId } = oidc.client;
	const grantId = oidc.session.grantIdFor(clientId);
	const existing = grantId === undefined ? undefined : await oidc.provider.Grant.find(grantId);
	const grant =
		existing?.accountId === accountId ? existing : new oidc.provider.Grant({ accountId, clientId });
	const scope = oidc.params.scope ?? "";
	grant.addOIDCScope(scope);
	for (const audience of Object.keys(oidc.resourceServers)) grant.addResourceScope(audience, scope);
	await grant.save();
	return grant;
}

/**
 * Puts `offline_access` back into the scope. The engine has just dropped it, because OpenID Connect
 * Core 1.0 section 11 wants `prompt=consent` with it, and no commercial provider does.
 *
 * It runs as the check of a parameter of our own because that is the engine's hook between its
 * scope check and the moment when the request is stored for the people page.
 */
function keepOfflineAccess({ query, oidc }: Context): void {
	if (oidc.client?.grantTypeAllowed("refresh_token") !== true || typeof query.scope !== "string")
		return;
	const kept = oidc.params.scope?.split(" ") ?? [];
	if (kept.includes("offline_access") || !query.scope.split(" ").includes("offline_access")) return;
	oidc.params.scope = [...kept, "offline_access"].join(" ");
}
