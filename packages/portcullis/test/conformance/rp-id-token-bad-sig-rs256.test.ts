import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-bad-sig-rs256 (R21)", [
	{
		name: "the signature of a rogue key",
		faults: { idToken: "signature-rogue-key" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "RS256" },
	},
	{
		name: "claims that were changed after signing",
		faults: { idToken: "signature-tampered" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "RS256" },
	},
	{
		name: "a token without its signature",
		faults: { idToken: "signature-stripped" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "RS256" },
	},
]);

acceptsLogin("rp-id_token-bad-sig-rs256 (R21)", [
	{ name: "a correct signature", faults: {}, idp: { algorithm: "RS256" } },
]);
