import { createHash, randomBytes } from "node:crypto";
import type { FaultyIdp } from "portcullis/testing";

/** Tokens of the sizes that a company's identity provider hands out. */
export interface IssuedTokens {
	readonly access: string;
	readonly refresh: string;
	/** Of the last login. */
	id: string;
}

const GROUPS = Array.from(
	{ length: 20 },
	(_, i) => `engineering-team-${String(i).padStart(2, "0")}`,
);
const ACCESS_TOKEN_BYTES = 1800;
const REFRESH_TOKEN_BYTES = 1500;

/**
 * Makes a provider hand out an RS256 ID token with 20 groups, a JWT access token of 1.8 kB and an
 * opaque refresh token of 1.5 kB.
 */
export function handOutRealisticTokens(idp: FaultyIdp): IssuedTokens {
	const tokens: IssuedTokens = {
		access: accessToken(idp),
		refresh: opaque(REFRESH_TOKEN_BYTES),
		id: "",
	};
	idp.set({
		// Userinfo would not know the access token, which the provider did not issue itself.
		discovery: "no-userinfo",
		tokenResponse: { access_token: tokens.access, refresh_token: tokens.refresh },
		rawIdToken: ({ header, claims }) => {
			tokens.id = idp.sign(
				{ ...claims, ...person("ada"), at_hash: halfHash(tokens.access) },
				header,
			);
			return tokens.id;
		},
	});
	return tokens;
}

/** The claims about a person that go into an ID token. */
export function person(sub: string): {
	sub: string;
	name: string;
	email: string;
	email_verified: boolean;
	groups: string[];
} {
	return {
		sub,
		name: "Ada Lovelace",
		email: `${sub}@example.com`,
		email_verified: true,
		groups: GROUPS,
	};
}

/** A token without structure, so many characters long. */
export function opaque(length: number): string {
	return randomBytes(length).toString("base64url").slice(0, length);
}

function accessToken(idp: FaultyIdp): string {
	const claims = {
		iss: idp.issuer,
		aud: "https://api.example.com",
		sub: "ada",
		scp: "openid email profile offline_access",
		groups: GROUPS,
	};
	const bare = idp.sign({ ...claims, filler: "" }).length;
	// Random text, as entitlements and ids in real tokens are hardly compressible either.
	return idp.sign({ ...claims, filler: opaque(Math.floor(((ACCESS_TOKEN_BYTES - bare) * 3) / 4)) });
}

/** Left half of the hash (OpenID Connect Core 1.0 section 3.1.3.6). */
function halfHash(text: string): string {
	return createHash("sha256").update(text).digest().subarray(0, 16).toString("base64url");
}
