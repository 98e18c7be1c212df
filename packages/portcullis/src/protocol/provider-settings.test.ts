import { describe, expect, it } from "vitest";
import { type ProviderSettings, resolveSettings } from "./provider-settings.ts";

const good = { OKTA_ISSUER_URI: "https://id.example.com", OKTA_CLIENT_ID: "app" };
const resolve = (
	env: Record<string, string | undefined>,
	settings: ProviderSettings = {},
	name = "okta",
) => resolveSettings(settings, { name, env, prefixes: ["OKTA_", "OIDC_"] });
const problems = (...args: Parameters<typeof resolve>) => {
	const resolved = resolve(...args);
	if (!Array.isArray(resolved)) throw new Error("was accepted");
	return resolved;
};

describe("precedence", () => {
	it("takes code, then the provider's variable, then OIDC", () => {
		const env = {
			OIDC_ISSUER_URI: "https://c.example",
			OKTA_ISSUER_URI: "https://b.example",
			OIDC_CLIENT_ID: "c",
			OIDC_AUDIENCE: "api",
		};
		expect(resolve(env, { issuer: "https://a.example" })).toMatchObject({
			issuer: "https://a.example",
			clientId: "c",
			audience: "api",
		});
		expect(resolve(env)).toMatchObject({ issuer: "https://b.example" });
		expect(resolve({ ...env, OKTA_ISSUER_URI: " " })).toMatchObject({
			issuer: "https://c.example",
		});
		expect(resolve(env, { issuer: "" })).toMatchObject({ issuer: "https://b.example" });
	});

	it("trims, the secret too", () => {
		expect(resolve({ ...good, OKTA_CLIENT_SECRET: "s3cret\n" })).toMatchObject({
			clientSecret: "s3cret",
		});
	});

	it("keeps the trailing slash of an issuer", () => {
		expect(resolve({ ...good, OKTA_ISSUER_URI: "https://id.example.com/" })).toMatchObject({
			issuer: "https://id.example.com/",
		});
	});

	it("does not send another client's secret", () => {
		expect(
			resolve({ ...good, OIDC_CLIENT_ID: "other", OIDC_CLIENT_SECRET: "theirs" }),
		).toMatchObject({
			clientSecret: undefined,
		});
		expect(resolve({ ...good, OIDC_CLIENT_ID: "app", OIDC_CLIENT_SECRET: "ours" })).toMatchObject({
			clientSecret: "ours",
		});
		expect(resolve({ ...good, OIDC_CLIENT_SECRET: "ours" })).toMatchObject({
			clientSecret: "ours",
		});
		expect(
			resolve({
				OIDC_ISSUER_URI: "https://c.example",
				OIDC_CLIENT_ID: "c",
				OIDC_CLIENT_SECRET: "s",
			}),
		).toMatchObject({ clientSecret: "s" });
	});
});

describe("problems", () => {
	it("names every one at once, each with a variable to set", () => {
		const found = problems({}, { nonsense: 1, audience: 7 } as never, "Bad-Name");
		expect(found).toHaveLength(5);
		expect(found.map(({ remedy }) => remedy).join()).toMatch(
			/OKTA_ISSUER_URI or OIDC_ISSUER_URI.*OKTA_CLIENT_ID or OIDC_CLIENT_ID/,
		);
		expect(found.every(({ problem, remedy }) => problem !== "" && remedy !== "")).toBe(true);
	});

	it.each([
		"id.example.com",
		"not a url",
		"https://id.example\n.com",
		"http://id.example.com",
		"ftp://id.example.com",
		"http://10.0.0.1",
		"https://id.example.com?x=1",
		"https://id.example.com/?",
		"https://id.example.com/#",
		"https://user:pass@id.example.com",
		"https://id.example.com/.well-known/openid-configuration",
	])("refuses the issuer %j", (issuer) => {
		const [problem] = problems({ ...good, OKTA_ISSUER_URI: issuer });
		expect(problem?.problem).toContain("OKTA_ISSUER_URI");
		expect(problem?.problem).not.toContain("pass@");
	});

	it.each(["http://localhost:8080/realms/x", "http://127.0.0.1:8080", "http://[::1]:8080"])(
		"accepts the issuer %s",
		(issuer) => {
			expect(resolve({ ...good, OKTA_ISSUER_URI: issuer })).toMatchObject({ issuer });
		},
	);

	it.each(["", "Okta", "1st", "a-b", "a b", "a/b", "é", "x".repeat(33), null])(
		"refuses the name %j",
		(name) => {
			expect(problems(good, {}, name as string)).toHaveLength(1);
		},
	);

	it.each([["openid groups"], [["openid groups"]], [[7]], [['a"b']]])(
		"refuses the scopes %j",
		(scopes) => {
			expect(problems(good, { scopes: scopes as never })).toHaveLength(1);
		},
	);
});
