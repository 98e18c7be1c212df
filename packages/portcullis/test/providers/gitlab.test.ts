import { expect, it } from "vitest";
import { inGroup } from "../../src/checks.ts";
import { GitLab } from "../../src/index.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

/** GitLab.com: all groups in userinfo alone, refresh tokens unasked, no logout. */
const hosted: ProviderShape = {
	provider: () => GitLab,
	prefix: "GITLAB",
	env: {},
	issuer: "https://gitlab.com",
	endpoints: {
		authorization_endpoint: "https://gitlab.com/oauth/authorize",
		token_endpoint: "https://gitlab.com/oauth/token",
		jwks_uri: "https://gitlab.com/oauth/discovery/keys",
		userinfo_endpoint: "https://gitlab.com/oauth/userinfo",
		end_session_endpoint: undefined,
		revocation_endpoint: "https://gitlab.com/oauth/revoke",
	},
	metadata: { code_challenge_methods_supported: ["plain", "S256"] },
	scopes: ["openid", "profile", "email", "read_api"],
	sendsIssuer: false,
	person: {
		sub: "42",
		nickname: "ada",
		email: "ada@acme.com",
		groups: ["acme", "acme/developers"],
		groups_direct: ["acme"],
	},
	claims: {
		sub_legacy: "8a0d",
		email: "ada@acme.com",
		email_verified: true,
		groups_direct: ["acme"],
	},
	tokenResponse: { created_at: 1_700_000_000 },
	issuesRefreshToken: () => true,
};

const expected: Expectations = {
	label: "GitLab",
	knowsIssuer: true,
	authorization: { scope: "openid email profile", audience: undefined },
	claims: { groups: ["acme", "acme/developers"], groups_direct: ["acme"], email_verified: true },
	grantedScopes: ["openid", "email", "profile"],
	logout: undefined,
};

describeProvider("GitLab", hosted, expected);

const at = (url: string | undefined) =>
	url?.replace("https://gitlab.com", "https://git.acme.com/gitlab");
describeProvider(
	"GitLab, an instance of one's own below a path",
	{
		...hosted,
		env: { GITLAB_ISSUER_URI: "https://git.acme.com/gitlab" },
		issuer: "https://git.acme.com/gitlab",
		endpoints: Object.fromEntries(
			Object.entries(hosted.endpoints).map(([name, url]) => [name, at(url)]),
		) as ProviderShape["endpoints"],
	},
	expected,
);

it("groups that only userinfo has let people in, also after a renewal", async () => {
	const fixture = await startShape(hosted, {
		gate: { pages: { "/dev": { auth: inGroup("acme/developers") } } },
	});
	const browser = fixture.browser();
	await fixture.signIn(browser);
	expect((await browser.navigate(`${fixture.origin}/dev`)).status).toBe(200);
	fixture.pass(3590);
	await fixture.renew(browser);
	expect((await browser.navigate(`${fixture.origin}/dev`)).status).toBe(200);
});
