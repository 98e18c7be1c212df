import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-format (R21)", [
	{
		name: "an answer without ID token",
		faults: { idToken: "missing" },
		code: "token_invalid",
		reason: "id_token",
		status: 502,
	},
	{
		name: "a text that is no token",
		faults: { idToken: "not-a-jwt" },
		code: "token_invalid",
		reason: "format",
		status: 502,
	},
	{
		name: "an encrypted token",
		faults: { idToken: "five-parts" },
		code: "token_invalid",
		reason: "format",
		status: 502,
	},
	{
		name: "a number in the place of an ID token",
		faults: { idToken: "not-a-string" },
		code: "token_invalid",
		reason: "id_token",
		status: 502,
	},
]);
