import { describe, expect, it } from "vitest";
import { portcullis } from "../app/portcullis.ts";
import { ConfigError } from "../base/errors.ts";
import { Provider } from "../protocol/provider.ts";
import { Generic } from "../protocol/providers/generic.ts";
import { Okta } from "../protocol/providers/okta.ts";

const SECRET = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
const env = {
	OIDC_ISSUER_URI: "https://idp.example",
	OIDC_CLIENT_ID: "generic-client",
	OIDC_CLIENT_SECRET: "w8Yc3Ft6Jm1Pz9Vb4Xk7Rd2N",
	OKTA_ISSUER_URI: "https://okta.example",
	OKTA_CLIENT_ID: "okta-client",
	OKTA_CLIENT_SECRET: "Tz5Qm1Xc8Vb3Nk6Lw9Jh2Gf4",
};

class Acme extends Provider {
	readonly name: string = "acme";
}

function problems(options: object, variables: Record<string, string | undefined> = env): string[] {
	try {
		portcullis({ platform: { env: variables, log: () => {} }, ...options } as never).gate();
		return [];
	} catch (error) {
		if (error instanceof ConfigError)
			return error.problems.map(({ problem, remedy }) => `${problem} -> ${remedy}`);
		throw error;
	}
}

describe("providers", () => {
	it("may be classes, instances, imports and names, mixed, in order", async () => {
		const auth = portcullis({
			providers: [Okta, () => Promise.resolve(Acme), new Generic()],
			platform: {
				env: { ...env, ACME_ISSUER_URI: "https://acme.example", ACME_CLIENT_ID: "acme" },
				log: () => {},
			},
		});
		const gate = auth.gate();
		await gate.ready();
		const page = await (
			await gate.handle(new Request("http://localhost/login"), () => new Response())
		).text();
		expect([...page.matchAll(/href="\/login\/(\w+)["?]/g)].map(([, name]) => name)).toEqual([
			"okta",
			"acme",
			"generic",
		]);
	});

	it("are Generic where none is named", async () => {
		const gate = portcullis({ platform: { env, log: () => {} } }).gate();
		const page = await (
			await gate.handle(new Request("http://localhost/login"), () => new Response())
		).text();
		expect(page).toContain("/login/generic");
	});

	it.each([
		["the same class twice", { providers: [Okta, Okta] }, /named "okta"/],
		[
			"one issuer for two",
			{ providers: [Okta, new Generic({ issuer: "https://okta.example" })] },
			/share the issuer/,
		],
		[
			"one client id for two",
			{ providers: [Okta, new Generic({ clientId: "okta-client" })] },
			/share the client id/,
		],
		["none", { providers: [] }, /providers is empty/],
		["something else", { providers: [{}] }, /is not a provider/],
		["a name without a class", { providers: ["okta"] }, undefined],
	])("%s is a mistake (R6)", async (_, options, message) => {
		const found = problems(options);
		if (message) expect(found.join("\n")).toMatch(message);
		// A name is only looked at by ready().
		else expect(found).toEqual([]);
	});

	it.each([
		["okta", /"module#Class"/],
		["./okta.ts#Okta", /"module#Class"/],
		["no-such-package#Okta", /could not be imported/],
		["hono#NoSuchClass", /no export NoSuchClass/],
		[() => Promise.reject(new Error("boom")), /boom/],
		[() => Promise.resolve({}), /is not a provider/],
		[() => Promise.resolve(Acme), /ACME_ISSUER_URI/],
	])("ready() reports %s", async (ref, message) => {
		const gate = portcullis({
			secret: SECRET,
			providers: [ref as never],
			platform: { env: {}, log: () => {} },
		}).gate();
		await expect(gate.ready()).rejects.toThrow(message);
	});
});

describe("a wrong set-up", () => {
	it("fails at start with every mistake at once, each with its remedy", () => {
		let error: unknown;
		try {
			portcullis({
				providers: [Okta, Acme],
				timeuot: 5,
				auth: "yes",
				origin: "app.example",
				extraScopes: ["two scopes"],
				secret: "short",
				platform: { timeout: 0, clockTolerance: 301, env: {}, log: () => {}, nwo: 1 },
				http: {
					trustProxy: ["proxy"],
					routes: { login: "login", logout: "/auth", callback: "/auth/callback" },
				},
				ui: { views: { lgoin: 1 } },
			} as never).gate({
				pages: { admin: { auth: true }, "/login": { auth: false }, "/x": { auht: true } },
				assets: ["/*"],
			} as never);
		} catch (thrown) {
			error = thrown;
		}
		expect(error).toBeInstanceOf(ConfigError);
		const { problems: found, message } = error as ConfigError;
		for (const part of [
			"timeuot",
			"auth is neither",
			"app.example",
			"trustProxy",
			"timeout is not",
			"clockTolerance",
			"two scopes",
			"routes.login",
			"routes.callback",
			"nwo",
			"OKTA_ISSUER_URI",
			"ACME_ISSUER_URI",
			'"admin"',
			"auht",
			"lgoin",
			"would open the whole app",
		]) {
			expect(message).toContain(part);
		}
		for (const { problem, remedy } of found)
			expect([problem.length > 10, remedy.length > 10]).toEqual([true, true]);
	});

	it("names a missing cookie secret of a public client in production", () => {
		const production = {
			NODE_ENV: "production",
			OIDC_ISSUER_URI: "https://idp.example",
			OIDC_CLIENT_ID: "public",
		};
		expect(problems({}, production).join()).toMatch(/PORTCULLIS_SECRET/);
		expect(problems({ secret: SECRET }, production)).toEqual([]);
		expect(problems({}, { ...production, NODE_ENV: "development" })).toEqual([]);
	});

	it("warns in production when no origin is pinned", () => {
		const log: string[] = [];
		const start = (variables: Record<string, string>) =>
			portcullis({
				platform: {
					env: { ...env, NODE_ENV: "production", ...variables },
					log: ({ message }) => log.push(message),
				},
			}).gate();
		start({ PORTCULLIS_ORIGIN: "https://app.example" });
		expect(log).toEqual([]);
		start({});
		expect(log).toEqual([expect.stringContaining("PORTCULLIS_ORIGIN")]);
	});
});
