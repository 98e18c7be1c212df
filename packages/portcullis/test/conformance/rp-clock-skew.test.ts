import { acceptsLogin, refusesLogin } from "./refused-login.ts";

const refused = { code: "clock_skew", status: 502 } as const;

acceptsLogin("rp-clock-skew (R23)", [
	{ name: "a provider whose clock is 59 s ahead", faults: { clockSkew: 59 } },
	{ name: "a provider whose clock is 59 s behind", faults: { clockSkew: -59 } },
	{
		name: "a short-lived token from 59 s behind",
		faults: { clockSkew: -59 },
		idp: { idTokenLifetime: 30 },
	},
]);

refusesLogin("rp-clock-skew (R23)", [
	{
		name: "a provider whose clock is 65 s ahead",
		faults: { clockSkew: 65 },
		...refused,
		reason: "iat",
	},
	{
		name: "a provider whose clock is 301 s ahead",
		faults: { clockSkew: 301 },
		...refused,
		reason: "iat",
	},
	{
		name: "a provider whose clock is 301 s behind",
		faults: { clockSkew: -301 },
		...refused,
		reason: "iat",
	},
	{
		name: "a provider whose clock is 301 s ahead, whatever is tolerated",
		faults: { clockSkew: 305 },
		auth: { platform: { clockTolerance: 300 } },
		...refused,
		reason: "iat",
	},
	{
		name: "a short-lived token from 301 s behind",
		faults: { clockSkew: -301 },
		idp: { idTokenLifetime: 60 },
		...refused,
		reason: "exp",
	},
]);
