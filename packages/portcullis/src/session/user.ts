import {
	childrenOf,
	depth,
	ID_TOKEN_ONLY,
	LOGIN_ONLY,
	MAX_CLAIM_DEPTH,
	setClaim,
} from "../protocol/claims.ts";
import type { UserClaims } from "../protocol/types.ts";

/**
 * A signed-in person. Identified by (`userinfo.iss`, `sub`), never by e-mail (OpenID Connect Core
 * 1.0 section 5.7). Deeply frozen: one object serves every request of a session.
 */
export interface User<U extends UserClaims = UserClaims> {
	/** Unique within the issuer. */
	readonly sub: string;
	/** For showing: `name`, else `preferred_username`, `email` or `sub`. */
	readonly name: string;
	/** As the provider sent it; may be unverified, see `userinfo.email_verified`. */
	readonly email: string | undefined;
	readonly picture: string | undefined;
	/** Claims of the verified ID token and of userinfo. */
	readonly claims: Readonly<U>;
	/** Name of the provider that signed the person in. */
	readonly provider: string;
	/** The issuer of the ID token. */
	readonly issuer: string;
	/** Scopes that were granted, not those that were asked for. */
	readonly grantedScopes: readonly string[];
	/**
	 * The access token, for calls to APIs in the person's name; better by `auth.apiFetch`. Never
	 * renews anything: gate and dispatcher see to it that a session with a refresh token comes with a
	 * token good for a minute. Left out where the user is copied or written as JSON.
	 *
	 * @throws {TokenError} `token_expired` once it has ended: in a handler that runs long, or while
	 *   the provider is down.
	 */
	accessToken(): Promise<string>;
	/**
	 * Members of the provider's token response that OAuth does not know, such as `instance_url`. Left
	 * out likewise.
	 */
	tokenExtra(): Promise<Readonly<Record<string, unknown>>>;
}

/** Where a user's tokens come from. */
export type UserTokens = Pick<User, "accessToken" | "tokenExtra">;

/** The claims of `userinfo` that the ID token lacks or has otherwise. */
export function additionalClaims(
	idToken: Readonly<Record<string, unknown>>,
	userinfo: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
	const additional: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(userinfo)) {
		if (LOGIN_ONLY.has(name) || ID_TOKEN_ONLY.has(name)) continue;
		// Neither is a claim of a person then, and the comparison calls itself for each level.
		if (depth(value) > MAX_CLAIM_DEPTH) continue;
		if (depth(idToken[name]) > MAX_CLAIM_DEPTH) setClaim(additional, name, value);
		else if (JSON.stringify(idToken[name]) !== JSON.stringify(value))
			setClaim(additional, name, value);
	}
	return additional;
}

/**
 * Claims of which it is not known whether the ID token or userinfo has said them: those that only
 * an ID token can have said, and the others.
 */
export function splitClaims(claims: Readonly<Record<string, unknown>>): {
	signed: Record<string, unknown>;
	others: Record<string, unknown>;
} {
	const entries = Object.entries(claims);
	return {
		signed: Object.fromEntries(entries.filter(([name]) => ID_TOKEN_ONLY.has(name))),
		others: Object.fromEntries(entries.filter(([name]) => !ID_TOKEN_ONLY.has(name))),
	};
}

/**
 * @param claims as the provider sent them: who it is, and what is shown.
 * @param fitted what the provider's schema made of them. Default: the same.
 */
export function createUser<U extends UserClaims>(
	claims: UserClaims,
	provider: string,
	grantedScopes: readonly string[],
	tokens: UserTokens,
	fitted: UserClaims = claims,
): User<U> {
	const user = {
		sub: claims.sub,
		name: displayNameOf(claims),
		email: text(claims.email),
		picture: text(claims.picture),
		claims: fitted as U,
		provider,
		issuer: text(claims.iss) ?? "",
		grantedScopes: Object.isFrozen(grantedScopes) ? grantedScopes : [...grantedScopes],
	};
	// Not enumerable: a user that is copied into an answer, or written to a log, takes no token
	// along.
	for (const name of ["accessToken", "tokenExtra"] as const)
		Object.defineProperty(user, name, { value: tokens[name], enumerable: false });
	return deepFreeze(user as User<U>);
}

/** For showing: `name`, else `preferred_username`, `email` or `sub`. */
export function displayNameOf(claims: UserClaims): string {
	return text(claims.name) ?? text(claims.preferred_username) ?? text(claims.email) ?? claims.sub;
}

function text(value: unknown): string | undefined {
	return typeof value === "string" && value !== "" ? value : undefined;
}

function deepFreeze<T>(value: T): T {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const inner of childrenOf(value)) deepFreeze(inner);
	}
	return value;
}
