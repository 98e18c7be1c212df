import { acceptsLogin, refusesLogin } from "./refused-login.ts";

const refused = { code: "token_invalid", reason: "aud", status: 502 } as const;

refusesLogin("rp-id_token-aud (R22)", [
	{ name: "another audience", faults: { idToken: "aud-wrong" }, ...refused },
	{ name: "no audience", faults: { idToken: "aud-missing" }, ...refused },
	{ name: "a second audience", faults: { idToken: "aud-extra" }, ...refused },
	{ name: "a second audience, with azp", faults: { idToken: "aud-extra-azp" }, ...refused },
	{ name: "an empty list of audiences", faults: { idTokenClaims: { aud: [] } }, ...refused },
	{ name: "an audience that is a number", faults: { idTokenClaims: { aud: 1 } }, ...refused },
	{
		name: "an authorized party that is another client",
		faults: { idToken: "azp-wrong" },
		code: "token_invalid",
		reason: "azp",
		status: 502,
	},
]);

acceptsLogin("rp-id_token-aud (R22)", [
	{ name: "a list of the one audience", faults: { idToken: "aud-array" } },
]);
