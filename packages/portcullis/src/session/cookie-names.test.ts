import { expect, it } from "vitest";
import { authCookieNames, cookieNames } from "./cookie-names.ts";

const ACCOUNTS = [
	["okta", "https://id.example", "app"],
	["okta", "https://id.example", "other-app"],
	["okta", "https://other.example", "app"],
	["azure", "https://id.example", "app"],
	// Of these two, nobody may take one for the other.
	["okta", "https://id.example/a", "b"],
	["okta", "https://id.example", "a b"],
] as const;

it("gives each provider, issuer and client cookies of its own, and binds what is in them", async () => {
	const sets = await Promise.all(
		ACCOUNTS.map(([name, issuer, clientId]) => cookieNames(name, issuer, clientId)),
	);
	const all = sets.flatMap(({ ordinary, embedded }) => [ordinary, embedded]);
	for (const pick of ["access", "identity", "refresh", "scopes", "transactionPrefix"] as const)
		expect(new Set(all.map((names) => names[pick])).size).toBe(all.length);
	expect(new Set(sets.map(({ ordinary }) => ordinary.binding)).size).toBe(ACCOUNTS.length);
	expect(new Set(sets.map(({ ordinary }) => ordinary.revocation)).size).toBe(ACCOUNTS.length);
});

it("keeps sessions strictly to the site, and those in frames apart", async () => {
	const { ordinary, embedded } = await cookieNames("okta", "https://id.example", "app");
	expect([ordinary.sameSite, embedded.sameSite]).toEqual(["Strict", "None"]);
	for (const name of [...authCookieNames(ordinary), ...authCookieNames(embedded)])
		expect(name).toMatch(/^__Host-/);
	// What the provider ends is ended in frames as well.
	expect(embedded.revocation).toBe(ordinary.revocation);
});
