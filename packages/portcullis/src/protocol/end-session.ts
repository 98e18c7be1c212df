import type { ProviderHooks } from "./provider-hooks.ts";
import { setDefined, setParameters } from "./request-parameters.ts";
import { hooksOf } from "./run-hook.ts";
import type { EndSession } from "./types.ts";

/**
 * Longest ID token that goes into an end-session URL, in characters: proxies cut URLs off at 4 or 8
 * kB.
 */
const MAX_ID_TOKEN_HINT = 2048;

/**
 * The address of an end-session request (OpenID Connect RP-Initiated Logout 1.0 section 2);
 * `undefined` if the provider has no such endpoint.
 */
export async function endSessionRequest(
	provider: ProviderHooks,
	session: EndSession,
): Promise<URL | undefined> {
	const { run } = hooksOf(provider.name);
	const endpoint = await run("endSessionEndpoint", () => provider.endSessionEndpoint());
	if (endpoint === undefined) return undefined;
	const { idToken, postLogoutRedirectUri, state } = session;
	const url = new URL(endpoint);
	setDefined(url, {
		id_token_hint:
			idToken !== undefined && idToken.length <= MAX_ID_TOKEN_HINT ? idToken : undefined,
		post_logout_redirect_uri: postLogoutRedirectUri,
	});
	setParameters(
		url,
		await run("endSessionParameters", () => provider.endSessionParameters(session)),
	);
	setParameters(url, { client_id: provider.clientId, state });
	return url;
}
