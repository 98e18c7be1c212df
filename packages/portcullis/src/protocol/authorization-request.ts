import { calculatePKCECodeChallenge } from "oauth4webapi";
import type { ProviderHooks } from "./provider-hooks.ts";
import { setDefined, setParameters } from "./request-parameters.ts";
import { hooksOf } from "./run-hook.ts";
import type { AuthorizationRequest, LoginTransaction } from "./types.ts";

/** The address of an authorization request (OpenID Connect Core 1.0 section 3.1.2.1). */
export async function authorizationRequest(
	provider: ProviderHooks,
	tx: LoginTransaction,
	request: AuthorizationRequest,
): Promise<URL> {
	const { authorizationEndpoint } = await provider.metadata();
	const { audience, clientId, name } = provider;
	const url = new URL(authorizationEndpoint);
	setDefined(url, {
		scope: tx.scopes.join(" "),
		audience,
		max_age: tx.maxAge?.toString(),
		acr_values: tx.acrValues?.join(" "),
		prompt: request.prompt,
		login_hint: request.loginHint,
		ui_locales: request.uiLocales?.join(" "),
	});
	setParameters(
		url,
		await hooksOf(name).run("authorizationParameters", () => provider.authorizationParameters(tx)),
	);
	requireCodeFlow(url.searchParams, name);
	// After the hook and after the endpoint's own query: what protects the login is not up for
	// change.
	setParameters(url, {
		response_type: "code",
		client_id: clientId,
		redirect_uri: tx.redirectUri,
		state: tx.state,
		nonce: tx.nonce, // proven: no-nonce-sent
		code_challenge: await calculatePKCECodeChallenge(tx.codeVerifier), // proven: no-pkce
		code_challenge_method: "S256", // proven: plain-pkce
	});
	return url;
}

/**
 * What a hook must not do by accident: leave OpenID Connect, the code flow, or the parameters that
 * were just set (RFC 9101).
 */
function requireCodeFlow(params: URLSearchParams, provider: string): void {
	const scopes = (params.get("scope") ?? "")
		.split(" ")
		.filter((entry) => entry !== "" && entry !== "openid");
	params.set("scope", ["openid", ...scopes].join(" "));
	const mode = params.get("response_mode") ?? "query";
	// proven: request-objects
	if (
		(mode !== "query" && mode !== "form_post") ||
		params.has("request") ||
		params.has("request_uri")
	) {
		const message =
			"authorizationParameters asks for a response mode or request object that is not supported.";
		throw hooksOf(provider).error("internal_error", "authorizationParameters", message);
	}
}
