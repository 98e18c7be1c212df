import { refusesLogin } from "./refused-login.ts";

refusesLogin("rp-userinfo-refused (R40)", [
	{
		name: "an access token that userinfo refuses",
		faults: { userinfo: "refused" },
		code: "userinfo_invalid",
		reason: "status_401",
		status: 502,
	},
	{
		name: "a signed answer that was not asked for",
		faults: { userinfo: "jwt" },
		code: "userinfo_invalid",
		reason: "format",
		status: 502,
	},
]);
