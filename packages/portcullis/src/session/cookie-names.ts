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
	readonly sessionHint: string;
	/** Followed by the id of the attempt. */
	readonly transactionPrefix: string;
	/** Remembers the `state` of a logout at the provider. */
	readonly logout: string;
	/**
	 * Set by a login popup for a minute: says to the window that opened it that both keep ordinary
	 * cookies.
	 */
	readonly handoff: string;
	/** Of the auth cookies. */
	readonly sameSite: "Strict" | "None";
	/** What the provider's sessions are called in revocations: one name for all that it can end. */
	readonly revocation: string;
	/** Authenticated with everything that is sealed into these cookies. */
	readonly binding: string;
}

/** The cookies of one provider, by where its sessions are. */
export interface CookieNameSets {
	readonly ordinary: CookieNames;
	/** In frames of other sites. */
	readonly embedded: CookieNames;
}

/**
 * Names the cookies of one provider. Six characters of a hash of issuer and client id stand in
 * them, because cookies do not know ports: two apps on localhost would read each other's.
 *
 * There are two sets of them: the ordinary one, and one for sessions in other sites' frames. No
 * provider's name has a dot in it, so that no cookie belongs to both.
 */
export async function cookieNames(
	provider: string,
	issuer: string,
	clientId: string,
): Promise<CookieNameSets> {
	const identity = new TextEncoder().encode(`${issuer}\n${clientId}`); // proven: no-client-in-names
	const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", identity));
	const account = `${provider}-${primitives.toBase64url(digest).slice(0, 6)}`;
	const names = {
		...namesWith(`${COOKIE_PREFIX}${account}`),
		revocation: `${COOKIE_PREFIX}${account}-at`,
		binding: `${provider} ${issuer} ${clientId}`, // proven: no-client-bound
	};
	return {
		ordinary: { ...names, sameSite: "Strict" }, // proven: lax-session
		embedded: { ...names, ...namesWith(`${COOKIE_PREFIX}emb.${account}`), sameSite: "None" },
	};
}

function namesWith(prefix: string): Omit<CookieNames, "sameSite" | "revocation" | "binding"> {
	return {
		access: `${prefix}-at`,
		identity: `${prefix}-id`,
		refresh: `${prefix}-rt`,
		scopes: `${prefix}-sc`,
		grace: `${prefix}-gr`,
		sessionHint: `${prefix}-on`,
		transactionPrefix: `${prefix}-tx-`,
		logout: `${prefix}-lo`,
		handoff: `${prefix}-ho`,
	};
}

/** The four auth cookies, in the order in which they are written. */
export function authCookieNames(names: CookieNames): readonly string[] {
	return [names.access, names.identity, names.refresh, names.scopes];
}
