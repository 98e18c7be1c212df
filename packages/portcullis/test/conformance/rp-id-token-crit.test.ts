import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-crit (R21)", [
	{
		name: "a critical extension that nobody knows",
		faults: { idToken: "crit-unknown" },
		code: "token_invalid",
		reason: "crit",
		status: 502,
	},
	{
		name: "an unencoded payload",
		faults: { idToken: "b64-false" },
		code: "token_invalid",
		reason: "crit",
		status: 502,
	},
]);
