import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-jwks (R28)", [
	{
		name: "a key set without keys",
		faults: { jwks: "empty" },
		code: "provider_misconfigured",
		reason: "jwks",
		status: 502,
	},
	{
		name: "keys that are for encryption",
		faults: { jwks: "use-enc" },
		code: "provider_misconfigured",
		reason: "jwks",
		status: 502,
	},
	{
		name: "10,000 keys",
		faults: { jwks: "many-keys" },
		code: "provider_misconfigured",
		reason: "too_large",
		status: 502,
	},
]);
