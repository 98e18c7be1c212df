import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-exp (R23)", [
	{
		name: "an ID token that never expires",
		faults: { idToken: "exp-missing" },
		code: "token_invalid",
		reason: "exp",
		status: 502,
	},
	{
		name: "an expiry that is text",
		faults: { idTokenClaims: { exp: "9999999999" } },
		code: "token_invalid",
		reason: "exp",
		status: 502,
	},
	{
		name: "an ID token that expired an hour ago",
		faults: { idToken: "exp-past" },
		code: "clock_skew",
		reason: "exp",
		status: 502,
	},
	{
		name: "an ID token that expired before it was issued",
		faults: { idTokenClaims: { exp: 1 } },
		code: "token_invalid",
		reason: "exp",
		status: 502,
	},
]);
