import { acceptsLogin, refusesLogin } from "./refused-login.ts";

refusesLogin("rp-response-iss (R5)", [
	{
		name: "an answer without iss, of a provider that promised one",
		faults: { authorization: "iss-missing" },
		code: "issuer_mismatch",
		reason: "iss",
		status: 400,
	},
	{
		name: "the iss of another provider",
		faults: { authorization: "iss-wrong" },
		code: "issuer_mismatch",
		reason: "iss",
		status: 400,
	},
	{
		name: "the iss of another provider, where none was promised",
		faults: {
			authorization: "iss-wrong",
			metadata: { authorization_response_iss_parameter_supported: false },
		},
		code: "issuer_mismatch",
		reason: "iss",
		status: 400,
	},
	{
		name: "the iss of another provider before its error is believed",
		faults: { authorization: ["access-denied", "iss-wrong"] },
		code: "issuer_mismatch",
		reason: "iss",
		status: 400,
	},
]);

acceptsLogin("rp-response-iss (R5)", [
	{ name: "no iss where none was promised", faults: { issParameter: false } },
]);
