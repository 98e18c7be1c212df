import { ConfigError } from "../base/errors.ts";
import { listenOnLoopback } from "./dev-idp-listen.ts";
import type { DevClient } from "./dev-idp-options.ts";
import { refuseInProduction } from "./dev-idp-production.ts";
import type { Faults, FaultyEndpoint } from "./faulty-idp-faults.ts";
import { toFetch } from "./faulty-idp-fetch.ts";
import { handle } from "./faulty-idp-handler.ts";
import { toListener } from "./faulty-idp-http.ts";
import { signJwt } from "./faulty-idp-id-token.ts";
import { createKeySet, type FaultyAlgorithm, type SigningKey } from "./faulty-idp-keys.ts";
import {
	type LogoutTokenOptions,
	makeLogoutToken,
	type SendLogoutOptions,
	sendLogoutToken,
} from "./faulty-idp-logout.ts";
import type { FaultyIdpRequest, FaultyIdpState, FaultyPerson } from "./faulty-idp-state.ts";

/** Options of `startFaultyIdp`. All optional. */
export interface FaultyIdpOptions {
	/** TCP port on this machine. Default 0: any free one. */
	readonly port?: number;
	/**
	 * Host of the issuer: `localhost` (default) or `127.0.0.1`. For a browser the two are different
	 * sites: put the app on one and the identity provider on the other to see what `SameSite` cookies
	 * do with a real one.
	 */
	readonly host?: "localhost" | "127.0.0.1";
	/** False: no socket, only `fetch` of the result reaches it. Default true. */
	readonly listen?: boolean;
	/**
	 * Issuer identifier, only with `listen: false`; default `https://idp.example`. A path is kept.
	 */
	readonly issuer?: string;
	/**
	 * Who may ask; the first one is in `env`. Without a secret it is a public client. Default: one
	 * confidential client.
	 */
	readonly clients?: readonly DevClient[];
	/**
	 * Redirect and post-logout URIs besides those that lead to this machine; compared character by
	 * character.
	 */
	readonly redirectUris?: readonly string[];
	/** Who signs in: the claims of userinfo. Default: Ada Lovelace. */
	readonly person?: FaultyPerson;
	/** True: a page with a button comes before the answer. Default false: signed in at once. */
	readonly interactive?: boolean;
	/** What ID tokens are signed with. Default RS256. */
	readonly algorithm?: FaultyAlgorithm;
	/** Lifetime of access tokens in seconds. Default 3,600. */
	readonly accessTokenLifetime?: number;
	/** Lifetime of ID tokens in seconds. Default 3,600. */
	readonly idTokenLifetime?: number;
	/**
	 * Speaks like Microsoft Entra ID: ID tokens name this tenant in `tid` and `iss`, its answers do
	 * not name the issuer (RFC 9207), and where the issuer is for several tenants (`/common`,
	 * `/organizations`), the metadata name the template `{tenantid}`. Goes with `listen: false` and
	 * an issuer like `https://login.microsoftonline.com/organizations/v2.0`. Default: none.
	 */
	readonly tenant?: string;
	/**
	 * False: a refresh token can be used again and again, and none comes back at a refresh. Default
	 * true.
	 */
	readonly rotateRefreshTokens?: boolean;
	/**
	 * Whether a login gets a refresh token, from the parameters of its authorization request.
	 * Default: if `offline_access` is among its scopes.
	 */
	readonly issuesRefreshToken?: (request: URLSearchParams) => boolean;
}

/** One login at a `FaultyIdp`. */
export interface FaultyLogin {
	readonly clientId: string;
	readonly person: FaultyPerson;
	/** The session at the provider, as ID tokens name it. */
	readonly sid: string;
}

/** An identity provider whose answers can be bent while it runs. */
export interface FaultyIdp {
	readonly issuer: string;
	/** Undefined without a socket. */
	readonly port: number | undefined;
	readonly clientId: string;
	readonly clientSecret: string | undefined;
	/**
	 * `OIDC_ISSUER_URI`, `OIDC_CLIENT_ID` and, unless the first client is public,
	 * `OIDC_CLIENT_SECRET`.
	 */
	readonly env: Record<string, string>;
	/** Who signs in next. */
	person: FaultyPerson;
	/** What goes wrong. Assign to replace all of it. */
	faults: Faults;
	/** Sets some faults and leaves the others as they are. */
	set(faults: Faults): void;
	/** Sets all right again. Log, sessions and keys stay. */
	reset(): void;
	/** Every request so far, oldest first. Empty it with `requests.length = 0`. */
	readonly requests: FaultyIdpRequest[];
	/** How many requests an endpoint has had. */
	count(endpoint: FaultyEndpoint): number;
	/**
	 * Signs with a new key from now on; `keepOld` (default true) leaves the old ones in the key set.
	 */
	rotateKeys(options?: { readonly keepOld?: boolean }): Promise<void>;
	/** Signs any claims with the present key. `header` is merged into `alg`, `kid`, `typ`. */
	sign(
		claims: Readonly<Record<string, unknown>>,
		header?: Readonly<Record<string, unknown>>,
	): string;
	/** Every login so far, oldest first. */
	readonly logins: readonly FaultyLogin[];
	/**
	 * Makes a logout token (OpenID Connect Back-Channel Logout 1.0), by default a good one for the
	 * last login.
	 */
	logoutToken(options?: LogoutTokenOptions): Promise<string>;
	/**
	 * Sends a logout token to the back-channel logout URI of an app and returns what the app says.
	 */
	sendLogoutToken(uri: string, options?: SendLogoutOptions): Promise<Response>;
	/** Reaches the identity provider without a socket, and nothing else. */
	readonly fetch: typeof fetch;
	/** Ends all connections, also those that hang. */
	close(): Promise<void>;
}

/**
 * Starts an OpenID provider for tests that is correct until told otherwise: it checks redirect URI,
 * PKCE verifier and client authentication, takes a code once, rotates refresh tokens and ends the
 * whole login when one comes twice. What is set in `faults` then bends its answers, one by one,
 * from the next request on.
 *
 * It signs in the configured person without a question and listens on this machine only.
 *
 * @throws {ConfigError} if `NODE_ENV` is `production`, or if `issuer` is set while it listens.
 */
export async function startFaultyIdp(options: FaultyIdpOptions = {}): Promise<FaultyIdp> {
	refuseInProduction("The faulty identity provider");
	const { listen = true, clients = [defaultClient] } = options;
	if (listen && options.issuer !== undefined) throw new ConfigError([issuerProblem]);

	const keys = await createKeySet(options.algorithm ?? "RS256");
	const server = listen ? await listenOnLoopback(options.port ?? 0) : undefined;
	const issuer =
		server === undefined
			? (options.issuer ?? "https://idp.example")
			: `http://${options.host ?? "localhost"}:${server.port}`;
	const state: FaultyIdpState = {
		issuer,
		keys,
		clients: new Map(clients.map((client) => [client.clientId, client])),
		redirectUris: options.redirectUris ?? [],
		interactive: options.interactive ?? false,
		accessTokenLifetime: options.accessTokenLifetime ?? hour,
		idTokenLifetime: options.idTokenLifetime ?? hour,
		tenant: options.tenant,
		rotateRefreshTokens: options.rotateRefreshTokens ?? true,
		issuesRefreshToken: options.issuesRefreshToken ?? asksForOfflineAccess,
		person: options.person ?? defaultPerson,
		faults: {},
		requests: [],
		logins: [],
		codes: new Map(),
		accessTokens: new Map(),
		refreshTokens: new Map(),
	};
	const answer = (request: Request) => handle(state, request);
	server?.answer(toListener(issuer, answer));
	return controlsOf(
		state,
		clients[0] ?? defaultClient,
		server?.port,
		toFetch(new URL(issuer).origin, answer),
		async () => server?.close(),
	);
}

function controlsOf(
	state: FaultyIdpState,
	{ clientId, clientSecret }: DevClient,
	port: number | undefined,
	fetch: FaultyIdp["fetch"],
	close: FaultyIdp["close"],
): FaultyIdp {
	return {
		issuer: state.issuer,
		port,
		clientId,
		clientSecret,
		env: {
			OIDC_ISSUER_URI: state.issuer,
			OIDC_CLIENT_ID: clientId,
			...(clientSecret !== undefined && { OIDC_CLIENT_SECRET: clientSecret }),
		},
		get person() {
			return state.person;
		},
		set person(person) {
			state.person = person;
		},
		get faults() {
			return state.faults;
		},
		set faults(faults) {
			state.faults = faults;
		},
		set(faults) {
			state.faults = { ...state.faults, ...faults };
		},
		reset() {
			state.faults = {};
		},
		requests: state.requests,
		count: (endpoint) => state.requests.filter((request) => request.endpoint === endpoint).length,
		rotateKeys: ({ keepOld = true } = {}) => state.keys.rotate(keepOld),
		sign: (claims, header) => signJwt(state.keys.published[0] as SigningKey, claims, header),
		logins: state.logins,
		logoutToken: (options = {}) => makeLogoutToken(state, options),
		sendLogoutToken: (uri, options = {}) => sendLogoutToken(state, uri, options),
		fetch,
		close,
	};
}

function asksForOfflineAccess(request: URLSearchParams): boolean {
	return request.get("scope")?.split(" ").includes("offline_access") === true;
}

/** Seconds. */
const hour = 3600;

const defaultClient: DevClient = {
	clientId: "portcullis-test",
	clientSecret: "test-only-secret-do-not-use-in-production",
};

const defaultPerson: FaultyPerson = {
	sub: "ada",
	name: "Ada Lovelace",
	email: "ada@example.com",
	email_verified: true,
	groups: ["admins", "staff"],
};

const issuerProblem = {
	problem: "issuer was set for a faulty identity provider that listens.",
	remedy:
		"Leave it out, its issuer is http://localhost:<port>, or set listen: false and use its fetch.",
};
