import type { ClientAuth } from "oauth4webapi";
import { LoginError } from "../base/errors.ts";

/** What decides how the client proves itself at the token endpoint. */
export interface ClientCredentials {
	readonly clientId: string;
	/** Absent for a public client. */
	readonly clientSecret: string | undefined;
	/** `token_endpoint_auth_methods_supported`; `undefined` where the provider does not say. */
	readonly methods: readonly string[] | undefined;
	/** Name of the provider, for errors. */
	readonly provider: string;
}

/**
 * Picks the authentication method of RFC 6749 section 2.3 and returns the function that applies it
 * to a request.
 *
 * Without a secret the client is public and sends its id alone, no matter what the metadata lists:
 * several providers serve public clients without listing `none`. With one it goes into the body
 * where the provider offers that, else into the `Authorization` header, which is also the default
 * where metadata is silent (OpenID Connect Discovery 1.0 section 3).
 *
 * @throws LoginError `provider_misconfigured`, reason `token_endpoint_auth_methods_supported`, if a
 *   secret is set and neither is offered.
 */
export function clientAuthentication(credentials: ClientCredentials): ClientAuth {
	const { clientId, clientSecret, methods, provider } = credentials;
	if (clientSecret === undefined) return none(clientId);
	if (methods?.includes("client_secret_post")) return post(clientId, clientSecret);
	// proven: any-client-authentication
	if (methods === undefined || methods.includes("client_secret_basic"))
		return basic(clientId, clientSecret);
	const message =
		"The provider's token endpoint accepts neither client_secret_post nor client_secret_basic. Allow one of them for this client at the provider, or register a public client and unset the client secret.";
	throw new LoginError("provider_misconfigured", message, {
		provider,
		reason: "token_endpoint_auth_methods_supported",
	});
}

function none(clientId: string): ClientAuth {
	return (_server, _client, body) => {
		body.set("client_id", clientId);
	};
}

function post(clientId: string, clientSecret: string): ClientAuth {
	return (_server, _client, body) => {
		body.set("client_id", clientId);
		body.set("client_secret", clientSecret);
	};
}

function basic(clientId: string, clientSecret: string): ClientAuth {
	const credentials = btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
	return (_server, _client, _body, headers) => {
		headers.set("authorization", `Basic ${credentials}`);
	};
}

/**
 * RFC 6749 appendix B, by the encoder that every runtime has: `-`, `.`, `_` and `*` stay as they
 * are. The stricter encoding of `oauth4webapi` writes `%2D`, and real servers that never decode
 * then see another secret.
 */
function formEncode(text: string): string {
	return new URLSearchParams([["", text]]).toString().slice(1);
}
