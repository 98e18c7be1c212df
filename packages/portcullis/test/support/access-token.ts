import type { GateFixture } from "./gate-fixture.ts";

/** What apps in these tests are called as an API. */
export const AUDIENCE = "https://app.example/api";

/** Changes to a good access token; `undefined` leaves a member out. */
export interface AccessTokenChanges {
	readonly claims?: Readonly<Record<string, unknown>>;
	readonly header?: Readonly<Record<string, unknown>>;
	/** Index of the identity provider that makes it. Default 0. */
	readonly idp?: number;
}

/** Claims of a good access token of a program, issued now by the gate's clock. */
export function accessTokenClaims(
	{ idps, clock }: Pick<GateFixture, "idps" | "clock">,
	{ claims = {}, idp = 0 }: AccessTokenChanges = {},
): Record<string, unknown> {
	const now = Math.floor(Date.now() / 1000) + clock.ahead;
	return {
		iss: idps[idp]?.issuer,
		aud: AUDIENCE,
		sub: "reporter",
		client_id: "reporter",
		iat: now,
		exp: now + 300,
		jti: crypto.randomUUID(),
		scope: "reports:read reports:write",
		...claims,
	};
}

/** An access token as the provider of a fixture signs it (RFC 9068). */
export function accessToken(
	fixture: Pick<GateFixture, "idps" | "clock">,
	changes: AccessTokenChanges = {},
): string {
	const idp = fixture.idps[changes.idp ?? 0];
	if (!idp) throw new Error("There is no such identity provider");
	return idp.sign(accessTokenClaims(fixture, changes), { typ: "at+jwt", ...changes.header });
}

/**
 * Sends a request as a program does: no cookie, no `Origin`, nothing that a browser says of itself.
 */
export function callWith(token: string, url: string, init: RequestInit = {}): Promise<Response> {
	const headers = new Headers(init.headers);
	headers.set("Authorization", `Bearer ${token}`);
	return fetch(url, { redirect: "manual", ...init, headers });
}
