import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-id_token-sub (R23)", [
	{
		name: "an ID token without subject",
		faults: { idToken: "sub-missing" },
		code: "token_invalid",
		reason: "sub",
		status: 502,
	},
	{
		name: "an empty subject",
		faults: { idToken: "sub-empty" },
		code: "token_invalid",
		reason: "sub",
		status: 502,
	},
	{
		name: "a subject that is a number",
		faults: { idToken: "sub-not-a-string" },
		code: "token_invalid",
		reason: "sub",
		status: 502,
	},
	{
		name: "a subject of 300 characters",
		faults: { idToken: "sub-too-long" },
		code: "token_invalid",
		reason: "sub",
		status: 502,
	},
]);
