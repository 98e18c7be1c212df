/**
 * Claims about a person, from the ID token and from userinfo (OpenID Connect Core 1.0 section 5.1).
 * A provider class narrows it.
 */
export interface UserClaims {
	sub: string;
	name?: string | undefined;
	email?: string | undefined;
	email_verified?: boolean | undefined;
	picture?: string | undefined;
	[claim: string]: unknown;
}

/**
 * Which token claims are from: of a login, of a renewal, of a logout that the provider sends, or
 * one that was presented to the app as an API.
 */
export type TokenKind = "id_token" | "refreshed_id_token" | "logout_token" | "access_token";

/** Claims of a verified ID token (OpenID Connect Core 1.0 section 2). */
export interface IdTokenClaims {
	iss: string;
	sub: string;
	aud: string | string[];
	exp: number;
	iat: number;
	nonce?: string;
	auth_time?: number;
	azp?: string;
	at_hash?: string;
	sid?: string;
	[claim: string]: unknown;
}

/**
 * One login attempt, from the redirect to the provider until its callback. A plain, serialisable
 * value: nothing about an attempt lives in a closure between the two requests.
 */
export interface LoginTransaction {
	/**
	 * Public id, 16 characters: part of the cookie name and of `state`, and the error id that a
	 * person sees.
	 */
	readonly id: string;
	/** Name of the provider that the attempt was started with. */
	readonly provider: string;
	/** The issuer that it was configured with at that moment. */
	readonly issuer: string;
	/** `state` as sent (RFC 6749 section 10.12): the id, a dot and at least 128 random bits. */
	readonly state: string;
	/** `nonce` as sent (OpenID Connect Core 1.0 section 3.1.2.1). */
	readonly nonce: string;
	/** PKCE verifier (RFC 7636 section 4.1), 256 random bits. */
	readonly codeVerifier: string;
	/** The redirect URI as sent, repeated to the token endpoint. */
	readonly redirectUri: string;
	/** Scopes as asked. */
	readonly scopes: readonly string[];
	/** Where the person goes afterwards: a path of the app's own origin, already checked. */
	readonly returnTo: string;
	/** Start of the attempt, seconds since the epoch. */
	readonly startedAt: number;
	/**
	 * `max_age` as asked, in seconds: `auth_time` is then required and checked (OpenID Connect Core
	 * 1.0 section 3.1.3.7).
	 */
	readonly maxAge?: number;
	/** `acr_values` as asked: the `acr` of the ID token must then be one of them. */
	readonly acrValues?: readonly string[];
	/** True if a signed-in person is to sign in again, as `maxAge` and `acrValues` say. */
	readonly stepUp?: boolean;
	/** There if the result goes to the window that opened a popup. */
	readonly popup?: PopupRequest;
	/** True if this attempt is the one automatic restart of an earlier one. */
	readonly restarted?: boolean;
}

/** A login that runs in a popup, for the window that opened it. */
export interface PopupRequest {
	/** SHA-256 of a verifier that only that window has, base64url. */
	readonly challenge: string;
	/**
	 * Origins of the pages above the window, from its parent to the top; empty if it is in no frame.
	 */
	readonly ancestors: readonly string[];
	/**
	 * True if a page of the app has provably opened the popup; false if the person had to be asked.
	 */
	readonly isOurs: boolean;
}

/** The tokens of a session. Times are seconds since the epoch. */
export interface Tokens {
	readonly accessToken: string;
	/** Seconds since the epoch, from `expires_in`; in one hour where the provider does not say. */
	readonly accessTokenExpiresAt: number;
	readonly idToken?: string;
	readonly refreshToken?: string;
	/**
	 * What was granted: the `scope` of the token response, or what was asked where it has none (RFC
	 * 6749 section 5.1).
	 */
	readonly scopes: readonly string[];
	/** Other members of the token response, as the provider sent them. */
	readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * What a provider's token endpoint answered, checked as far as the docstring of the hook that
 * receives it says.
 */
export interface TokenExchange {
	/** The JSON object of the token response, as sent. */
	readonly response: Readonly<Record<string, unknown>>;
	/** Claims of the ID token, signature and all claims verified. */
	readonly claims: IdTokenClaims;
	/** The login attempt; `undefined` at a refresh. */
	readonly transaction: LoginTransaction | undefined;
	/** The tokens so far; `undefined` at a login. */
	readonly previous: Tokens | undefined;
}

/** What a refresh is made with: the session as it was sealed. */
export interface RefreshInput {
	/** With the refresh token. */
	readonly tokens: Tokens;
	/** Claims of the ID token that the session began with, or of the newest one. */
	readonly claims: UserClaims;
}

/**
 * How a refresh ended. What is neither is thrown, and says nothing about the session: the provider
 * is down, or this client is misconfigured.
 */
export type RefreshResult<U extends UserClaims = UserClaims> =
	| {
			readonly outcome: "refreshed";
			readonly tokens: Tokens;
			/** Claims of the new ID token, verified; absent if none came. */
			readonly claims?: IdTokenClaims;
			/** Absent if there is no such endpoint, or it did not answer. */
			readonly userinfo?: U;
			/**
			 * Why something that came, or was to come, does not count: for the log. What was known before
			 * goes on in its place.
			 */
			readonly leftOut?: readonly LeftOut[];
	  }
	/** The provider has ended the session. `error` is its code, or where it was refused. */
	| { readonly outcome: "refused"; readonly error: string };

/** A part of a renewal that does not count. */
export interface LeftOut {
	readonly what: "id_token" | "userinfo";
	readonly error: unknown;
}

/** An answer of the token endpoint to a refresh that has no tokens. */
export interface RefreshRefusal {
	/** HTTP status. */
	readonly status: number;
	/** `error` of the response (RFC 6749 section 5.2), if there is one. */
	readonly error: string | undefined;
}

/** The outcome of a completed login. */
export interface LoginResult<U extends UserClaims = UserClaims> {
	readonly tokens: Tokens;
	/** Claims of the verified ID token. */
	readonly claims: IdTokenClaims;
	/**
	 * The answer of the userinfo endpoint, with the same `sub`; absent where the provider has no such
	 * endpoint.
	 */
	readonly userinfo?: U;
}

/** What the gate hands to each provider once, before its first use. */
export interface ProviderRuntime {
	/** Environment variables. Read `{NAME}_{KEY}` first, then `OIDC_{KEY}`. */
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Every outbound call goes through this. */
	readonly fetch: typeof fetch;
	/** Scopes of the `extraScopes` option, merged into the provider's own. */
	readonly extraScopes: readonly string[];
	/** Time-out of one outbound call, connect and body, in seconds. */
	readonly timeout: number;
	/** Tolerance for the provider's clock, in seconds (60 by default, at most 300). */
	readonly clockTolerance: number;
	/** The present, in milliseconds since the epoch; replaced in tests. */
	readonly now: () => number;
	/** Hears of an error that stops nothing, for the log. */
	readonly report?: (error: unknown, provider: string) => void;
	/**
	 * Surrounds each outbound call. Has to run `run` once, and to return what comes of it. Default:
	 * no check is made.
	 */
	readonly observe?: (call: ProviderCall, run: () => Promise<Response>) => Promise<Response>;
}

/** What an outbound call is for. `other` is one of a hook. */
export type ProviderOperation =
	| "discovery"
	| "jwks"
	| "code_exchange"
	| "refresh"
	| "userinfo"
	| "revocation"
	| "other";

/**
 * One outbound call, as it may be measured: no path, no query, no header, nothing of what was sent.
 */
export interface ProviderCall {
	/** Name of the provider. */
	readonly provider: string;
	readonly operation: ProviderOperation;
	readonly method: string;
	/** Host name or address that is called, without the port. */
	readonly host: string;
	readonly port: number;
}

/** What one login attempt is started with. */
export interface TransactionInput {
	/**
	 * Where the provider sends the browser back to. Chosen from the app's own origins by the caller,
	 * never taken from a request.
	 */
	readonly redirectUri: string;
	/** Where the person goes afterwards: a path of the app's own origin, already checked. */
	readonly returnTo: string;
	/** True for the one automatic restart of an attempt that failed; `state` then ends in `.r`. */
	readonly restarted?: boolean | undefined;
	/** `max_age` to ask for, in seconds. `auth_time` is then required and checked. */
	readonly maxAge?: number | undefined;
	/** `acr_values` to ask for, the preferred one first. `acr` is then required and checked. */
	readonly acrValues?: readonly string[] | undefined;
}

/**
 * What an authorization request can say besides (OpenID Connect Core 1.0 section 3.1.2.1). None of
 * it is checked afterwards.
 */
export interface AuthorizationRequest {
	/** `none`, `login`, `consent` or `select_account`. */
	readonly prompt?: string | undefined;
	readonly loginHint?: string | undefined;
	/** Languages, the preferred one first. */
	readonly uiLocales?: readonly string[] | undefined;
}

/** The end of a session at the provider (OpenID Connect RP-Initiated Logout 1.0 section 2). */
export interface EndSession {
	/** The ID token of the session. Sent as a hint if it has at most 2,048 characters. */
	readonly idToken?: string | undefined;
	readonly postLogoutRedirectUri: string;
	readonly state: string;
}

/** Parameters of a request by name. `undefined` leaves out one that would be there otherwise. */
export type RequestParameters = Readonly<Record<string, string | undefined>>;
