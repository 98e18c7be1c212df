import { randomBytes } from "node:crypto";
import type { DevClient } from "./dev-idp-options.ts";
import { isLoopbackUri } from "./dev-idp-redirects.ts";
import type { Faults, FaultyEndpoint } from "./faulty-idp-faults.ts";
import type { KeySet } from "./faulty-idp-keys.ts";

/** The person who signs in: the claims of userinfo. */
export type FaultyPerson = Readonly<Record<string, unknown>> & { readonly sub: string };

/** One request, as it came. */
export interface FaultyIdpRequest {
	/** Undefined for a path that is not there. */
	readonly endpoint: FaultyEndpoint | undefined;
	readonly method: string;
	readonly path: string;
	readonly query: URLSearchParams;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
	/** The body, read as a form. */
	readonly form: URLSearchParams;
}

/** One sign-in, and all that was issued for it. */
export interface Login {
	readonly clientId: string;
	readonly redirectUri: string;
	readonly scope: string;
	readonly nonce: string | undefined;
	readonly codeChallenge: string | undefined;
	readonly person: FaultyPerson;
	/** Seconds since the epoch. */
	readonly authTime: number;
	readonly sid: string;
	readonly hasRefreshToken: boolean;
	/** True once a code or a refresh token was used twice: nothing of this login is good any more. */
	revoked: boolean;
}

/** A code or a token, and what it stands for. */
export interface Issued {
	readonly login: Login;
	/** Seconds since the epoch. */
	readonly expiresAt: number;
	used: boolean;
}

/** All that an identity provider remembers. */
export interface FaultyIdpState {
	readonly issuer: string;
	readonly keys: KeySet;
	readonly clients: ReadonlyMap<string, DevClient>;
	readonly redirectUris: readonly string[];
	readonly interactive: boolean;
	readonly accessTokenLifetime: number;
	readonly idTokenLifetime: number;
	readonly tenant: string | undefined;
	readonly rotateRefreshTokens: boolean;
	readonly issuesRefreshToken: (request: URLSearchParams) => boolean;
	person: FaultyPerson;
	faults: Faults;
	readonly requests: FaultyIdpRequest[];
	/** Oldest first. */
	readonly logins: Login[];
	readonly codes: Map<string, Issued>;
	readonly accessTokens: Map<string, Issued>;
	readonly refreshTokens: Map<string, Issued>;
}

/** The clock of the identity provider, in seconds since the epoch, with the skew that is set. */
export function nowOf(state: FaultyIdpState): number {
	return Math.floor(Date.now() / 1000) + (state.faults.clockSkew ?? 0);
}

/** Whether it names itself in its answers (RFC 9207). Entra ID does not. */
export function sendsIssuer({ faults, tenant }: FaultyIdpState): boolean {
	return faults.issParameter ?? tenant === undefined;
}

/** Issues a code or a token that lives for `lifetime` seconds. */
export function issue(
	state: FaultyIdpState,
	into: Map<string, Issued>,
	login: Login,
	lifetime: number,
): string {
	const value = randomBytes(24).toString("base64url");
	into.set(value, { login, expiresAt: nowOf(state) + lifetime, used: false });
	return value;
}

/**
 * What a code or a token stands for, if it is still good. One that was used already comes back too:
 * see `used`.
 */
export function lookUp(
	state: FaultyIdpState,
	from: ReadonlyMap<string, Issued>,
	value: string | null,
): Issued | undefined {
	const issued = value === null ? undefined : from.get(value);
	return issued === undefined || issued.login.revoked || issued.expiresAt <= nowOf(state)
		? undefined
		: issued;
}

/**
 * A redirect URI must be registered character by character (RFC 9700 section 2.1), or lead to this
 * machine.
 */
export function isRegistered(state: FaultyIdpState, uri: string | null): uri is string {
	return uri !== null && (state.redirectUris.includes(uri) || isLoopbackUri(uri));
}
