import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-token-response (R32)", [
	{
		name: "a token type that is unknown",
		faults: { token: "token-type-unknown" },
		code: "token_invalid",
		reason: "token_type",
		status: 502,
	},
	{
		name: "no token type",
		faults: { token: "token-type-missing" },
		code: "token_invalid",
		reason: "token_type",
		status: 502,
	},
	{
		name: "an expiry in the past",
		faults: { token: "expires-in-negative" },
		code: "token_invalid",
		reason: "expires_in",
		status: 502,
	},
	{
		name: "no access token",
		faults: { token: "access-token-missing" },
		code: "token_invalid",
		reason: "access_token",
		status: 502,
	},
	{
		name: "an access token that is a number",
		faults: { token: "access-token-not-a-string" },
		code: "token_invalid",
		reason: "access_token",
		status: 502,
	},
	{
		name: "an access token with a line break",
		faults: { tokenResponse: { access_token: "a\r\nSet-Cookie: b" } },
		code: "token_invalid",
		reason: "access_token",
		status: 502,
	},
	{
		name: "a refresh token that is an object",
		faults: { tokenResponse: { refresh_token: {} } },
		code: "token_invalid",
		reason: "refresh_token",
		status: 502,
	},
	{
		name: "scopes that are a list",
		faults: { tokenResponse: { scope: ["openid"] } },
		code: "token_invalid",
		reason: "scope",
		status: 502,
	},
]);

acceptsLogin("rp-token-response (R32)", [
	{ name: "bearer", faults: { token: "token-type-lowercase" } },
	{ name: "BEARER", faults: { token: "token-type-uppercase" } },
	{ name: "no expires_in", faults: { token: "expires-in-missing" } },
	{ name: "expires_in as text", faults: { token: "expires-in-string" } },
	{ name: "no scope", faults: { token: "scope-missing" } },
	{ name: "fewer scopes than asked", faults: { token: "scope-narrowed" } },
]);
