import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { StandardSchemaV1 } from "../../src/base/standard-schema.ts";
import { inGroup, not, stepUp } from "../../src/checks.ts";
import { ConfigError, Generic, type LogEntry, portcullis } from "../../src/index.ts";
import { type DefinedProvider, defineProvider } from "../../src/provider.ts";
import { type DevIdp, startDevIdp } from "../../src/testing/dev-idp.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import {
	type GateFixtureOptions,
	type providerClass,
	SECRET,
	sessionCookies,
	startHref,
} from "../support/gate-fixture.ts";
import { refreshAnswer, startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { listenFetch } from "../support/web-server.ts";

// A provider in one object, and a schema for the claims: what does not fit lets nobody in.

/** What the schema of a test sees and says; may change while a gate runs. */
type Schema = StandardSchemaV1<unknown, object>;

const withGroups = z.object({ groups: z.array(z.string()) });
const SCHEMAS = [
	["zod", withGroups],
	["valibot", v.object({ groups: v.array(v.string()) })],
] as const;
const SCOPES = ["openid", "profile", "groups"];
const EDITORS = { userinfoClaims: { groups: ["editors"] } };
const NOBODY = { userinfoClaims: { groups: undefined } };

/** A gate whose provider has the schema that `use` named last, new for each replica. */
async function startWith(schema: Schema, options: GateFixtureOptions = {}) {
	let current = schema;
	const fixture = await startRenewing({
		app: (_, user) => Response.json({ claims: user?.claims, name: user?.name }),
		...options,
		providerClass: ((name: string) =>
			defineProvider({
				name,
				displayName: "Acme",
				claims: current,
			})) as unknown as typeof providerClass,
	});
	return {
		...fixture,
		use: (other: Schema) => {
			current = other;
		},
	};
}

const statusOf = async (browser: ScriptedBrowser, origin: string, path = "/private") =>
	(await browser.fetch(origin + path, { from: origin })).status;

const claimsOn = async (browser: ScriptedBrowser, origin: string) =>
	JSON.parse((await browser.navigate(`${origin}/private`)).body) as {
		claims: Record<string, unknown>;
		name: string;
	};

describe.each(SCHEMAS)("claims by a schema of %s", (_, schema) => {
	test("are what it makes of them, and what only the ID token may say", async () => {
		const { signIn, origin, bend } = await startWith(schema);
		const browser = new ScriptedBrowser();
		bend({ userinfoClaims: { groups: ["editors"], team: "core", name: "Ada" } });
		const page = await signIn(browser);
		const { claims, name } = JSON.parse(page.body);
		expect(claims).toMatchObject({ groups: ["editors"], sub: expect.any(String) });
		expect(claims.iss).toMatch(/^http/);
		expect(claims).not.toHaveProperty("team");
		expect(name).toBe("Ada");
		expect((await claimsOn(browser, origin)).claims.groups).toEqual(["editors"]);
	});

	test.each([
		["missing", undefined],
		["of another type", "admins, and a secret-value"],
	])("end a login where they are %s, and the log has the path and no value", async (__, groups) => {
		const { signIn, bend, log } = await startWith(schema);
		const browser = new ScriptedBrowser();
		bend({ userinfoClaims: { groups } });
		const page = await signIn(browser);
		expect(page.status).toBe(502);
		expect(page.body).toContain("did not send what this app needs");
		expect(sessionCookies(browser)).toEqual([]);
		expect(log).toMatchObject([{ code: "claims_invalid", reason: "groups", provider: "generic" }]);
		expect(log[0]?.message).toContain("at: groups.");
		expect(JSON.stringify(log) + page.body).not.toContain("secret-value");
	});

	test("end a renewal, and the session with it", async () => {
		const { signIn, renew, bend, later, log, origin } = await startWith(schema);
		const browser = new ScriptedBrowser();
		bend(EDITORS);
		await signIn(browser);
		expect(await statusOf(browser, origin)).toBe(200);
		later(3590);
		bend(NOBODY);
		expect((await renew(browser)).status).toBe(401);
		expect(sessionCookies(browser)).toEqual([]);
		expect(log).toMatchObject([{ code: "claims_invalid", reason: "groups" }]);
		expect(await statusOf(browser, origin)).toBe(401);
	});

	test("go on through a renewal that they fit", async () => {
		const { signIn, renew, bend, later, origin } = await startWith(schema);
		const browser = new ScriptedBrowser();
		bend(EDITORS);
		await signIn(browser);
		later(3590);
		bend({ userinfoClaims: { groups: ["staff"] } });
		expect(refreshAnswer(await renew(browser))).toMatchObject({ renewed: true });
		expect((await claimsOn(browser, origin)).claims.groups).toEqual(["staff"]);
	});

	test("that userinfo has otherwise since then count as soon as they are known", async () => {
		const { signIn, bend, later, origin, log } = await startWith(schema);
		const browser = new ScriptedBrowser();
		bend(EDITORS);
		await signIn(browser);
		expect(await statusOf(browser, origin)).toBe(200);
		later(1801);
		bend(NOBODY);
		await vi.waitFor(async () => expect(await statusOf(browser, origin)).toBe(401));
		expect(await statusOf(browser, origin)).toBe(401);
		expect(log.every(({ code }) => code === "claims_invalid")).toBe(true);
		expect(log.length).toBeGreaterThan(0);
	});
});

test("a session from before the schema changed counts as none, until the next login", async () => {
	const { signIn, bend, origin, openReplica, use } = await startWith(withGroups);
	const browser = new ScriptedBrowser();
	bend(EDITORS);
	await signIn(browser);
	use(z.object({ groups: z.array(z.string()), team: z.string() }));
	const replica = await openReplica();
	expect(await statusOf(browser, replica.origin)).toBe(401);
	expect(replica.log).toMatchObject([{ code: "claims_invalid", reason: "team" }]);
	// Nothing has ended: for the gate that knows the former schema, it is the session that it was.
	expect(await statusOf(browser, origin)).toBe(200);
	bend({ userinfoClaims: { groups: ["editors"], team: "core" } });
	const page = await browser.navigate(`${replica.origin}/private`);
	const { claims } = JSON.parse((await browser.click(startHref(page, "generic"))).body);
	expect(claims).toMatchObject({ groups: ["editors"], team: "core" });
});

test("claims that do not fit into the cookies are looked at once they are there", async () => {
	const groups = Array.from({ length: 900 }, (_, i) => `group-${i}-${"x".repeat(30)}`);
	const many = z.object({ groups: z.array(z.string()).min(900) });
	const { signIn, bend, openReplica, idp } = await startWith(many);
	const browser = new ScriptedBrowser();
	bend({ userinfoClaims: { groups } });
	await signIn(browser);
	const replica = await openReplica();
	expect(await statusOf(browser, replica.origin)).toBe(200);
	const another = await openReplica();
	idp.faults = { transport: { userinfo: 500 } };
	expect(await statusOf(browser, another.origin)).toBe(401);
});

describe("a schema", () => {
	test("cannot make another person, issuer or time of sign-in, nor claim that groups are all there", async () => {
		const lying: Schema = z.looseObject({}).transform(() => ({
			...{ sub: "admin", iss: "https://evil.example", auth_time: 4_102_444_800, acr: "gold" },
			...{ groups: [] as string[], hasgroups: undefined, _claim_names: undefined },
		}));
		const { signIn, origin, bend } = await startWith(lying, {
			gate: {
				pages: {
					"/strong": { auth: stepUp({ acr: "gold" }) },
					"/not-banned": { auth: not(inGroup("banned")) },
				},
			},
		});
		const browser = new ScriptedBrowser();
		bend({ userinfoClaims: { hasgroups: true } });
		const { claims } = JSON.parse((await signIn(browser)).body);
		expect(claims.sub).not.toBe("admin");
		expect(claims.iss).not.toContain("evil");
		expect(claims).not.toMatchObject({ auth_time: 4_102_444_800 });
		expect(claims).not.toHaveProperty("acr");
		expect(await statusOf(browser, origin, "/strong")).toBe(401);
		expect(await statusOf(browser, origin, "/not-banned")).toBe(403);
	});

	test.each([
		["throws a value", () => JSON.parse("{secret-value")],
		["rejects", () => Promise.reject(new Error("secret-value"))],
		["gives no object", () => ({ value: "secret-value" })],
		["gives a list", () => ({ value: ["secret-value"] })],
	])("that %s lets nobody in, and says nothing of it", async (_, validate) => {
		const odd = { "~standard": { version: 1, vendor: "test", validate } } as unknown as Schema;
		const { signIn, log } = await startWith(odd);
		const browser = new ScriptedBrowser();
		const page = await signIn(browser);
		expect([page.status, sessionCookies(browser)]).toEqual([502, []]);
		expect(log).toMatchObject([{ code: "claims_invalid", reason: "schema" }]);
		expect(String(log[0]?.message) + String(log[0]?.cause)).not.toContain("secret-value");
	});

	test("that changes what it is given changes no session", async () => {
		const greedy = {
			"~standard": {
				version: 1,
				vendor: "test",
				validate(value: Record<string, unknown>) {
					const groups = value.groups as string[];
					groups.push("admins");
					return { value: { groups: [...groups] } };
				},
			},
		} as unknown as Schema;
		const { signIn, bend, origin, openReplica } = await startWith(greedy);
		const browser = new ScriptedBrowser();
		bend(EDITORS);
		await signIn(browser);
		for (const at of [origin, (await openReplica()).origin])
			expect((await claimsOn(browser, at)).claims.groups).toEqual(["editors", "admins"]);
	});

	test("holds for access tokens of programs as well", async () => {
		const fixture = await startWith(z.object({ team: z.string() }), {
			auth: { http: { bearer: { audience: AUDIENCE } } },
		});
		const call = (claims: Record<string, unknown>) =>
			callWith(accessToken(fixture, { claims }), `${fixture.origin}/private`);
		const [fits, lacks] = [await call({ team: "core" }), await call({})];
		expect([fits.status, lacks.status]).toEqual([200, 401]);
	});
});

describe("defineProvider", () => {
	const env = (name: string) => ({
		[`${name}_ISSUER_URI`]: "https://id.example.com",
		[`${name}_CLIENT_ID`]: "app",
		[`${name}_CLIENT_SECRET`]: "h7Kq2Vx9Tz4Lm6h7Kq2Vx9Tz4Lm6h7Kq2Vx9",
	});
	const open = (Class: DefinedProvider, variables: Record<string, string>) =>
		portcullis({
			secret: SECRET,
			providers: [Class],
			platform: { env: variables, log: () => {} },
		}).gate();

	test("takes what is not given from the variables of its name", async () => {
		const Acme = defineProvider({ name: "acme" });
		await expect(open(Acme, env("ACME")).ready()).resolves.toBeUndefined();
		expect(() => open(Acme, {})).toThrow(/ACME_ISSUER_URI or OIDC_ISSUER_URI/);
	});

	test("takes settings, and those of an instance before its own", () => {
		const Acme = defineProvider({
			name: "acme",
			issuer: "https://id.acme.example",
			clientId: "app",
			scopes: ["openid", "teams"],
		});
		const provider = new Acme({ clientId: "other" });
		expect(
			provider.connect({
				env: {},
				fetch,
				extraScopes: [],
				timeout: 5,
				clockTolerance: 60,
				now: Date.now,
			}),
		).toEqual([]);
		expect([provider.issuer, provider.clientId, provider.requestedScopes()]).toEqual([
			"https://id.acme.example",
			"other",
			["openid", "teams"],
		]);
	});

	test.each([
		["a name that cannot be a variable", { name: "My IdP" }, /provider name "My IdP"/],
		["an unknown setting", { name: "acme", scope: "openid" }, /no setting "scope"/],
		[
			"claims that are no schema",
			{ name: "acme", claims: { groups: "string" } },
			/Standard Schema/,
		],
		["claims that are null", { name: "acme", claims: null }, /Standard Schema/],
	])("reports %s at start", (_, definition, problem) => {
		const Class = defineProvider(definition as { name: string });
		const start = () => open(Class, env("OIDC"));
		expect(start).toThrow(ConfigError);
		expect(start).toThrow(problem);
	});

	test("takes nothing but an object", () => {
		expect(() => defineProvider("acme" as never)).toThrow(TypeError);
		expect(() => defineProvider(null as never)).toThrow(TypeError);
	});
});

test("Generic takes a schema as well", () => {
	const provider = new Generic({ claims: withGroups });
	expect(provider.parseClaims({ sub: "ada", groups: ["a"], more: 1 })).toEqual({ groups: ["a"] });
	expect(() => provider.parseClaims({ sub: "ada" })).toThrow(
		expect.objectContaining({ code: "claims_invalid", reason: "groups" }),
	);
});

describe("against the development identity provider", () => {
	let idp: DevIdp;
	beforeAll(async () => {
		idp = await startDevIdp({ host: "127.0.0.1" });
	});
	afterAll(() => idp.close());

	async function signInAs(person: string, schema: Schema) {
		const log: LogEntry[] = [];
		const Acme = defineProvider({ name: "acme", scopes: SCOPES, claims: schema });
		const auth = portcullis({
			secret: SECRET,
			providers: [Acme],
			platform: { env: idp.env, log: (entry) => log.push(entry) },
		});
		const gate = auth.gate();
		const { origin } = await listenFetch((request) =>
			gate.handle(request, (_, user) => Response.json(user?.claims)),
		);
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/login?redirect_to=/home`);
		const people = await browser.click("/login/acme?redirect_to=/home");
		const action = /<form method="post" action="([^"]+)"/.exec(people.body)?.[1] ?? "";
		const url = new URL(action, people.url).href;
		return { page: await browser.navigate(url, { from: people.url, form: { person } }), log };
	}

	test.each(SCHEMAS)("by a schema of %s", async (_, schema) => {
		const ada = await signInAs("ada", schema);
		expect(JSON.parse(ada.page.body)).toMatchObject({ sub: "ada", groups: ["admins", "staff"] });
		expect(ada.log).toEqual([]);
		const nora = await signInAs("nora", schema);
		expect(nora.page.status).toBe(502);
		expect(nora.log).toMatchObject([
			{ code: "claims_invalid", reason: "groups", provider: "acme" },
		]);
	});
});
