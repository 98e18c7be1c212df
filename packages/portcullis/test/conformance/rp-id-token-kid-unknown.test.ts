import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-kid-unknown (R27)", [
	{
		name: "a key that the provider does not publish",
		faults: { idToken: "kid-unknown" },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
	{
		name: "a kid that is a number",
		faults: { idTokenHeader: { kid: 1 } },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
	{
		name: "a kid of 2,000 characters",
		faults: { idTokenHeader: { kid: "k".repeat(2000) } },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
]);
