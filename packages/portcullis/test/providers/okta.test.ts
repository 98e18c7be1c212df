import { expect, it } from "vitest";
import { Okta, portcullis } from "../../src/index.ts";
import { describeProvider } from "./contract.ts";
import type { ProviderShape } from "./shape.ts";

/** A custom authorization server, with a groups claim that is tied to the scope `groups`. */
const custom: ProviderShape = {
	provider: () => Okta,
	prefix: "OKTA",
	env: { OKTA_ISSUER_URI: "https://acme.okta.com/oauth2/default" },
	issuer: "https://acme.okta.com/oauth2/default",
	endpoints: {
		authorization_endpoint: "https://acme.okta.com/oauth2/default/v1/authorize",
		token_endpoint: "https://acme.okta.com/oauth2/default/v1/token",
		jwks_uri: "https://acme.okta.com/oauth2/default/v1/keys",
		userinfo_endpoint: "https://acme.okta.com/oauth2/default/v1/userinfo",
		end_session_endpoint: "https://acme.okta.com/oauth2/default/v1/logout",
		revocation_endpoint: "https://acme.okta.com/oauth2/default/v1/revoke",
	},
	scopes: ["openid", "profile", "email", "groups", "offline_access"],
	sendsIssuer: false,
	person: {
		sub: "00uixa271s6x7qt8I0h7",
		name: "Ada Lovelace",
		email: "ada@acme.com",
		groups: ["Everyone", "staff"],
	},
	claims: { ver: 1, amr: ["pwd"], idp: "00oixa26ycdNcX0VT0h7" },
};

/** The org authorization server: the issuer is the bare domain, and groups come in the ID token. */
const org: ProviderShape = {
	...custom,
	env: { OKTA_ISSUER_URI: "https://acme.okta.com" },
	issuer: "https://acme.okta.com",
	endpoints: Object.fromEntries(
		Object.entries(custom.endpoints).map(([name, url]) => [name, url?.replace("/default", "")]),
	) as ProviderShape["endpoints"],
	person: { sub: custom.person.sub, name: "Ada Lovelace", email: "ada@acme.com" },
	claims: { ...custom.claims, groups: ["Everyone", "staff"] },
};

for (const [title, shape] of [
	["Okta, a custom authorization server", custom],
	["Okta, the org authorization server", org],
] as const) {
	describeProvider(title, shape, {
		label: "Okta",
		extraScopes: ["groups", "offline_access"],
		authorization: {
			scope: "openid email profile groups offline_access",
			audience: undefined,
			prompt: undefined,
		},
		claims: { name: "Ada Lovelace", email: "ada@acme.com", groups: ["Everyone", "staff"] },
		grantedScopes: ["openid", "email", "profile", "groups", "offline_access"],
		logout: {
			url: String(shape.endpoints.end_session_endpoint),
			parameters: { post_logout_redirect_uri: "APP/logout" },
		},
	});
}

it.each([
	["https://acme-admin.okta.com", "https://acme.okta.com"],
	["https://acme-admin.oktapreview.com/oauth2/default", "https://acme.oktapreview.com"],
])(
	"the address of the admin console, %s, is a mistake that names the right one",
	(issuer, right) => {
		const env = {
			OKTA_ISSUER_URI: issuer,
			OKTA_CLIENT_ID: "app",
			OKTA_CLIENT_SECRET: "secret-0123456789",
		};
		const start = () => portcullis({ providers: [Okta], platform: { env, log: () => {} } }).gate();
		expect(start).toThrow("the address of Okta's admin console");
		expect(start).toThrow(`such as ${right}.`);
	},
);
