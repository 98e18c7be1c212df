import { equalConstantTime } from "../base/constant-time.ts";
import type { CallbackParameters } from "./callback-parameters.ts";
import { requireClaims } from "./claims-policy.ts";
import type { ProviderHooks } from "./provider-hooks.ts";
import { hooksOf } from "./run-hook.ts";
import type { IdTokenClaims, LoginTransaction, UserClaims } from "./types.ts";
import { isUserinfoOf } from "./userinfo.ts";

/**
 * The verified claims of a login's ID token.
 *
 * @param response the token response, its shape checked.
 * @throws LoginError `token_invalid`, `issuer_mismatch`, or what the hooks throw.
 */
export async function verifyLogin(
	provider: ProviderHooks,
	response: Readonly<Record<string, unknown>>,
	tx: LoginTransaction,
	callback: CallbackParameters,
): Promise<IdTokenClaims> {
	const { run, error } = hooksOf(provider.name);
	const { nonce, maxAge, acrValues } = tx;
	const expectation = { nonce, accessToken: String(response.access_token), maxAge, acrValues };
	const claims = await run("verifyIdToken", () =>
		provider.verifyIdToken(String(response.id_token), expectation),
	);
	// Once more, because the hook may have been replaced.
	// proven: no-second-sub
	if (typeof claims?.sub !== "string" || claims.sub === "")
		throw error("token_invalid", "sub", "The ID token names no subject.");
	// proven: no-second-nonce
	if (typeof claims.nonce !== "string" || !equalConstantTime(claims.nonce, nonce)) {
		throw error("token_invalid", "nonce", "The ID token belongs to another login attempt.");
	}
	// proven: issuers-differ
	if (callback.iss !== undefined && callback.iss !== claims.iss) {
		throw error("issuer_mismatch", "iss", "The answer and its ID token name different issuers.");
	}
	await requireClaims(provider, claims, "id_token");
	return claims;
}

/**
 * OpenID Connect Core 1.0 section 5.3.2: without this the access token could have been swapped for
 * that of another person.
 *
 * @throws LoginError `userinfo_invalid`.
 */
export function requireUserinfoOf(
	{ name }: ProviderHooks,
	userinfo: UserClaims | undefined,
	claims: IdTokenClaims,
): void {
	// proven: userinfo-sub
	if (userinfo !== undefined && !isUserinfoOf(userinfo, claims)) {
		throw hooksOf(name).error(
			"userinfo_invalid",
			"sub",
			"The userinfo endpoint answered for another subject.",
		);
	}
}
