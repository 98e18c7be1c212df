import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-userinfo-bad-sub-claim (R29)", [
	{
		name: "userinfo of somebody else",
		faults: { userinfo: "sub-other" },
		code: "userinfo_invalid",
		reason: "sub",
		status: 502,
	},
	{
		name: "userinfo without subject",
		faults: { userinfo: "sub-missing" },
		code: "userinfo_invalid",
		reason: "sub",
		status: 502,
	},
	{
		name: "an ID token of somebody else",
		faults: { idToken: "sub-wrong" },
		code: "userinfo_invalid",
		reason: "sub",
		status: 502,
	},
]);
