import { describe, expect, it } from "vitest";
import { inGroup, not } from "../../src/checks.ts";
import { Azure, portcullis } from "../../src/index.ts";
import type { AzureSettings } from "../../src/provider.ts";
import { AUDIENCE, callWith } from "../support/access-token.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, type ShapedGate, startShape } from "./shape.ts";

const TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const PARTNER = "11111111-2222-3333-4444-555555555555";
const STRANGER = "99999999-8888-7777-6666-555555555555";
const LOGIN = "https://login.microsoftonline.com";

/**
 * Endpoints by tenant; no PKCE methods in the metadata; `session_state` uninvited; `offline_access`
 * not among the granted scopes.
 */
function shapeOf(tenant: string, changes: Partial<ProviderShape> = {}): ProviderShape {
	return {
		provider: () => Azure,
		prefix: "AZURE",
		env: { AZURE_ISSUER_URI: `${LOGIN}/${tenant}/v2.0` },
		issuer: `${LOGIN}/${tenant}/v2.0`,
		endpoints: {
			authorization_endpoint: `${LOGIN}/${tenant}/oauth2/v2.0/authorize`,
			token_endpoint: `${LOGIN}/${tenant}/oauth2/v2.0/token`,
			jwks_uri: `${LOGIN}/${tenant}/discovery/v2.0/keys`,
			userinfo_endpoint: "https://graph.microsoft.com/oidc/userinfo",
			end_session_endpoint: `${LOGIN}/${tenant}/oauth2/v2.0/logout`,
			revocation_endpoint: undefined,
		},
		metadata: { code_challenge_methods_supported: undefined },
		scopes: ["openid", "profile", "email", "offline_access"],
		sendsIssuer: false,
		callback: { session_state: "004c1f7d-2b6e-4bb5-8a3f-1d5e9a0b7c11" },
		person: {
			sub: "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
			name: "Ada Lovelace",
			email: "ada@acme.com",
		},
		claims: {
			tid: TENANT,
			oid: "0000-oid",
			ver: "2.0",
			preferred_username: "ada@acme.com",
			groups: ["g1", "g2"],
		},
		tokenResponse: { scope: "email openid profile", ext_expires_in: 3599 },
		...changes,
	};
}

/**
 * An endpoint for several tenants: its metadata name a template, its tokens the tenant of the
 * person.
 */
function shapeOfSeveral(tenants: string, tenant = TENANT): ProviderShape {
	const shape = shapeOf("organizations");
	return {
		...shape,
		env: { AZURE_ISSUER_URI: `${LOGIN}/organizations`, AZURE_TENANTS: tenants },
		metadata: { ...shape.metadata, issuer: `${LOGIN}/{tenantid}/v2.0` },
		claims: { ...shape.claims, tid: tenant, iss: `${LOGIN}/${tenant}/v2.0` },
	};
}

const expected: Expectations = {
	label: "Microsoft",
	authorization: { scope: "openid email profile offline_access", audience: undefined },
	claims: { name: "Ada Lovelace", tid: TENANT, oid: "0000-oid", groups: ["g1", "g2"] },
	grantedScopes: ["email", "openid", "profile"],
	logout: {
		url: `${LOGIN}/${TENANT}/oauth2/v2.0/logout`,
		parameters: { post_logout_redirect_uri: "APP/logout" },
	},
};
const several: Expectations = {
	...expected,
	logout: {
		url: `${LOGIN}/organizations/oauth2/v2.0/logout`,
		parameters: { post_logout_redirect_uri: "APP/logout" },
	},
};
const tokenOf = (tenant: unknown, iss = `${LOGIN}/${String(tenant)}/v2.0`) => ({
	idTokenClaims: { tid: tenant, iss },
});
const refused = (reason: string, faults: ReturnType<typeof tokenOf>, code = "token_invalid") => ({
	faults,
	code,
	reason,
});

describeProvider("Entra ID, one tenant", shapeOf(TENANT), {
	...expected,
	foreign: {
		"a token of another tenant": refused("iss", tokenOf(PARTNER)),
		"a token of version 1": refused("iss", tokenOf(TENANT, `https://sts.windows.net/${TENANT}/`)),
		"a token that names the template": refused("iss", tokenOf(TENANT, `${LOGIN}/{tenantid}/v2.0`)),
	},
});

describeProvider(
	"Entra ID, a list of tenants",
	shapeOfSeveral(`${TENANT}, ${PARTNER.toUpperCase()}`),
	{
		...several,
		foreign: {
			"a tenant that is not on the list": refused("tid", tokenOf(STRANGER), "access_denied"),
			"a tenant in tid and another in iss": refused(
				"iss",
				tokenOf(TENANT, `${LOGIN}/${STRANGER}/v2.0`),
			),
			"an issuer on the list and a tid that is not": refused(
				"iss",
				tokenOf(STRANGER, `${LOGIN}/${TENANT}/v2.0`),
			),
			"a host of somebody else": refused(
				"iss",
				tokenOf(TENANT, `https://login.evil.example/${TENANT}/v2.0`),
			),
			"no tid": refused("iss", tokenOf(undefined, `${LOGIN}/${TENANT}/v2.0`)),
			"several tids": refused("iss", tokenOf([TENANT], `${LOGIN}/${TENANT}/v2.0`)),
		},
	},
);

describeProvider("Entra ID, any tenant", shapeOfSeveral("any", STRANGER), {
	...several,
	claims: { ...expected.claims, tid: STRANGER },
	foreign: {
		"a tenant in tid and another in iss": refused(
			"iss",
			tokenOf(TENANT, `${LOGIN}/${PARTNER}/v2.0`),
		),
		"a tid that is no tenant id": refused("tid", tokenOf("common"), "access_denied"),
		"a tid that reaches into another path": refused("iss", tokenOf(`${TENANT}/evil`)),
	},
});

describe("access tokens that are presented to the app", () => {
	const auth = { http: { bearer: { audience: AUDIENCE } } };
	const call = (fixture: ShapedGate, tenant: string) => {
		const now = Math.floor(Date.now() / 1000);
		const claims = {
			...{
				iss: `${LOGIN}/${tenant}/v2.0`,
				tid: tenant,
				aud: AUDIENCE,
				sub: "daemon",
				client_id: "daemon",
			},
			...{ iat: now, exp: now + 300, jti: crypto.randomUUID() },
		};
		return callWith(fixture.idp.sign(claims, { typ: "at+jwt" }), `${fixture.origin}/api`);
	};

	it("are held to the list of tenants", async () => {
		const fixture = await startShape(shapeOfSeveral(`${TENANT},${PARTNER}`), { auth });
		expect((await call(fixture, PARTNER)).status).toBe(200);
		expect((await call(fixture, STRANGER)).status).toBe(401);
		expect(fixture.log.at(-1)).toMatchObject({ code: "token_invalid", reason: "tid" });
	});

	it("are of any tenant where any is let in, and of one where there is one", async () => {
		expect((await call(await startShape(shapeOfSeveral("any"), { auth }), STRANGER)).status).toBe(
			200,
		);
		const one = await startShape(shapeOf(TENANT), { auth });
		expect([(await call(one, TENANT)).status, (await call(one, STRANGER)).status]).toEqual([
			200, 401,
		]);
	});
});

it("userinfo that names another tenant is about somebody else", async () => {
	const fixture = await startShape(shapeOfSeveral("any"));
	fixture.bend({ userinfoClaims: { tid: PARTNER } });
	await fixture.signIn(fixture.browser());
	expect(fixture.log.at(-1)).toMatchObject({ code: "userinfo_invalid" });
	expect(fixture.user()).toBeUndefined();
});

describe("the issuer", () => {
	it.each([
		`${LOGIN}/${TENANT}`,
		`${LOGIN}/${TENANT}/`,
		`${LOGIN}/${TENANT}/v2.0`,
		`${LOGIN}/${TENANT}/v2.0/`,
	])("may be written %s", async (issuer) => {
		const fixture = await startShape({ ...shapeOf(TENANT), env: { AZURE_ISSUER_URI: issuer } });
		await fixture.signIn(fixture.browser());
		expect(fixture.user()?.issuer).toBe(`${LOGIN}/${TENANT}/v2.0`);
	});

	it.each<[string, Record<string, string>, AzureSettings, RegExp]>([
		[
			"every tenant without a word",
			{ AZURE_ISSUER_URI: `${LOGIN}/common` },
			{},
			/lets people of every tenant sign in/,
		],
		[
			"work accounts likewise",
			{ AZURE_ISSUER_URI: `${LOGIN}/Organizations/v2.0` },
			{},
			/every tenant/,
		],
		[
			"a tenant by its domain",
			{ AZURE_ISSUER_URI: `${LOGIN}/acme.onmicrosoft.com` },
			{},
			/name a tenant by its id/,
		],
		["no tenant", { AZURE_ISSUER_URI: LOGIN }, {}, /name a tenant by its id/],
		[
			"a list at one tenant",
			{ AZURE_ISSUER_URI: `${LOGIN}/${TENANT}`, AZURE_TENANTS: PARTNER },
			{},
			/for one tenant/,
		],
		[
			"any at one tenant",
			{ AZURE_ISSUER_URI: `${LOGIN}/${TENANT}` },
			{ tenants: "any" },
			/for one tenant/,
		],
		[
			"an empty list",
			{ AZURE_ISSUER_URI: `${LOGIN}/common` },
			{ tenants: [] },
			/neither "one" nor "any"/,
		],
		[
			"a list of domains",
			{ AZURE_ISSUER_URI: `${LOGIN}/common`, AZURE_TENANTS: "acme.com" },
			{},
			/nor a list/,
		],
		[
			"a list with a gap",
			{ AZURE_ISSUER_URI: `${LOGIN}/common`, AZURE_TENANTS: `${TENANT},,` },
			{},
			/nor a list/,
		],
		[
			"a word for none",
			{ AZURE_ISSUER_URI: `${LOGIN}/common` },
			{ tenants: "skip" as never },
			/nor a list/,
		],
		[
			"true for none",
			{ AZURE_ISSUER_URI: `${LOGIN}/common` },
			{ tenants: true as never },
			/nor a list/,
		],
	])("with %s is a mistake (B54)", (_, env, settings, message) => {
		const complete = { ...env, AZURE_CLIENT_ID: "app", AZURE_CLIENT_SECRET: "secret-0123456789" };
		const providers = [new Azure(settings)];
		expect(() =>
			portcullis({ providers, platform: { env: complete, log: () => {} } }).gate(),
		).toThrow(message);
	});
});

describe("people in too many groups", () => {
	const pages = {
		"/staff": { auth: inGroup("g1") },
		"/not-banned": { auth: not(inGroup("banned")) },
		"/role": { auth: inGroup("Editor", { claim: "roles" }) },
	};

	it.each<[string, Record<string, unknown>]>([
		[
			"_claim_names",
			{
				groups: undefined,
				_claim_names: { groups: "src1" },
				_claim_sources: { src1: { endpoint: "https://graph.example" } },
			},
		],
		["hasgroups", { groups: undefined, hasgroups: true }],
		["hasgroups, as text", { groups: undefined, hasgroups: "true" }],
		[
			"both, and part of the groups",
			{ groups: ["g1"], hasgroups: true, _claim_names: { groups: "src1" } },
		],
	])("by %s are in no group that anybody knows, and the log says why (R115)", async (_, claims) => {
		const fixture = await startShape(shapeOf(TENANT), { gate: { pages } });
		fixture.bend({ idTokenClaims: { ...claims, roles: ["Editor"] } });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		const statuses: number[] = [];
		for (const path of Object.keys(pages))
			statuses.push((await browser.navigate(fixture.origin + path)).status);
		expect(statuses).toEqual([403, 403, 200]);
		expect(fixture.log.map(({ message, cause }) => `${message} ${cause}`).join()).toContain(
			"too many values for a token",
		);
	});

	it("are told from people whose groups nobody set up", async () => {
		const fixture = await startShape(shapeOf(TENANT), { gate: { pages } });
		fixture.bend({ idTokenClaims: { groups: undefined } });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		expect((await browser.navigate(`${fixture.origin}/not-banned`)).status).toBe(403);
		expect(fixture.log.map(({ message, cause }) => `${message} ${cause}`).join()).toContain(
			"did not send it",
		);
	});
});

describe("access tokens for an API of one's own", () => {
	const api = { AZURE_AUDIENCE: "api://notes", AZURE_ISSUER_URI: `${LOGIN}/${TENANT}` };
	const scopes = [...shapeOf(TENANT).scopes, "api://notes/.default", "api://notes/read"];
	const start = async (extraScopes: readonly string[], env: Record<string, string> = api) => {
		const fixture = await startShape(shapeOf(TENANT, { env, scopes }), { auth: { extraScopes } });
		fixture.bend({ userinfo: "refused", tokenResponse: { scope: "api://notes/read" } });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		const sent = new URL(
			browser.trail.find((line) => line.includes("/authorize?"))?.slice(4) ?? "",
		);
		return { fixture, browser, parameters: sent.searchParams };
	};

	it("are asked for by a scope, not by a parameter that the endpoint does not know", async () => {
		const { parameters, fixture } = await start([]);
		expect(parameters.get("scope")).toBe("openid email profile api://notes/.default");
		expect(parameters.has("audience")).toBe(false);
		expect(fixture.user()?.grantedScopes).toEqual(["api://notes/read"]);
	});

	it("are asked for by name where the app names scopes of the API", async () => {
		const { parameters } = await start(["api://notes/read"]);
		expect(parameters.get("scope")).toBe("openid email profile api://notes/read");
	});

	it("never go to userinfo, and the ID token says who it is", async () => {
		const { fixture } = await start([]);
		expect(fixture.idp.count("userinfo")).toBe(0);
		expect(fixture.user()?.claims).toMatchObject({
			oid: "0000-oid",
			preferred_username: "ada@acme.com",
		});
	});

	it("are no reason to refuse a login or to end a session where userinfo does not take them", async () => {
		const { fixture, browser } = await start(["offline_access", "api://notes/read"], {
			AZURE_ISSUER_URI: `${LOGIN}/${TENANT}`,
		});
		expect(fixture.idp.count("userinfo")).toBeGreaterThan(0);
		expect(fixture.user()?.claims).toMatchObject({ oid: "0000-oid" });
		fixture.pass(3590);
		expect(JSON.parse((await fixture.renew(browser)).body)).toMatchObject({ renewed: true });
		expect(fixture.log).toEqual([]);
	});

	it("do not hide a userinfo endpoint that answers for somebody else", async () => {
		const fixture = await startShape(shapeOf(TENANT));
		fixture.bend({ userinfo: "sub-other" });
		await fixture.signIn(fixture.browser());
		expect(fixture.user()).toBeUndefined();
	});
});
