/** What the identity provider answers at; also the names in its log. */
export type FaultyEndpoint =
	| "discovery"
	| "jwks"
	| "authorize"
	| "token"
	| "userinfo"
	| "end-session"
	| "revoke";

/** How an answer goes wrong, independent of its content. */
export type TransportFault =
	/** The request is taken and never answered. */
	| "hang"
	/** The connection is cut before an answer. */
	| "reset"
	/** Status and first byte at once, then one byte each 100 ms, without end. */
	| "drip"
	/** A body that never stops, as fast as it is read. */
	| "endless"
	/** The correct JSON, padded to 8 MiB with blanks, without a `Content-Length`. */
	| "huge"
	/** 200 with an HTML page. */
	| "not-json"
	/** 200 with JSON that is a list. */
	| "not-an-object"
	/** The correct body as `text/html`. */
	| "wrong-content-type"
	/** 302 to another origin. */
	| "redirect"
	/** 302 to the address that cloud machines have their credentials at. */
	| "redirect-internal"
	/** 302 to the same URL. */
	| "redirect-loop"
	/** The status, with a body that is no OAuth error. 429 and 503 carry `Retry-After: 30`. */
	| 401
	| 403
	| 404
	| 408
	| 429
	| 500
	| 502
	| 503;

/** How an ID token goes wrong. Several are applied in the order of the list. */
export type IdTokenFault =
	/** `iss` is another issuer. */
	| "iss-wrong"
	| "iss-missing"
	/** `aud` is another client. */
	| "aud-wrong"
	| "aud-missing"
	/** `aud` is the client and another one, without `azp`. */
	| "aud-extra"
	/**
	 * `aud` is the client and another one, and `azp` is the client: right by the letter, yet meant
	 * for two.
	 */
	| "aud-extra-azp"
	/** Valid: `aud` is a list of the one client. */
	| "aud-array"
	/** `azp` is another client. */
	| "azp-wrong"
	| "nonce-wrong"
	| "nonce-missing"
	/** `sub` is another person than at userinfo, and than before at a refresh. */
	| "sub-wrong"
	| "sub-missing"
	| "sub-empty"
	/** `sub` is a number. */
	| "sub-not-a-string"
	/** `sub` has 300 characters; 255 are allowed (OpenID Connect Core 1.0 section 2). */
	| "sub-too-long"
	| "iat-missing"
	/** Issued in an hour. */
	| "iat-future"
	/** Issued ten years ago, and not expired. */
	| "iat-ancient"
	| "exp-missing"
	/** Expired an hour ago. */
	| "exp-past"
	/** Not valid for another hour. */
	| "nbf-future"
	/** `at_hash` belongs to another access token. */
	| "at-hash-wrong"
	/** Valid in the code flow: no `at_hash` (OpenID Connect Core 1.0 section 3.1.3.6). */
	| "at-hash-missing"
	| "auth-time-missing"
	/** The person signed in a day ago. */
	| "auth-time-old"
	/** Signed with another key, under the `kid` of the right one. */
	| "signature-rogue-key"
	/** A claim was changed after signing. */
	| "signature-tampered"
	/** The third part is empty. */
	| "signature-stripped"
	/** `alg` is `none`, nothing is signed. */
	| "alg-none"
	/** HS256 with the public key, as PEM, for the secret. */
	| "alg-hs256-public-key"
	/** HS256 with the client secret. */
	| "alg-hs256-client-secret"
	/** Signed with a key that is not in the key set, under a `kid` of its own. */
	| "kid-unknown"
	/**
	 * No `kid`. Acceptable with one key in the set, not with two: see the JWKS fault `second-key`.
	 */
	| "kid-missing"
	/** A rogue key, which the header brings along as `jwk`. */
	| "jwk-embedded"
	/** A rogue key, and `jku` names where to fetch it. */
	| "jku-header"
	/** A rogue key, and `x5u` names where to fetch it. */
	| "x5u-header"
	/** `crit` names an extension that is not defined (RFC 7515 section 4.1.11). */
	| "crit-unknown"
	/** `b64` is false (RFC 7797). */
	| "b64-false"
	/** `typ` is that of a logout token. */
	| "typ-logout"
	/** `typ` is that of an access token (RFC 9068). */
	| "typ-access-token"
	/** Entra ID: `tid` and `iss` are those of a foreign tenant, for an app that several may use. */
	| "tenant-other"
	/** Entra ID: `tid` is one tenant, `iss` that of another. */
	| "tenant-mismatch"
	/** Entra ID: no `tid`. */
	| "tenant-missing"
	/**
	 * Entra ID, for a person in more than 200 groups: no `groups`, here or at userinfo;
	 * `_claim_names` says where to ask for them.
	 */
	| "groups-overage"
	/** No ID token in the answer. */
	| "missing"
	/** A text that is no JWT. */
	| "not-a-jwt"
	/** Five parts, as an encrypted token has them. */
	| "five-parts"
	/** A number instead of a text. */
	| "not-a-string";

/** How the metadata goes wrong. Several are applied in order. */
export type DiscoveryFault =
	/** `issuer` is another one. */
	| "issuer-other"
	/** `issuer` has a slash at its end that the configured one has not. */
	| "issuer-trailing-slash"
	| "issuer-missing"
	/** The token endpoint is `http:` on another host. */
	| "endpoint-http"
	/** The token endpoint is at a link-local address. */
	| "endpoint-internal"
	/** The key set is at a link-local address. */
	| "jwks-uri-internal"
	/** `code_challenge_methods_supported` is absent. */
	| "no-s256"
	/** `code_challenge_methods_supported` lists `plain` alone. */
	| "plain-only"
	/** `response_types_supported` does not list `code`. */
	| "no-code"
	/** HS256 and `none` are among the signature algorithms. */
	| "hs256-advertised"
	| "no-authorization-endpoint"
	| "no-token-endpoint"
	| "no-jwks-uri"
	/** Allowed by the standard: no userinfo endpoint. */
	| "no-userinfo"
	/** Allowed by the standard: no end session endpoint. */
	| "no-end-session"
	/** Allowed by the standard: no revocation endpoint. */
	| "no-revocation";

/** How the key set goes wrong. Several are applied in order. */
export type JwksFault =
	/** No key at all. */
	| "empty"
	/** A second key of the same kind, which signs nothing. */
	| "second-key"
	/** The right key among 10,000 others, as the last one. */
	| "many-keys"
	/** The keys have no `kid`. */
	| "no-kid"
	/** The keys are published for encryption. */
	| "use-enc"
	/** A symmetric key beside the right one. */
	| "symmetric-key";

/** How the authorization response goes wrong. Several are applied in order. */
export type AuthorizationFault =
	/** `error=access_denied`. */
	| "access-denied"
	/** `error`, `error_description` and `error_uri` with markup and a `javascript:` URL. */
	| "error-markup"
	/** `error_description` of 5,000 characters. */
	| "error-huge"
	/** An error without `state`. */
	| "error-without-state"
	/** An error and a code at once. */
	| "error-and-code"
	| "iss-missing"
	| "iss-wrong"
	| "state-missing"
	| "state-wrong"
	| "code-missing"
	/** A code that was never issued. */
	| "code-unknown"
	/** `code` twice: the real one and another. */
	| "code-twice"
	/** `state` twice: the real one and another. */
	| "state-twice"
	/** A code of 5,000 characters. */
	| "code-huge";

/**
 * How the token response goes wrong. Several are applied in order; errors do not use up the code or
 * the refresh token.
 */
export type TokenFault =
	/** 401 `invalid_client`. */
	| "invalid-client"
	/** 400 `invalid_grant`. */
	| "invalid-grant"
	/** 400 `invalid_code`, as some providers say for a refresh token that has ended. */
	| "invalid-code"
	/** 400 `temporarily_unavailable`. */
	| "temporarily-unavailable"
	/** `error_description` with markup, 400 `invalid_request`. */
	| "error-markup"
	/** `token_type` is `mac`. */
	| "token-type-unknown"
	/** Valid: `bearer`. */
	| "token-type-lowercase"
	/** Valid: `BEARER`. */
	| "token-type-uppercase"
	| "token-type-missing"
	/** Allowed: no `expires_in`. */
	| "expires-in-missing"
	/** `expires_in` is a text of digits. */
	| "expires-in-string"
	/** `expires_in` is -1. */
	| "expires-in-negative"
	/** Allowed: no `scope`, so what was asked for was granted (RFC 6749 section 5.1). */
	| "scope-missing"
	/** `scope` is `openid` alone. */
	| "scope-narrowed"
	| "access-token-missing"
	/** `access_token` is a number. */
	| "access-token-not-a-string"
	/** An access token of 6,000 characters. */
	| "access-token-huge"
	/** No refresh token; at a refresh the old one stays good. */
	| "refresh-token-missing";

/**
 * How a refresh goes, wrong in most cases. Several are applied in order. The codes of logins are
 * answered as ever.
 */
export type RefreshFault =
	/** 400 `invalid_grant`. The refresh token stays as it is, so that a later attempt succeeds. */
	| "refused"
	/**
	 * As if the refresh token had been used before: 400 `invalid_grant`, and nothing of that login is
	 * good any more (RFC 9700 section 4.14.2).
	 */
	| "reused"
	/**
	 * Allowed: a new refresh token, and the old one is spent, regardless of `rotateRefreshTokens`.
	 */
	| "rotated"
	/**
	 * Allowed: no new refresh token, and the old one stays good, regardless of `rotateRefreshTokens`.
	 */
	| "not-rotated"
	/** The refresh token is spent, and the connection is cut before the new one is told. */
	| "answer-lost"
	/** Allowed: `scope` is `openid` alone. */
	| "fewer-scopes"
	/** The ID token is about another person (OpenID Connect Core 1.0 section 12.2). */
	| "sub-other"
	/** The ID token is of another issuer. */
	| "iss-other"
	/** The ID token is for another client. */
	| "aud-other"
	/** The ID token has a nonce, of another login. */
	| "nonce-other"
	/** Allowed: no ID token. */
	| "id-token-missing";

/**
 * How the end session endpoint goes wrong. Several are applied in order. That there is none at all
 * is the discovery fault `no-end-session`.
 */
export type EndSessionFault =
	/** Returns without `state`. */
	| "state-missing"
	/** Returns with another `state`. */
	| "state-wrong"
	/** Allowed: signs out, says so on its own page and does not return. */
	| "stays"
	/** 400 with a page: no session ends, and the browser does not return. */
	| "refused";

/**
 * How a logout token is made wrong, for a call that the app must refuse. Several are applied in the
 * order of the list.
 */
export type LogoutTokenFault =
	/** `alg` is `none`, nothing is signed. */
	| "alg-none"
	/** HS256 with the client secret. */
	| "alg-hs256-client-secret"
	/** Forged: signed with another key, under the `kid` of the right one. */
	| "signature-rogue-key"
	/** Forged: signed with a key that is not in the key set. */
	| "kid-unknown"
	/** A claim was changed after signing. */
	| "signature-tampered"
	/** `typ` is that of an ID token. */
	| "typ-jwt"
	| "typ-missing"
	| "iss-wrong"
	| "aud-wrong"
	/** `events` is missing. */
	| "events-missing"
	/** `events` tells of something else. */
	| "events-wrong"
	/** It has a `nonce`, as ID tokens have (OpenID Connect Back-Channel Logout 1.0 section 2.4). */
	| "nonce-present"
	/** Neither `sub` nor `sid`. */
	| "nobody"
	| "jti-missing"
	| "iat-missing"
	/** Issued an hour ago, and not expired. */
	| "iat-old"
	/** Issued in an hour. */
	| "iat-future"
	| "exp-missing"
	/** Expired an hour ago. */
	| "exp-past";

/** How the userinfo response goes wrong. Several are applied in order. */
export type UserinfoFault =
	/** `sub` is another person. */
	| "sub-other"
	| "sub-missing"
	/** 401 `invalid_token` with `WWW-Authenticate`. */
	| "refused"
	/** A signed JWT as `application/jwt`, which was not asked for. */
	| "jwt";

/** What is to go wrong, all of it optional. A correct OpenID provider where nothing is set. */
export interface Faults {
	/** How whole answers go wrong. Wins over the other faults of that endpoint. */
	readonly transport?: Partial<Readonly<Record<FaultyEndpoint, TransportFault>>>;
	/** Milliseconds before an answer, faulty or not. */
	readonly delay?: Partial<Readonly<Record<FaultyEndpoint, number>>>;
	readonly discovery?: OneOrMore<DiscoveryFault>;
	/** Members of the metadata, replaced or (undefined) removed. */
	readonly metadata?: Readonly<Record<string, unknown>>;
	readonly jwks?: OneOrMore<JwksFault>;
	readonly authorization?: OneOrMore<AuthorizationFault>;
	readonly token?: OneOrMore<TokenFault>;
	/**
	 * Members of the token response, replaced or (undefined) removed, such as `{ instance_url: "..."
	 * }`.
	 */
	readonly tokenResponse?: Readonly<Record<string, unknown>>;
	/** Faults of refreshes alone. */
	readonly refresh?: OneOrMore<RefreshFault>;
	readonly endSession?: OneOrMore<EndSessionFault>;
	/** Faults of the ID token, at login and at refresh. */
	readonly idToken?: OneOrMore<IdTokenFault>;
	/** Claims of the ID token, replaced or (undefined) removed before it is signed. */
	readonly idTokenClaims?: Readonly<Record<string, unknown>>;
	/** Members of its header, replaced or (undefined) removed before it is signed. */
	readonly idTokenHeader?: Readonly<Record<string, unknown>>;
	/**
	 * Makes the ID token from nothing; gets the header and the claims that a correct one would have.
	 */
	readonly rawIdToken?: (defaults: IdTokenParts) => string | Promise<string>;
	readonly userinfo?: OneOrMore<UserinfoFault>;
	/** Claims of the userinfo response, replaced or (undefined) removed. */
	readonly userinfoClaims?: Readonly<Record<string, unknown>>;
	/**
	 * `Cross-Origin-Opener-Policy` of its pages and redirects, as some providers send it: a login
	 * popup then loses its opener. Default: none.
	 */
	readonly openerPolicy?: "same-origin" | "same-origin-allow-popups";
	/**
	 * Seconds by which the clock of the identity provider is ahead (negative: behind), also in its
	 * `Date` header.
	 */
	readonly clockSkew?: number;
	/**
	 * False: neither sends `iss` in the authorization response nor says so in the metadata (RFC
	 * 9207). Default true.
	 */
	readonly issParameter?: boolean;
	/** False: takes requests without PKCE and any verifier, as old providers do. Default true. */
	readonly pkceEnforced?: boolean;
}

export type OneOrMore<T> = T | readonly T[];

/** Header and claims of an ID token before it is signed. */
export interface IdTokenParts {
	readonly header: Record<string, unknown>;
	readonly claims: Record<string, unknown>;
}

/** The faults of one place as a list. */
export function listFaults<T>(faults: OneOrMore<T> | undefined): readonly T[] {
	if (faults === undefined) return [];
	return Array.isArray(faults) ? faults : [faults as T];
}

/** Replaces members, removes those that are to be undefined. */
export function override(
	target: Record<string, unknown>,
	changes: Readonly<Record<string, unknown>> | undefined,
): void {
	for (const [name, value] of Object.entries(changes ?? {})) {
		if (value === undefined) delete target[name];
		else target[name] = value;
	}
}
