import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-discovery-issuer-not-matching-config (R14)", [
	{
		name: "metadata of another issuer",
		faults: { discovery: "issuer-other" },
		code: "issuer_mismatch",
		reason: "discovery",
		status: 400,
	},
	{
		name: "an issuer with a slash more",
		faults: { discovery: "issuer-trailing-slash" },
		code: "issuer_mismatch",
		reason: "discovery",
		status: 400,
	},
	{
		name: "an issuer in capitals",
		faults: { metadata: { issuer: "HTTP://LOCALHOST" } },
		code: "issuer_mismatch",
		reason: "discovery",
		status: 400,
	},
	{
		name: "metadata without issuer",
		faults: { discovery: "issuer-missing" },
		code: "issuer_mismatch",
		reason: "discovery",
		status: 400,
	},
]);
