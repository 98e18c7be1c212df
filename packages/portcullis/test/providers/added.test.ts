import { Acme } from "./acme.fixture.ts";
import { describeProvider } from "./contract.ts";

// All that it takes to add a provider: the class in one file, and here what its servers look like
// and what is expected of it.

describeProvider(
	"a provider that was added",
	{
		provider: () => Acme,
		prefix: "ACME",
		env: { ACME_ISSUER_URI: "https://id.acme.example" },
		issuer: "https://id.acme.example",
		endpoints: {
			authorization_endpoint: "https://id.acme.example/authorize",
			token_endpoint: "https://id.acme.example/token",
			jwks_uri: "https://id.acme.example/jwks",
			userinfo_endpoint: "https://id.acme.example/me",
			end_session_endpoint: "https://id.acme.example/bye",
			revocation_endpoint: undefined,
		},
		scopes: ["openid", "email", "profile", "team", "offline_access"],
		sendsIssuer: true,
		person: { sub: "ada", acme_team: "engines" },
	},
	{
		label: "Acme ID",
		authorization: { scope: "openid email profile team offline_access" },
		claims: { acme_team: "engines" },
		grantedScopes: ["openid", "email", "profile", "team", "offline_access"],
		logout: {
			url: "https://id.acme.example/bye",
			parameters: { post_logout_redirect_uri: "APP/logout" },
		},
	},
);
