import { expect, it } from "vitest";
import { Auth0 } from "../../src/index.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

/** A tenant whose metadata name RP-initiated logout. The issuer ends with a slash. */
const tenant: ProviderShape = {
	provider: () => Auth0,
	prefix: "AUTH0",
	env: { AUTH0_ISSUER_URI: "https://acme.eu.auth0.com/", AUTH0_AUDIENCE: "https://api.acme.com" },
	issuer: "https://acme.eu.auth0.com/",
	endpoints: {
		authorization_endpoint: "https://acme.eu.auth0.com/authorize",
		token_endpoint: "https://acme.eu.auth0.com/oauth/token",
		jwks_uri: "https://acme.eu.auth0.com/.well-known/jwks.json",
		userinfo_endpoint: "https://acme.eu.auth0.com/userinfo",
		end_session_endpoint: "https://acme.eu.auth0.com/oidc/logout",
		revocation_endpoint: "https://acme.eu.auth0.com/oauth/revoke",
	},
	scopes: ["openid", "profile", "email", "offline_access"],
	sendsIssuer: false,
	person: {
		sub: "auth0|507f1f77bcf86cd799439011",
		nickname: "ada",
		name: "Ada Lovelace",
		email: "ada@acme.com",
		"https://app.acme.com/roles": ["editor"],
	},
	claims: { org_id: "org_9ybsU1dN2dKfDkBi" },
};

/** An older tenant: no `end_session_endpoint`, and a legacy logout of its own. */
const legacy: ProviderShape = {
	...tenant,
	endpoints: { ...tenant.endpoints, end_session_endpoint: undefined },
	ownLogout: { url: "https://acme.eu.auth0.com/v2/logout", returnTo: "returnTo" },
};

const expected: Expectations = {
	label: "Auth0",
	authorization: { scope: "openid email profile offline_access", audience: "https://api.acme.com" },
	claims: {
		nickname: "ada",
		"https://app.acme.com/roles": ["editor"],
		org_id: "org_9ybsU1dN2dKfDkBi",
	},
	grantedScopes: ["openid", "email", "profile", "offline_access"],
	logout: {
		url: "https://acme.eu.auth0.com/oidc/logout",
		parameters: { post_logout_redirect_uri: "APP/logout", returnTo: undefined },
	},
};

describeProvider("Auth0", tenant, expected);
describeProvider("Auth0 without RP-initiated logout", legacy, {
	...expected,
	logout: {
		url: "https://acme.eu.auth0.com/v2/logout",
		parameters: {
			returnTo: "APP/logout",
			post_logout_redirect_uri: undefined,
			id_token_hint: undefined,
		},
	},
});

it("puts the slash that belongs to the issuer where it is missing, and no other", async () => {
	const fixture = await startShape({
		...tenant,
		env: { AUTH0_ISSUER_URI: "https://acme.eu.auth0.com" },
	});
	await fixture.signIn(fixture.browser());
	expect(fixture.user()?.issuer).toBe("https://acme.eu.auth0.com/");
	const other = await startShape({
		...tenant,
		env: { AUTH0_ISSUER_URI: "https://acme.eu.auth0.com//" },
	});
	await other.signIn(other.browser());
	expect(other.user()).toBeUndefined();
	expect(other.log).toMatchObject([{ code: "provider_misconfigured" }]);
});
