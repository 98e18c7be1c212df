import * as oauth from "oauth4webapi";
import { type ErrorCode, LoginError } from "../base/errors.ts";
import { clientAuthentication } from "./client-authentication.ts";
import type { ProviderMetadata } from "./discovery.ts";
import { fromOAuth } from "./foreign-errors.ts";
import type { BoundedFetch } from "./http.ts";
import { type JsonObject, readJsonObject } from "./json.ts";
import type { LoginTransaction, ProviderOperation } from "./types.ts";

/** Who is asking, whom, and through what. */
export interface RequestContext {
	readonly metadata: ProviderMetadata;
	readonly clientId: string;
	readonly clientSecret: string | undefined;
	readonly fetch: BoundedFetch;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/**
 * Spends the code of an authorization response at the token endpoint (RFC 6749 section 4.1.3, RFC
 * 7636 section 4.5).
 *
 * @param params the authorization response; the caller has checked `iss`, and that there is a
 *   `code` and no `error`.
 * @returns the response with any status that is no outage, its body unread and unchecked.
 */
export async function requestTokens(
	params: URLSearchParams,
	tx: LoginTransaction,
	context: RequestContext,
): Promise<Response> {
	const { metadata, clientId, clientSecret, fetch, provider } = context;
	const methods = metadata.tokenEndpointAuthMethods;
	const authenticate = clientAuthentication({ clientId, clientSecret, methods, provider });
	const server = { issuer: metadata.issuer, token_endpoint: metadata.tokenEndpoint };
	const client = { client_id: clientId };
	// A second look at `state` by the library. Not at `iss`: the accepted issuers can be more than
	// the one that it knows.
	const response = new URLSearchParams(params);
	response.delete("iss");
	try {
		const checked = oauth.validateAuthResponse(server, client, response, tx.state);
		return await oauth.authorizationCodeGrantRequest(
			server,
			client,
			authenticate,
			checked,
			tx.redirectUri,
			tx.codeVerifier,
			through(fetch, "code_exchange"),
		);
	} catch (error) {
		throw fromOAuth(error, "The code exchange", provider);
	}
}

/**
 * Spends a refresh token at the token endpoint (RFC 6749 section 6).
 *
 * @param scopes those that were granted: asking for more would be refused.
 * @param timeout seconds. A refresh token that rotates is spent as soon as the request arrives:
 *   without the answer the session is lost.
 * @returns the response with any status that is no outage, its body unread and unchecked.
 */
export async function requestRefresh(
	refreshToken: string,
	scopes: readonly string[],
	timeout: number,
	context: RequestContext,
): Promise<Response> {
	const { metadata, clientId, clientSecret, fetch, provider } = context;
	const methods = metadata.tokenEndpointAuthMethods;
	const authenticate = clientAuthentication({ clientId, clientSecret, methods, provider });
	const server = { issuer: metadata.issuer, token_endpoint: metadata.tokenEndpoint };
	const additionalParameters = new URLSearchParams(
		scopes.length === 0 ? {} : { scope: scopes.join(" ") },
	);
	try {
		return await oauth.refreshTokenGrantRequest(
			server,
			{ client_id: clientId },
			authenticate,
			refreshToken,
			{
				...through(fetch, "refresh", timeout),
				additionalParameters,
			},
		);
	} catch (error) {
		throw fromOAuth(error, "The refresh", provider);
	}
}

/**
 * Revokes a token (RFC 7009 section 2.1). Does nothing where the provider has no such endpoint.
 *
 * @returns the status; 200 also for a token that the provider does not know. `undefined` without an
 *   endpoint.
 */
export async function requestRevocation(
	token: string,
	hint: "refresh_token" | "access_token",
	context: RequestContext,
): Promise<Response | undefined> {
	const { metadata, clientId, clientSecret, fetch, provider } = context;
	if (metadata.revocationEndpoint === undefined) return undefined;
	const methods = metadata.tokenEndpointAuthMethods;
	const authenticate = clientAuthentication({ clientId, clientSecret, methods, provider });
	const server = { issuer: metadata.issuer, revocation_endpoint: metadata.revocationEndpoint };
	try {
		return await oauth.revocationRequest(server, { client_id: clientId }, authenticate, token, {
			...through(fetch, "revocation"),
			additionalParameters: { token_type_hint: hint },
		});
	} catch (error) {
		throw fromOAuth(error, "The revocation", provider);
	}
}

/**
 * Asks the userinfo endpoint (OpenID Connect Core 1.0 section 5.3). `undefined` where the provider
 * has none. The `sub` is not compared here.
 *
 * @throws LoginError `userinfo_invalid` with reason `status_<n>` or `format`. A signed answer
 *   (`application/jwt`) counts as `format`.
 */
export async function requestUserinfo(
	accessToken: string,
	context: RequestContext,
): Promise<JsonObject | undefined> {
	const { metadata, fetch, provider } = context;
	if (metadata.userinfoEndpoint === undefined) return undefined;
	const headers = { accept: "application/json", authorization: `Bearer ${accessToken}` };
	const response = await fetch(metadata.userinfoEndpoint, { headers, operation: "userinfo" });
	if (response.status !== 200)
		throw refusal(
			"userinfo_invalid",
			`status_${response.status}`,
			`with status ${response.status}`,
			provider,
		);
	const userinfo = await readJsonObject(response);
	if (userinfo === undefined)
		throw refusal("userinfo_invalid", "format", "with something else than a JSON object", provider);
	return userinfo;
}

/**
 * Our own call decides on http and on redirects, with the issuer in view; the library's blanket
 * rule would end development on localhost.
 */
function through(
	fetch: BoundedFetch,
	operation: ProviderOperation,
	timeout?: number,
): oauth.TokenEndpointRequestOptions {
	return {
		[oauth.allowInsecureRequests]: true,
		[oauth.customFetch]: (url, { method, headers, body }) =>
			fetch(url, { method, headers, body, timeout, operation }),
	};
}

function refusal(code: ErrorCode, reason: string, how: string, provider: string): LoginError {
	return new LoginError(code, `The userinfo endpoint answered ${how}.`, { provider, reason });
}
