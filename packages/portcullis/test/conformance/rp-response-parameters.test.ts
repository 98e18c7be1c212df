import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-response-parameters (R20)", [
	{
		name: "two codes",
		faults: { authorization: "code-twice" },
		code: "callback_invalid",
		reason: "duplicate",
		status: 400,
	},
	{
		name: "a code of 5,000 characters",
		faults: { authorization: "code-huge" },
		code: "callback_invalid",
		reason: "oversize",
		status: 400,
	},
	{
		name: "neither code nor error",
		faults: { authorization: "code-missing" },
		code: "callback_invalid",
		reason: "code",
		status: 400,
	},
	{
		name: "a code that was never issued",
		faults: { authorization: "code-unknown" },
		code: "provider_error",
		reason: "invalid_grant",
		status: 502,
	},
	{
		name: "an error beside the code",
		faults: { authorization: "error-and-code" },
		code: "access_denied",
		reason: "access_denied",
		status: 403,
	},
	{
		name: "an error of 5,000 characters",
		faults: { authorization: "error-huge" },
		code: "callback_invalid",
		reason: "oversize",
		status: 400,
	},
]);
