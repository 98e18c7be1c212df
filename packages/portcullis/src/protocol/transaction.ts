import { connectionOf } from "./connection.ts";
import type { ProviderHooks } from "./provider-hooks.ts";
import { isScope } from "./provider-settings.ts";
import { randomText } from "./random-text.ts";
import { hooksOf } from "./run-hook.ts";
import type { LoginTransaction, TransactionInput } from "./types.ts";

/** Random bytes of a transaction's id: 16 characters. */
const ID_BYTES = 12;
/**
 * Random bytes of `state` after the id, and of `nonce`: 144 bits, where RFC 6749 section 10.10 asks
 * for 128.
 */
const STATE_BYTES = 18;
const NONCE_BYTES = 18;
/** Random bytes of the PKCE verifier: 256 bits, 43 characters (RFC 7636 section 7.1). */
const VERIFIER_BYTES = 32;

/** Starts one login attempt: fresh `state`, `nonce` and PKCE verifier. */
export function startTransaction(
	provider: ProviderHooks,
	input: TransactionInput,
): LoginTransaction {
	const { maxAge, acrValues = [] } = input;
	if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0)) {
		const message = "maxAge must be a whole number of seconds.";
		throw hooksOf(provider.name).error("internal_error", "maxAge", message);
	}
	const id = randomText(ID_BYTES);
	const { settings, runtime } = connectionOf(provider);
	return {
		id,
		provider: provider.name,
		issuer: settings.issuer,
		state: `${id}.${randomText(STATE_BYTES)}${input.restarted === true ? ".r" : ""}`,
		nonce: randomText(NONCE_BYTES),
		codeVerifier: randomText(VERIFIER_BYTES),
		redirectUri: input.redirectUri,
		scopes: scopesOf(provider, runtime.extraScopes),
		returnTo: input.returnTo,
		startedAt: Math.floor(runtime.now() / 1000),
		...(maxAge === undefined ? {} : { maxAge }),
		...(acrValues.length === 0 ? {} : { acrValues: [...acrValues] }),
		...(input.restarted === true ? { restarted: true } : {}),
	};
}

/**
 * Two providers must never be mixed up (RFC 9700 section 4.4), nor one with itself from before a
 * change of configuration.
 *
 * @throws LoginError `transaction_invalid`.
 */
export function requireOwn({ name, issuer }: ProviderHooks, tx: LoginTransaction): void {
	const { error } = hooksOf(name);
	// proven: other-provider
	if (tx.provider !== name)
		throw error("transaction_invalid", "provider", "The login was started with another provider.");
	// proven: other-issuer
	if (tx.issuer !== issuer)
		throw error("transaction_invalid", "issuer", "The login was started with another issuer.");
}

function scopesOf(provider: ProviderHooks, extra: readonly string[]): readonly string[] {
	const scopes = ["openid", ...provider.requestedScopes(), ...extra]
		.flatMap((entry) => entry.split(" "))
		.filter((entry) => entry !== "");
	if (!scopes.every(isScope))
		throw hooksOf(provider.name).error(
			"internal_error",
			"requestedScopes",
			"A requested scope has a character that is not allowed.",
		);
	return [...new Set(scopes)];
}
