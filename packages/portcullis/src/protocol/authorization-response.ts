import { equalConstantTime } from "../base/constant-time.ts";
import type { CallbackParameters } from "./callback-parameters.ts";
import type { ProviderMetadata } from "./discovery.ts";
import { acceptsResponseIssuer } from "./issuer-rule.ts";
import type { ProviderHooks } from "./provider-hooks.ts";
import { ProviderResponseError } from "./provider-response-error.ts";
import { hooksOf } from "./run-hook.ts";
import type { LoginTransaction } from "./types.ts";

/**
 * `state` is that of the attempt (RFC 6749 section 10.12).
 *
 * @throws LoginError `callback_invalid`.
 */
export function requireState(
	{ name }: ProviderHooks,
	callback: CallbackParameters,
	tx: LoginTransaction,
): void {
	// proven: no-state-compare
	if (
		callback.state === undefined ||
		tx.state === "" ||
		!equalConstantTime(callback.state, tx.state)
	) {
		throw hooksOf(name).error(
			"callback_invalid",
			"state",
			"The answer belongs to another login attempt.",
		);
	}
}

/**
 * RFC 9207 section 2.4. Before `error`, so that another provider's answer is not taken for this
 * one's.
 *
 * @throws LoginError `issuer_mismatch`.
 */
export async function requireResponseIssuer(
	provider: ProviderHooks,
	{ iss }: CallbackParameters,
	{ sendsIssuer }: ProviderMetadata,
): Promise<void> {
	if (iss === undefined && !sendsIssuer) return; // proven: optional-response-issuer
	const { run, error } = hooksOf(provider.name);
	const isOwn =
		iss !== undefined &&
		(await run("validIssuers", () => acceptsResponseIssuer(provider.validIssuers(), iss)));
	// proven: no-response-issuer
	if (!isOwn)
		throw error(
			"issuer_mismatch",
			"iss",
			"The answer does not come from the provider that the login was started with.",
		);
}

/**
 * The answer has a code and no error (RFC 6749 section 4.1.2.1).
 *
 * @throws ProviderResponseError with what the provider said; LoginError `callback_invalid`.
 */
export function requireCode(
	{ name: provider }: ProviderHooks,
	{ error, errorDescription: description, code }: CallbackParameters,
): void {
	// proven: error-ignored
	if (error !== undefined) {
		const isDenial = error === "access_denied";
		const message = isDenial
			? "The provider or the person refused the login."
			: "The provider refused the login.";
		throw new ProviderResponseError(
			isDenial ? "access_denied" : "provider_error",
			message,
			{ error, description },
			{ provider },
		);
	}
	// proven: no-code
	if (code === undefined)
		throw hooksOf(provider).error(
			"callback_invalid",
			"code",
			"The answer has neither a code nor an error.",
		);
}
