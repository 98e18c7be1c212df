import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-nbf (R23)", [
	{
		name: "an ID token that is not valid yet",
		faults: { idToken: "nbf-future" },
		code: "token_invalid",
		reason: "nbf",
		status: 502,
	},
]);
