import { primitives } from "#aead";
import { COOKIE_PREFIX } from "./cookies.ts";

/** The cookies of one provider. */
export interface CookieNames {
	/** Access token, session id, times. Without it there is no session. */
	readonly access: string;
	/** ID token, and the claims that only userinfo has. */
	readonly identity: string;
	readonly refresh: string;
	readonly scopes: string;
	/** Says how long the person stays signed in while the provider cannot be reached. */
	readonly grace: string;
	/** Constant value: "this browser probably has a session". */
	readonly marker: string;
	/** Followed by the id of the attempt. */
	readonly transactionPrefix: string;
	/** Remembers the `state` of a logout at the provider. */
	readonly logout: string;
	/** Authenticated with everything that is sealed into these cookies. */
	readonly binding: string;
}

/**
 * Names the cookies of one provider. Six characters of a hash of issuer and client id stand in them, because
 * cookies do not know ports: two apps on localhost would read each other's.
 */
export async function cookieNames(provider: string, issuer: string, clientId: string): Promise<CookieNames> {
	const identity = new TextEncoder().encode(`${issuer}\n${clientId}`);
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", identity));
	const prefix = `${COOKIE_PREFIX}${provider}-${primitives.toBase64url(digest).slice(0, 6)}`;
	return {
		access: `${prefix}-at`,
		identity: `${prefix}-id`,
		refresh: `${prefix}-rt`,
		scopes: `${prefix}-sc`,
		grace: `${prefix}-gr`,
		marker: `${prefix}-on`,
		transactionPrefix: `${prefix}-tx-`,
		logout: `${prefix}-lo`,
		binding: `${provider} ${issuer} ${clientId}`,
	};
}

/** The four auth cookies, in the order in which they are written. */
export function authCookieNames(names: CookieNames): readonly string[] {
	return [names.access, names.identity, names.refresh, names.scopes];
}
