import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-discovery-endpoints (R15, R16)", [
	{
		name: "a token endpoint over plain http",
		faults: { discovery: "endpoint-http" },
		code: "provider_misconfigured",
		reason: "insecure_url",
		status: 502,
	},
	{
		name: "a token endpoint at a link-local address",
		faults: { discovery: "endpoint-internal" },
		code: "provider_misconfigured",
		reason: "private_address",
		status: 502,
	},
	{
		name: "a key set at a link-local address",
		faults: { discovery: "jwks-uri-internal" },
		code: "provider_misconfigured",
		reason: "private_address",
		status: 502,
	},
	{
		name: "an authorization endpoint that is script",
		faults: { metadata: { authorization_endpoint: "javascript:alert(1)" } },
		code: "provider_misconfigured",
		reason: "insecure_url",
		status: 502,
	},
	{
		name: "no authorization endpoint",
		faults: { discovery: "no-authorization-endpoint" },
		code: "provider_misconfigured",
		reason: "authorization_endpoint",
		status: 502,
	},
	{
		name: "no token endpoint",
		faults: { discovery: "no-token-endpoint" },
		code: "provider_misconfigured",
		reason: "token_endpoint",
		status: 502,
	},
	{
		name: "no key set",
		faults: { discovery: "no-jwks-uri" },
		code: "provider_misconfigured",
		reason: "jwks_uri",
		status: 502,
	},
]);

acceptsLogin("rp-discovery-endpoints (R15, R16)", [
	{ name: "a provider without userinfo", faults: { discovery: "no-userinfo" } },
	{ name: "a provider without end session", faults: { discovery: "no-end-session" } },
	{ name: "a provider without revocation", faults: { discovery: "no-revocation" } },
]);
