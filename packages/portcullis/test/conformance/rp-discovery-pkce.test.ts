import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-discovery-pkce (R2)", [
	{
		name: "a provider that knows only plain challenges",
		faults: { discovery: "plain-only" },
		code: "provider_misconfigured",
		reason: "code_challenge_methods_supported",
		status: 502,
	},
	{
		name: "a provider without the code flow",
		faults: { discovery: "no-code" },
		code: "provider_misconfigured",
		reason: "response_types_supported",
		status: 502,
	},
]);

acceptsLogin("rp-discovery-pkce (R2)", [
	{
		name: "a provider that does not say what challenges it knows",
		faults: { discovery: "no-s256" },
	},
	{ name: "a provider that does not look at the challenge", faults: { pkceEnforced: false } },
]);
