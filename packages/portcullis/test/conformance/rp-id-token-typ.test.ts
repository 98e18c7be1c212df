import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-typ (R26)", [
	{
		name: "a logout token in the place of an ID token",
		faults: { idToken: "typ-logout" },
		code: "token_invalid",
		reason: "typ",
		status: 502,
	},
	{
		name: "an access token in the place of an ID token",
		faults: { idToken: "typ-access-token" },
		code: "token_invalid",
		reason: "typ",
		status: 502,
	},
]);
