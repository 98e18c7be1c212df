import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-header-key (R21)", [
	{
		name: "a key that the token brings along",
		faults: { idToken: "jwk-embedded" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
	},
	{
		name: "a key set that the token names",
		faults: { idToken: "jku-header" },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
	{
		name: "a certificate that the token names",
		faults: { idToken: "x5u-header" },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
]);
