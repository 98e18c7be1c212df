import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-sig-hs256 (R21)", [
	{
		name: "HS256 with the public key for the secret",
		faults: { idToken: "alg-hs256-public-key" },
		code: "token_invalid",
		reason: "alg",
		status: 502,
		idp: { algorithm: "RS256" },
	},
	{
		name: "HS256 with the client secret",
		faults: { idToken: "alg-hs256-client-secret" },
		code: "token_invalid",
		reason: "alg",
		status: 502,
		idp: { algorithm: "RS256" },
	},
	{
		name: "HS256, although the metadata lists it",
		faults: { idToken: "alg-hs256-client-secret", discovery: "hs256-advertised" },
		code: "token_invalid",
		reason: "alg",
		status: 502,
		idp: { algorithm: "RS256" },
	},
	{
		name: "HS256 with a symmetric key of the key set",
		faults: {
			idToken: "alg-hs256-client-secret",
			jwks: "symmetric-key",
			discovery: "hs256-advertised",
		},
		code: "token_invalid",
		reason: "alg",
		status: 502,
		idp: { algorithm: "RS256" },
	},
]);

acceptsLogin("rp-id_token-sig-hs256 (R21)", [
	{
		name: "RS256 of a provider that lists HS256 and none as well",
		faults: { discovery: "hs256-advertised" },
		idp: { algorithm: "RS256" },
	},
	{ name: "a symmetric key beside the right one", faults: { jwks: "symmetric-key" } },
]);
