import { expect, it } from "vitest";
import { Databricks } from "../../src/index.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

function shapeOf(issuer: string): ProviderShape {
	return {
		provider: () => Databricks,
		prefix: "DATABRICKS",
		env: { DATABRICKS_ISSUER_URI: issuer },
		issuer,
		endpoints: {
			authorization_endpoint: `${issuer}/v1/authorize`,
			token_endpoint: `${issuer}/v1/token`,
			jwks_uri: `${issuer}/jwks.json`,
			userinfo_endpoint: undefined,
			end_session_endpoint: undefined,
			revocation_endpoint: undefined,
		},
		scopes: ["openid", "profile", "email", "offline_access", "all-apis", "sql"],
		sendsIssuer: false,
		person: { sub: "ada@acme.com" },
		claims: {
			name: "Ada Lovelace",
			preferred_username: "ada@acme.com",
			given_name: "Ada",
			family_name: "Lovelace",
		},
	};
}

const workspace = shapeOf("https://dbc-1a2b3c4d-5e6f.cloud.databricks.com/oidc");
const expected: Expectations = {
	label: "Databricks",
	extraScopes: ["offline_access", "all-apis"],
	authorization: { scope: "openid email profile offline_access all-apis", audience: undefined },
	claims: { name: "Ada Lovelace", preferred_username: "ada@acme.com" },
	grantedScopes: ["openid", "email", "profile", "offline_access", "all-apis"],
	logout: undefined,
};

describeProvider("Databricks, a workspace", workspace, expected);
describeProvider(
	"Databricks, an account",
	shapeOf(
		"https://accounts.cloud.databricks.com/oidc/accounts/7d5a0886-0000-4000-8000-5e6f1a2b3c4d",
	),
	expected,
);

it.each([
	"https://dbc-1a2b3c4d-5e6f.cloud.databricks.com",
	"https://dbc-1a2b3c4d-5e6f.cloud.databricks.com/",
])("takes the address of the workspace, %s, for its issuer", async (address) => {
	const fixture = await startShape({ ...workspace, env: { DATABRICKS_ISSUER_URI: address } });
	await fixture.signIn(fixture.browser());
	expect(fixture.user()?.issuer).toBe(workspace.issuer);
});
