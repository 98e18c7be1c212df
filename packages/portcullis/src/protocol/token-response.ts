import { LoginError } from "../base/errors.ts";
import { isNestedDeeper, MAX_NESTING } from "../base/nesting.ts";
import { type JsonObject, readJsonObject } from "./json.ts";
import { ProviderResponseError } from "./provider-response-error.ts";
import type { RefreshRefusal, TokenExchange, Tokens } from "./types.ts";

/**
 * Lifetime of an access token whose response has no `expires_in`, in seconds (RFC 6749 section 5.1
 * leaves it to documentation).
 */
export const DEFAULT_EXPIRES_IN = 3600;

/** Members that have a place of their own in `Tokens`. */
const KNOWN = new Set([
	"access_token",
	"token_type",
	"expires_in",
	"id_token",
	"refresh_token",
	"scope",
]);

/**
 * Reads the answer of the token endpoint (RFC 6749 section 5) and checks its shape: a Bearer access
 * token, an ID token, and nothing that is of the wrong type. Neither token is verified here.
 *
 * This is not left to `oauth4webapi`, whose errors carry the whole response, tokens included, and
 * so would put them into the log.
 *
 * @throws ProviderResponseError `provider_misconfigured` for `invalid_client` and
 *   `unauthorized_client`, `provider_error` for any other refusal; LoginError `token_invalid` with
 *   the member as reason, or `format`.
 */
export async function readTokenResponse(response: Response, provider: string): Promise<JsonObject> {
	const body = await readJsonObject(response);
	const tokens = checkTokens(response.status, body, provider);
	// proven: no-id-token
	if (typeof tokens.id_token !== "string" || tokens.id_token === "")
		throw invalid("id_token", "has no ID token", provider);
	return tokens;
}

/**
 * The same for the answer to a refresh (RFC 6749 section 6), which need not have an ID token
 * (OpenID Connect Core 1.0 section 12.2).
 *
 * @returns the response, or what the token endpoint refused with.
 * @throws LoginError for an answer that cannot be understood.
 */
export async function readRefreshResponse(
	response: Response,
	provider: string,
): Promise<{ body: JsonObject } | { refusal: RefreshRefusal; failure: LoginError }> {
	const body = await readJsonObject(response);
	const { status } = response;
	if (status !== 200 || body?.error !== undefined) {
		const error = typeof body?.error === "string" ? body.error : undefined;
		return { refusal: { status, error }, failure: refused(status, body, provider) };
	}
	const tokens = checkTokens(status, body, provider);
	const { id_token } = tokens;
	if (isPresent(id_token) && (typeof id_token !== "string" || id_token === ""))
		throw invalid("id_token", "has an unusable ID token", provider);
	return { body: tokens };
}

function checkTokens(status: number, body: JsonObject | undefined, provider: string): JsonObject {
	if (status !== 200) throw refused(status, body, provider); // proven: no-token-status
	if (body === undefined) throw invalid("format", "is not a JSON object", provider);
	// Some servers answer a refusal with status 200.
	if (body.error !== undefined) throw refused(200, body, provider); // proven: no-token-error
	// proven: no-access-token
	if (!isTokenText(body.access_token))
		throw invalid("access_token", "has no usable access token", provider);
	// RFC 6749 section 5.1: case-insensitive. Anything else cannot be used as a Bearer token, so it
	// must not be.
	// proven: no-token-type
	if (typeof body.token_type !== "string" || body.token_type.toLowerCase() !== "bearer") {
		throw invalid("token_type", "is not of type Bearer", provider);
	}
	if (isPresent(body.refresh_token) && !isTokenText(body.refresh_token)) {
		throw invalid("refresh_token", "has an unusable refresh token", provider);
	}
	if (isPresent(body.scope) && typeof body.scope !== "string")
		throw invalid("scope", "has a scope that is no text", provider);
	// proven: no-expires-in
	if (readExpiresIn(body.expires_in) === undefined)
		throw invalid("expires_in", "has an unusable expires_in", provider);
	return body;
}

/**
 * The tokens of a verified exchange. At a refresh what the response lacks stays as it was (RFC 6749
 * section 6). Other members of the response go to `extra`. `now` in milliseconds since the epoch.
 */
export function toTokens({ response, transaction, previous }: TokenExchange, now: number): Tokens {
	const { access_token, id_token, refresh_token, scope, expires_in } = response;
	const idToken = typeof id_token === "string" ? id_token : previous?.idToken;
	const refreshToken = typeof refresh_token === "string" ? refresh_token : previous?.refreshToken;
	return {
		accessToken: String(access_token),
		accessTokenExpiresAt: Math.floor(now / 1000) + (readExpiresIn(expires_in) ?? 0),
		...(idToken === undefined ? {} : { idToken }),
		...(refreshToken === undefined ? {} : { refreshToken }),
		scopes:
			typeof scope === "string" ? toScopes(scope) : (transaction?.scopes ?? previous?.scopes ?? []),
		extra: {
			...previous?.extra,
			// What is nested too deep could not be sealed: one member must not cost the login.
			...Object.fromEntries(
				// proven: deep-token-response
				Object.entries(response).filter(
					([member, value]) => !KNOWN.has(member) && !isNestedDeeper(value, MAX_NESTING),
				),
			),
		},
	};
}

/**
 * Seconds from an `expires_in`: one hour where there is none, `undefined` where it is no lifetime.
 * Digits in a string are taken for the number that they are: Entra ID's older endpoint sends them,
 * and nothing else could be meant.
 */
function readExpiresIn(value: unknown): number | undefined {
	if (!isPresent(value)) return DEFAULT_EXPIRES_IN;
	const seconds = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
	// proven: negative-expires-in
	if (typeof seconds !== "number" || !(seconds >= 1) || seconds > Number.MAX_SAFE_INTEGER / 1000)
		return undefined;
	return Math.floor(seconds);
}

function toScopes(scope: string): string[] {
	return [...new Set(scope.split(" ").filter((entry) => entry !== ""))];
}

/**
 * RFC 6749 appendix A.12: visible ASCII. A line break would otherwise surface as an error of
 * `fetch` that quotes the token.
 */
function isTokenText(value: unknown): value is string {
	return typeof value === "string" && /^[\x21-\x7e]+$/.test(value); // proven: token-line-breaks
}

function isPresent(value: unknown): boolean {
	return value !== undefined && value !== null;
}

function refused(status: number, body: JsonObject | undefined, provider: string): LoginError {
	const error = typeof body?.error === "string" ? body.error : undefined;
	if (error === undefined) {
		const message = `The token endpoint answered with status ${status}.`;
		return new LoginError("provider_error", message, { provider, reason: `status_${status}` });
	}
	const description =
		typeof body?.error_description === "string" ? body.error_description : undefined;
	const isOurs = error === "invalid_client" || error === "unauthorized_client";
	const message = isOurs
		? "The token endpoint refused this client. Check its client id and secret; a confidential client needs the secret set."
		: "The token endpoint refused the code.";
	return new ProviderResponseError(
		isOurs ? "provider_misconfigured" : "provider_error",
		message,
		{ error, description },
		{ provider },
	);
}

function invalid(reason: string, what: string, provider: string): LoginError {
	return new LoginError("token_invalid", `The token response ${what}.`, { provider, reason });
}
