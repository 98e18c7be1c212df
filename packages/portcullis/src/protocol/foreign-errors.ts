import { isPortcullisError, LoginError, type PortcullisError } from "../base/errors.ts";

/**
 * The one place where errors of `fetch`, `oauth4webapi` and `jose` become ours. They are recognised
 * by their `code`, never by message text, and kept as `cause`.
 */

/**
 * An injected `fetch` rejected, or a response broke off: the provider could not be reached. `host`
 * is named in the message.
 */
export function fromFetch(error: unknown, host: string, provider: string): PortcullisError {
	if (isPortcullisError(error)) return error;
	const code = networkCode(error);
	const message = `The identity provider at ${host} could not be reached${code === undefined ? "" : ` (${code})`}.`;
	return new LoginError("provider_unreachable", message, {
		cause: error,
		provider,
		reason: "network",
	});
}

/** A request could not be built or was refused before it was sent. */
export function fromOAuth(error: unknown, doing: string, provider: string): PortcullisError {
	if (isPortcullisError(error)) return error;
	switch (codeOf(error)) {
		case "OAUTH_HTTP_REQUEST_FORBIDDEN":
		case "OAUTH_REQUEST_PROTOCOL_FORBIDDEN":
			return failure("provider_misconfigured", "insecure_url");
		case "OAUTH_MISSING_SERVER_METADATA":
		case "OAUTH_INVALID_SERVER_METADATA":
			return failure("provider_misconfigured", "metadata");
		case "OAUTH_WWW_AUTHENTICATE_CHALLENGE":
			return failure("provider_error", "challenge");
		case "OAUTH_INVALID_RESPONSE":
		case "OAUTH_UNSUPPORTED_OPERATION":
			return failure("callback_invalid", "response");
		default:
			return failure("internal_error", "oauth");
	}

	function failure(code: PortcullisError["code"], reason: string): LoginError {
		return new LoginError(code, `${doing} failed.`, { cause: error, provider, reason });
	}
}

/**
 * The signature of a token did not hold. `signature` for a wrong one, `alg` or `format` for a token
 * that could not be checked at all.
 */
export function fromJose(error: unknown, what: string, provider: string): PortcullisError {
	if (isPortcullisError(error)) return error;
	const reason = joseReason(codeOf(error));
	return new LoginError("token_invalid", `The signature of ${what} could not be verified.`, {
		cause: error,
		provider,
		reason,
	});
}

function joseReason(code: string | undefined): string {
	switch (code) {
		case "ERR_JOSE_ALG_NOT_ALLOWED":
		case "ERR_JOSE_NOT_SUPPORTED":
			return "alg";
		case "ERR_JWS_INVALID":
			return "format";
		default:
			return "signature";
	}
}

function codeOf(error: unknown): string | undefined {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	return typeof code === "string" ? code : undefined;
}

/** `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`: Node's `fetch` keeps them one level down. */
function networkCode(error: unknown): string | undefined {
	const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined);
	return code !== undefined && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
}
