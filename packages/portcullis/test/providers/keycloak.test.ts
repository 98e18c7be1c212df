import { describe, expect, it } from "vitest";
import { hasClientRole, hasRealmRole, not } from "../../src/checks.ts";
import { Keycloak } from "../../src/index.ts";
import { describeProvider } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

/**
 * A realm whose mappers add roles to userinfo. It names itself in callbacks, and sends
 * `session_state` to everybody.
 */
const shape: ProviderShape = {
	provider: () => Keycloak,
	prefix: "KEYCLOAK",
	env: { KEYCLOAK_ISSUER_URI: "https://sso.acme.com/realms/staff" },
	issuer: "https://sso.acme.com/realms/staff",
	endpoints: {
		authorization_endpoint: "https://sso.acme.com/realms/staff/protocol/openid-connect/auth",
		token_endpoint: "https://sso.acme.com/realms/staff/protocol/openid-connect/token",
		jwks_uri: "https://sso.acme.com/realms/staff/protocol/openid-connect/certs",
		userinfo_endpoint: "https://sso.acme.com/realms/staff/protocol/openid-connect/userinfo",
		end_session_endpoint: "https://sso.acme.com/realms/staff/protocol/openid-connect/logout",
		revocation_endpoint: "https://sso.acme.com/realms/staff/protocol/openid-connect/revoke",
	},
	scopes: ["openid", "profile", "email", "roles", "offline_access"],
	sendsIssuer: true,
	callback: { session_state: "55d938d4-42e7-4c2b-9038-f808c917c366" },
	person: {
		sub: "6fe1b9b9-5ddd-478d-9b38-bd11698295cf",
		name: "Ada Lovelace",
		preferred_username: "ada",
		realm_access: { roles: ["default-roles-staff", "auditor"] },
		resource_access: { notes: { roles: ["editor"] } },
	},
	claims: { acr: "1", typ: "ID" },
	tokenResponse: { refresh_expires_in: 1800, "not-before-policy": 0, session_state: "55d938d4" },
	// A refresh token comes with every login; `offline_access` makes it an offline one.
	issuesRefreshToken: () => true,
};

describeProvider("Keycloak", shape, {
	label: "Keycloak",
	extraScopes: [],
	authorization: { scope: "openid email profile", prompt: undefined },
	claims: {
		preferred_username: "ada",
		realm_access: { roles: ["default-roles-staff", "auditor"] },
	},
	grantedScopes: ["openid", "email", "profile"],
	logout: {
		url: "https://sso.acme.com/realms/staff/protocol/openid-connect/logout",
		parameters: { post_logout_redirect_uri: "APP/logout" },
	},
	foreign: {
		"another realm of the same server": {
			faults: { idTokenClaims: { iss: "https://sso.acme.com/realms/guests" } },
			code: "token_invalid",
			reason: "iss",
		},
		"an answer of another issuer": {
			faults: { authorization: "iss-wrong" },
			code: "issuer_mismatch",
			reason: "iss",
		},
		"an answer that does not name the issuer, though the metadata say so": {
			faults: { authorization: "iss-missing" },
			code: "issuer_mismatch",
			reason: "iss",
		},
	},
});

describe("roles of Keycloak", () => {
	const pages = {
		"/auditor": { auth: hasRealmRole("auditor") },
		"/boss": { auth: hasRealmRole("boss") },
		"/not-boss": { auth: not(hasRealmRole("boss")) },
		"/editor": { auth: hasClientRole("notes", "editor") },
		"/owner": { auth: hasClientRole("notes", "owner") },
		"/other": { auth: hasClientRole("other", "editor") },
		"/not-other": { auth: not(hasClientRole("other", "editor")) },
		"/prototype": { auth: hasClientRole("constructor", "editor") },
	};
	const open = async (person: ProviderShape["person"]) => {
		const fixture = await startShape({ ...shape, person }, { gate: { pages } });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		const allowed: string[] = [];
		for (const path of Object.keys(pages))
			if ((await browser.navigate(fixture.origin + path)).status === 200) allowed.push(path);
		return { allowed, log: fixture.log };
	};

	it("let in who has them, of the realm or of a client", async () => {
		const { allowed, log } = await open(shape.person);
		expect(allowed).toEqual(["/auditor", "/not-boss", "/editor", "/not-other"]);
		expect(log).toEqual([]);
	});

	it.each([
		["no mapper adds them", {}],
		["they have another form", { realm_access: ["auditor", "boss"], resource_access: "notes" }],
		[
			"the list is a text",
			{ realm_access: { roles: "auditor" }, resource_access: { notes: { roles: "editor" } } },
		],
	])(
		"let nobody in where %s, not by their opposite either, and the log says why (R115)",
		async (_, roles) => {
			const { allowed, log } = await open({ sub: "ada", ...roles });
			expect(allowed.filter((path) => path !== "/not-other")).toEqual([]);
			expect(log).toContainEqual(
				expect.objectContaining({ code: "forbidden", reason: "claim_missing" }),
			);
			expect(log.map(({ cause }) => String(cause)).join()).toContain("realm_access is unknown");
		},
	);

	it.each([
		() => hasRealmRole(""),
		() => hasRealmRole(undefined as never),
		() => hasClientRole("", "editor"),
		() => hasClientRole("notes", undefined as never),
	])("a check without a name is refused when it is written", (make) => {
		expect(make).toThrow(TypeError);
	});
});
