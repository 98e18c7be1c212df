import { expect, it } from "vitest";
import { Cognito } from "../../src/index.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

const DOMAIN = "https://acme.auth.eu-west-1.amazoncognito.com";

/**
 * A pool with a domain: issuer and endpoints are on different hosts, the token response has no
 * scope, and refresh tokens come unasked.
 */
const pool: ProviderShape = {
	provider: () => Cognito,
	prefix: "COGNITO",
	env: { COGNITO_ISSUER_URI: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ABCabc123" },
	issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ABCabc123",
	endpoints: {
		authorization_endpoint: `${DOMAIN}/oauth2/authorize`,
		token_endpoint: `${DOMAIN}/oauth2/token`,
		jwks_uri:
			"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ABCabc123/.well-known/jwks.json",
		userinfo_endpoint: `${DOMAIN}/oauth2/userInfo`,
		end_session_endpoint: undefined,
		revocation_endpoint: `${DOMAIN}/oauth2/revoke`,
	},
	metadata: { code_challenge_methods_supported: undefined },
	scopes: ["openid", "profile", "email", "phone"],
	sendsIssuer: false,
	person: {
		sub: "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
		username: "ada",
		email: "ada@acme.com",
		email_verified: "false",
		phone_number_verified: "true",
	},
	claims: {
		"cognito:groups": ["staff"],
		"cognito:username": "ada",
		token_use: "id",
		email_verified: false,
	},
	tokenResponse: { scope: undefined },
	ownLogout: { url: `${DOMAIN}/logout`, returnTo: "logout_uri" },
	issuesRefreshToken: () => true,
};

const expected: Expectations = {
	label: "Cognito",
	authorization: { scope: "openid email profile", audience: undefined },
	claims: {
		"cognito:groups": ["staff"],
		email_verified: false,
		phone_number_verified: true,
		username: "ada",
	},
	grantedScopes: ["openid", "email", "profile"],
	logout: {
		url: `${DOMAIN}/logout`,
		parameters: {
			logout_uri: "APP/logout",
			post_logout_redirect_uri: undefined,
			id_token_hint: undefined,
		},
	},
	foreign: {
		"another pool of the region": {
			faults: {
				idTokenClaims: { iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ABCabc124" },
			},
			code: "token_invalid",
			reason: "iss",
		},
	},
};

describeProvider("Cognito", pool, expected);
describeProvider(
	"Cognito, with the logout in the metadata",
	{ ...pool, endpoints: { ...pool.endpoints, end_session_endpoint: `${DOMAIN}/logout` } },
	expected,
);

it("does not take the text false for a yes", async () => {
	const fixture = await startShape(pool, {
		gate: { pages: { "/verified": { auth: ({ user }) => Boolean(user.claims.email_verified) } } },
	});
	const browser = fixture.browser();
	await fixture.signIn(browser);
	expect((await browser.navigate(`${fixture.origin}/verified`)).status).toBe(403);
});
