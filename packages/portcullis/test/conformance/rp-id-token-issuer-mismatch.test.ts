import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-issuer-mismatch (R22)", [
	{
		name: "an ID token of another issuer",
		faults: { idToken: "iss-wrong" },
		code: "token_invalid",
		reason: "iss",
		status: 502,
	},
	{
		name: "an ID token without issuer",
		faults: { idToken: "iss-missing" },
		code: "token_invalid",
		reason: "iss",
		status: 502,
	},
]);
