import { LoginError } from "../base/errors.ts";

/** Largest name or value of a callback parameter, in characters. */
const MAX_LENGTH = 4096;
/** Members of response types and modes that were never asked for (implicit, hybrid, JARM). */
const FOREIGN = ["access_token", "id_token", "response", "token"];

/** The parameters of an authorization response that mean something here. */
export interface CallbackParameters {
	readonly state: string | undefined;
	/** RFC 9207. */
	readonly iss: string | undefined;
	readonly code: string | undefined;
	readonly error: string | undefined;
	readonly errorDescription: string | undefined;
}

/**
 * Reads an authorization response (RFC 6749 section 4.1.2). Nothing in it is trusted yet: it came
 * with the browser.
 *
 * A parameter without a value counts as absent (RFC 6749 section 3.1).
 *
 * @throws LoginError `callback_invalid` with reason `duplicate` (any parameter given twice),
 *   `oversize` or `response_mode`.
 */
export function readCallbackParameters(
	params: URLSearchParams,
	provider: string,
): CallbackParameters {
	const seen = new Set<string>();
	for (const [name, value] of params) {
		// RFC 6749 section 3.1 forbids repetition. Refused for unknown names, too: which of two values
		// counts must never be a question.
		if (seen.has(name)) throw refusal("duplicate", "repeats a parameter", provider); // proven: repeated-parameters
		// proven: long-parameters
		if (name.length > MAX_LENGTH || value.length > MAX_LENGTH)
			throw refusal("oversize", "has a parameter that is too long", provider);
		seen.add(name);
	}
	// proven: implicit-answers
	if (FOREIGN.some((name) => seen.has(name)))
		throw refusal("response_mode", "is of a kind that was not asked for", provider);
	return {
		state: params.get("state") || undefined,
		iss: params.get("iss") || undefined,
		code: params.get("code") || undefined,
		error: params.get("error") || undefined,
		errorDescription: params.get("error_description") || undefined,
	};
}

function refusal(reason: string, what: string, provider: string): LoginError {
	return new LoginError("callback_invalid", `The answer of the identity provider ${what}.`, {
		provider,
		reason,
	});
}
