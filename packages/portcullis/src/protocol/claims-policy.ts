import { isPortcullisError, providerOfCode } from "../base/errors.ts";
import type { ProviderHooks } from "./provider-hooks.ts";
import { hooksOf } from "./run-hook.ts";
import type { TokenKind } from "./types.ts";

/**
 * The policy of `verifyClaims`. A token that was presented to the app is then no valid token, no
 * matter what a login would be told.
 *
 * @throws LoginError.
 */
export async function requireClaims(
	provider: ProviderHooks,
	claims: Readonly<Record<string, unknown>>,
	kind: TokenKind,
): Promise<void> {
	const { run, error: failure } = hooksOf(provider.name);
	const code =
		kind === "access_token" || kind === "logout_token" ? "token_invalid" : "access_denied";
	try {
		if ((await run("verifyClaims", () => provider.verifyClaims(claims, kind))) === true) return;
	} catch (error) {
		if (!isPortcullisError(error)) throw error;
		const isDenial = error.code === "access_denied" || providerOfCode(error.code) !== undefined;
		// A login ends with the code of the class; of other tokens there is no more to say.
		if (!isDenial || (code === "access_denied" && error.code !== code)) throw error;
		throw failure(code, error.reason ?? "verifyClaims", error.message, error);
	}
	throw failure(code, "verifyClaims", "verifyClaims refused the token.");
}

/**
 * The method in which the class of a provider says whom it lets in, if it does so for logins alone:
 * access tokens that are presented to the app do not come by it. `undefined` where the same class,
 * or one that extends it, has `verifyClaims` as well.
 */
export function policyOfLoginsAlone(
	provider: ProviderHooks,
): "verifyIdToken" | "validateExchange" | undefined {
	for (let at: object | null = provider; at !== null; at = Object.getPrototypeOf(at)) {
		if (Object.hasOwn(at, "verifyClaims") || Object.hasOwn(at, "verifyAccessToken"))
			return undefined;
		if (Object.hasOwn(at, "verifyIdToken")) return "verifyIdToken"; // proven: login-policy-for-bearer
		if (Object.hasOwn(at, "validateExchange")) return "validateExchange";
	}
	return undefined;
}
