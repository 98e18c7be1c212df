import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-sig-none (R21)", [
	{
		name: "a token that nobody signed",
		faults: { idToken: "alg-none" },
		code: "token_invalid",
		reason: "alg",
		status: 502,
	},
	{
		name: "a token that nobody signed, of a provider that says it does so",
		faults: {
			idToken: "alg-none",
			metadata: { id_token_signing_alg_values_supported: ["ES256", "none"] },
		},
		code: "token_invalid",
		reason: "alg",
		status: 502,
	},
]);
