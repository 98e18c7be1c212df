import { type ErrorCode, type ErrorDetails, LoginError } from "../base/errors.ts";
import { toErrorCode, toProviderText } from "./provider-text.ts";

/**
 * The `error` and `error_description` of an authorization or token response (RFC 6749 sections
 * 4.1.2.1 and 5.2), as sent.
 */
export interface ProviderFailure {
	readonly error: string;
	readonly description: string | undefined;
}

/**
 * The provider itself refused. Its words are on typed fields and not in the message.
 *
 * In an authorization response an attacker can have written them, since the callback is a URL: show
 * them as text, act on nothing.
 */
export class ProviderResponseError extends LoginError {
	/** The provider's `error`, such as `access_denied`; `unreadable` where it is no code at all. */
	readonly providerError: string;
	/**
	 * The provider's `error_description`, at most 500 characters, without control characters. May
	 * hold markup: escape it.
	 */
	readonly providerText: string | undefined;

	constructor(
		code: ErrorCode,
		message: string,
		failure: ProviderFailure,
		details: ErrorDetails = {},
	) {
		const providerError = toErrorCode(failure.error);
		super(code, `${message} (${providerError})`, { reason: providerError, ...details });
		this.providerError = providerError;
		this.providerText =
			failure.description === undefined ? undefined : toProviderText(failure.description);
	}
}
