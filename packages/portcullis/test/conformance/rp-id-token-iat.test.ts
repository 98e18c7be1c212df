import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-iat (R23)", [
	{
		name: "an ID token without time of issue",
		faults: { idToken: "iat-missing" },
		code: "token_invalid",
		reason: "iat",
		status: 502,
	},
	{
		name: "a time of issue that is text",
		faults: { idTokenClaims: { iat: "1700000000" } },
		code: "token_invalid",
		reason: "iat",
		status: 502,
	},
	{
		name: "a token issued in an hour",
		faults: { idToken: "iat-future" },
		code: "clock_skew",
		reason: "iat",
		status: 502,
	},
	{
		name: "a token issued ten years ago",
		faults: { idToken: "iat-ancient" },
		code: "clock_skew",
		reason: "iat",
		status: 502,
	},
]);
