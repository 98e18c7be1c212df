import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-nonce-missing (R24)", [
	{
		name: "an ID token without nonce",
		faults: { idToken: "nonce-missing" },
		code: "token_invalid",
		reason: "nonce",
		status: 502,
	},
]);
