import type { GateFixture } from "./gate-fixture.ts";

/** What makes a token a logout token. */
export const LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout";

/** Changes to a good logout token; `undefined` leaves a member out. */
export interface LogoutTokenChanges {
	readonly claims?: Readonly<Record<string, unknown>>;
	readonly header?: Readonly<Record<string, unknown>>;
	/** Index of the identity provider that makes it. Default 0. */
	readonly idp?: number;
}

/** Claims of a good logout token for a subject, issued now by the gate's clock. */
export function logoutClaims(
	{ idps, clock }: GateFixture,
	{ claims = {}, idp = 0 }: LogoutTokenChanges = {},
): Record<string, unknown> {
	const now = Math.floor(Date.now() / 1000) + clock.ahead;
	return {
		iss: idps[idp]?.issuer,
		aud: idps[idp]?.clientId,
		iat: now,
		exp: now + 120,
		jti: crypto.randomUUID(),
		events: { [LOGOUT_EVENT]: {} },
		...claims,
	};
}

/** A logout token as the provider of a fixture signs it. */
export function logoutToken(fixture: GateFixture, changes: LogoutTokenChanges = {}): string {
	const idp = fixture.idps[changes.idp ?? 0];
	if (!idp) throw new Error("There is no such identity provider");
	return idp.sign(logoutClaims(fixture, changes), { typ: "logout+jwt", ...changes.header });
}

/** Sends a token as a provider does: a form, from server to server, without a cookie. */
export function sendLogout(
	origin: string,
	token: string,
	provider = "generic",
	init: RequestInit = {},
): Promise<Response> {
	return fetch(`${origin}/_portcullis/backchannel-logout/${provider}`, {
		method: "POST",
		body: new URLSearchParams({ logout_token: token }),
		...init,
	});
}
