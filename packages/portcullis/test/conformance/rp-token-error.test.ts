import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-token-error (R40)", [
	{
		name: "a client that the provider refuses",
		faults: { token: "invalid-client" },
		code: "provider_misconfigured",
		reason: "invalid_client",
		status: 502,
	},
	{
		name: "a code that has ended",
		faults: { token: "invalid-grant" },
		code: "provider_error",
		reason: "invalid_grant",
		status: 502,
	},
	{
		name: "an error code of its own",
		faults: { token: "invalid-code" },
		code: "provider_error",
		reason: "invalid_code",
		status: 502,
	},
	{
		name: "a provider that wants to be asked later",
		faults: { token: "temporarily-unavailable" },
		code: "provider_error",
		reason: "temporarily_unavailable",
		status: 502,
	},
	{
		name: "an error with status 200",
		faults: { tokenResponse: { error: "server_error" } },
		code: "provider_error",
		reason: "server_error",
		status: 502,
	},
]);
