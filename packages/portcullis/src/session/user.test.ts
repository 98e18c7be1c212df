import { expect, it } from "vitest";
import { mergeClaims } from "../protocol/claims.ts";
import { additionalClaims, createUser } from "./user.ts";

const tokens = {
	accessToken: async () => "secret-token",
	tokenExtra: async () => ({ instance_url: "https://i" }),
};

it("has tokens that no copy of it takes along", async () => {
	const user = createUser({ sub: "ada" }, "okta", [], tokens);
	expect(await user.accessToken()).toBe("secret-token");
	expect(JSON.stringify(user)).not.toContain("oken");
	expect({ ...user }).not.toHaveProperty("accessToken");
	expect(structuredClone(user)).toEqual({ ...user });
});

it("freezes a person through and through: one object serves many requests", () => {
	const user = createUser(
		{ sub: "ada", iss: "https://i", groups: ["a"], address: { city: "x" } },
		"okta",
		["openid"],
		tokens,
	);
	expect(() => (user.claims as unknown as { groups: string[] }).groups.push("admins")).toThrow(
		TypeError,
	);
	expect(() =>
		Object.assign((user.claims as unknown as { address: object }).address, { city: "y" }),
	).toThrow(TypeError);
	expect(() => Object.assign(user, { sub: "eve" })).toThrow(TypeError);
	expect(() => (user.grantedScopes as string[]).push("admin")).toThrow(TypeError);
});

it("names a person by what there is", () => {
	const name = (claims: object) => createUser({ sub: "s", ...claims }, "p", [], tokens).name;
	expect([
		name({}),
		name({ email: "e" }),
		name({ email: "e", preferred_username: "u" }),
		name({ name: "n", email: "e" }),
		name({ name: "" }),
		name({ name: 7 }),
	]).toEqual(["s", "e", "u", "n", "s", "s"]);
});

it("never lets a claim reach a prototype", () => {
	const claims = JSON.parse('{"sub":"s","__proto__":{"admin":true}}') as Record<string, unknown>;
	const merged = mergeClaims(
		claims,
		JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>,
	);
	expect(merged.admin).toBeUndefined();
	expect(({} as Record<string, unknown>).admin).toBeUndefined();
});

it("leaves out a claim that is nested beyond reason", () => {
	let deep: unknown = "x";
	for (let i = 0; i < 5000; i++) deep = { deep };
	const merged = mergeClaims({ sub: "s", deep, shallow: { a: [1] } });
	expect(merged).not.toHaveProperty("deep");
	expect(merged).toHaveProperty("shallow");
});

it("keeps of userinfo what the ID token does not say already", () => {
	expect(
		additionalClaims(
			{ sub: "s", name: "a", groups: ["x"] },
			{ sub: "other", name: "a", groups: ["y"], extra: 1, exp: 9 },
		),
	).toEqual({ groups: ["y"], extra: 1 });
});
