import { acceptsLogin } from "./refused-login.ts";

acceptsLogin("rp-id_token-kid-absent-single-jwks (R27)", [
	{ name: "a token without kid where there is one key", faults: { idToken: "kid-missing" } },
	{ name: "a key set without kid", faults: { idToken: "kid-missing", jwks: "no-kid" } },
]);
