import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-kid-absent-multiple-jwks (R27)", [
	{
		name: "a token without kid where there are two keys",
		faults: { idToken: "kid-missing", jwks: "second-key" },
		code: "token_invalid",
		reason: "kid",
		status: 502,
	},
]);

acceptsLogin("rp-id_token-kid-absent-multiple-jwks (R27)", [
	{ name: "a token with kid where there are two keys", faults: { jwks: "second-key" } },
]);
