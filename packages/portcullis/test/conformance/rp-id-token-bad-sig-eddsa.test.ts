import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-bad-sig-eddsa (R21)", [
	{
		name: "the signature of a rogue key",
		faults: { idToken: "signature-rogue-key" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "EdDSA" },
	},
	{
		name: "claims that were changed after signing",
		faults: { idToken: "signature-tampered" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "EdDSA" },
	},
	{
		name: "a token without its signature",
		faults: { idToken: "signature-stripped" },
		code: "token_invalid",
		reason: "signature",
		status: 502,
		idp: { algorithm: "EdDSA" },
	},
]);

acceptsLogin("rp-id_token-bad-sig-eddsa (R21)", [
	{ name: "a correct signature", faults: {}, idp: { algorithm: "EdDSA" } },
]);
