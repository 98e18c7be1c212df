import type { UserClaims } from "./types.ts";

/** Claims that bind the ID token to one login: of no use to an app afterwards. */
export const LOGIN_ONLY: ReadonlySet<string> = new Set(["nonce", "at_hash", "c_hash", "s_hash"]);
/** Claims that only the signed ID token may set: userinfo is not signed. */
export const ID_TOKEN_ONLY: ReadonlySet<string> = new Set([
	"iss",
	"sub",
	"aud",
	"azp",
	"exp",
	"iat",
	"nbf",
	"auth_time",
	"acr",
	"amr",
	"sid",
]);
/** Nesting that a claim may have; what is deeper is left out. */
export const MAX_CLAIM_DEPTH = 8;

/**
 * Claims of the ID token, completed by those of userinfo. Where both have one, userinfo is newer,
 * but never what only the ID token may say.
 */
export function mergeClaims(
	idToken: Readonly<Record<string, unknown>>,
	userinfo: Readonly<Record<string, unknown>> = {},
): UserClaims {
	const merged: Record<string, unknown> = {};
	for (const name of Object.keys(idToken))
		if (!LOGIN_ONLY.has(name)) setClaim(merged, name, idToken[name]);
	for (const name of Object.keys(userinfo)) {
		if (!LOGIN_ONLY.has(name) && !ID_TOKEN_ONLY.has(name)) setClaim(merged, name, userinfo[name]);
	}
	return merged as UserClaims;
}

export function setClaim(target: Record<string, unknown>, name: string, value: unknown): void {
	// Assigning to "__proto__" would change the prototype instead.
	if (name !== "__proto__" && depth(value) <= MAX_CLAIM_DEPTH) target[name] = value;
}

export function depth(value: unknown, level = 0): number {
	if (typeof value !== "object" || value === null || level > MAX_CLAIM_DEPTH) return level;
	let deepest = level + 1;
	for (const inner of childrenOf(value)) deepest = Math.max(deepest, depth(inner, level + 1));
	return deepest;
}

export function childrenOf(value: object): readonly unknown[] {
	return Array.isArray(value) ? value : Object.values(value);
}
