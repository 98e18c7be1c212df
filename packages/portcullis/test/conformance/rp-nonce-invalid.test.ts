import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-nonce-invalid (R24)", [
	{
		name: "the nonce of another attempt",
		faults: { idToken: "nonce-wrong" },
		code: "token_invalid",
		reason: "nonce",
		status: 502,
	},
	{
		name: "an empty nonce",
		faults: { idTokenClaims: { nonce: "" } },
		code: "token_invalid",
		reason: "nonce",
		status: 502,
	},
	{
		name: "a nonce that is a list",
		faults: { idTokenClaims: { nonce: [] } },
		code: "token_invalid",
		reason: "nonce",
		status: 502,
	},
]);
