import { type DiscoveryFault, type JwksFault, listFaults, override } from "./faulty-idp-faults.ts";
import { createKey, inventKey } from "./faulty-idp-keys.ts";
import { json } from "./faulty-idp-respond.ts";
import { type FaultyIdpState, sendsIssuer } from "./faulty-idp-state.ts";
import { metadataIssuer } from "./faulty-idp-tenants.ts";

/** Answers with the provider metadata (OpenID Connect Discovery 1.0 section 3). */
export function discovery(state: FaultyIdpState): Response {
	const metadata = metadataOf(state);
	for (const fault of listFaults(state.faults.discovery))
		override(metadata, discoveryFaults[fault](state.issuer));
	override(metadata, state.faults.metadata);
	return json(metadata);
}

/** Answers with the key set (RFC 7517 section 5). */
export async function jwks(state: FaultyIdpState): Promise<Response> {
	let keys: Record<string, unknown>[] = state.keys.published.map(({ jwk }) => ({ ...jwk }));
	for (const fault of listFaults(state.faults.jwks)) keys = await jwksFaults[fault](keys, state);
	return json({ keys });
}

function metadataOf(state: FaultyIdpState): Record<string, unknown> {
	const { issuer, tenant, keys } = state;
	const base = issuer.replace(/\/$/, "");
	return {
		issuer: metadataIssuer(issuer, tenant),
		authorization_endpoint: `${base}/authorize`,
		token_endpoint: `${base}/token`,
		jwks_uri: `${base}/jwks`,
		userinfo_endpoint: `${base}/userinfo`,
		end_session_endpoint: `${base}/end-session`,
		revocation_endpoint: `${base}/revoke`,
		scopes_supported: ["openid", "profile", "email", "groups", "offline_access"],
		response_types_supported: ["code"],
		response_modes_supported: ["query", "form_post"],
		grant_types_supported: ["authorization_code", "refresh_token"],
		subject_types_supported: ["public"],
		id_token_signing_alg_values_supported: [...new Set(keys.published.map(({ alg }) => alg))],
		token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
		code_challenge_methods_supported: ["S256"],
		authorization_response_iss_parameter_supported: sendsIssuer(state),
	};
}

const discoveryFaults: Readonly<
	Record<DiscoveryFault, (issuer: string) => Record<string, unknown>>
> = {
	"issuer-other": () => ({ issuer: "https://another-issuer.invalid" }),
	"issuer-trailing-slash": (issuer) => ({ issuer: `${issuer}/` }),
	"issuer-missing": () => ({ issuer: undefined }),
	"endpoint-http": () => ({ token_endpoint: "http://attacker.invalid/token" }),
	"endpoint-internal": () => ({ token_endpoint: "https://169.254.169.254/token" }),
	"jwks-uri-internal": () => ({ jwks_uri: "https://169.254.169.254/jwks" }),
	"no-s256": () => ({ code_challenge_methods_supported: undefined }),
	"plain-only": () => ({ code_challenge_methods_supported: ["plain"] }),
	"no-code": () => ({ response_types_supported: ["id_token"] }),
	"hs256-advertised": () => ({ id_token_signing_alg_values_supported: ["RS256", "HS256", "none"] }),
	"no-authorization-endpoint": () => ({ authorization_endpoint: undefined }),
	"no-token-endpoint": () => ({ token_endpoint: undefined }),
	"no-jwks-uri": () => ({ jwks_uri: undefined }),
	"no-userinfo": () => ({ userinfo_endpoint: undefined }),
	"no-end-session": () => ({ end_session_endpoint: undefined }),
	"no-revocation": () => ({ revocation_endpoint: undefined }),
};

type Keys = Record<string, unknown>[];

const jwksFaults: Readonly<
	Record<JwksFault, (keys: Keys, state: FaultyIdpState) => Keys | Promise<Keys>>
> = {
	empty: () => [],
	"second-key": async (keys, state) => [
		...keys,
		{ ...(await createKey(state.keys.published[0]?.alg ?? "RS256")).jwk },
	],
	"many-keys": (keys) => [...Array.from({ length: 10_000 }, inventKey), ...keys],
	"no-kid": (keys) => keys.map(({ kid: _kid, ...key }) => key),
	"use-enc": (keys) => keys.map((key) => ({ ...key, use: "enc" })),
	"symmetric-key": (keys) => [
		...keys,
		{
			kty: "oct",
			k: "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA",
			kid: "symmetric",
			alg: "HS256",
			use: "sig",
		},
	],
};
