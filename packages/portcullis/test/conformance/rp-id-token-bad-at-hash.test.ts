import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-bad-at_hash (R25)", [
	{
		name: "the hash of another access token",
		faults: { idToken: "at-hash-wrong" },
		code: "token_invalid",
		reason: "at_hash",
		status: 502,
	},
	{
		name: "a hash that is a number",
		faults: { idTokenClaims: { at_hash: 1 } },
		code: "token_invalid",
		reason: "at_hash",
		status: 502,
	},
]);

acceptsLogin("rp-id_token-bad-at_hash (R25)", [
	{
		name: "an ID token without at_hash, as the code flow allows",
		faults: { idToken: "at-hash-missing" },
	},
]);
