import { describe, expect, it } from "vitest";
import { Google, portcullis } from "../../src/index.ts";
import { describeProvider, type Expectations } from "./contract.ts";
import { type ProviderShape, startShape } from "./shape.ts";

/**
 * Endpoints on several hosts; scopes in the answer spelled otherwise; a refresh token only for
 * offline access and after a consent.
 */
const accounts: ProviderShape = {
	provider: () => Google,
	prefix: "GOOGLE",
	env: {},
	issuer: "https://accounts.google.com",
	endpoints: {
		authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
		token_endpoint: "https://oauth2.googleapis.com/token",
		jwks_uri: "https://www.googleapis.com/oauth2/v3/certs",
		userinfo_endpoint: "https://openidconnect.googleapis.com/v1/userinfo",
		end_session_endpoint: undefined,
		revocation_endpoint: "https://oauth2.googleapis.com/revoke",
	},
	metadata: { code_challenge_methods_supported: ["plain", "S256"] },
	scopes: ["openid", "profile", "email"],
	scopeNames: {
		"https://www.googleapis.com/auth/userinfo.email": "email",
		"https://www.googleapis.com/auth/userinfo.profile": "profile",
	},
	sendsIssuer: true,
	callback: { authuser: "0", prompt: "consent", scope: "email profile openid" },
	person: {
		sub: "110169484474386276334",
		name: "Ada Lovelace",
		given_name: "Ada",
		picture: "https://lh3.googleusercontent.com/a/ada",
	},
	claims: { azp: "client-of-google", email: "ada@acme.com", email_verified: true },
	tokenResponse: {
		scope:
			"openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
	},
	issuesRefreshToken: (request) =>
		request.get("access_type") === "offline" && request.get("prompt") === "consent",
};

const expected: Expectations = {
	label: "Google",
	knowsIssuer: true,
	authorization: {
		scope: "openid email profile",
		access_type: "offline",
		prompt: "consent",
		hd: undefined,
	},
	claims: { given_name: "Ada", email: "ada@acme.com", email_verified: true },
	grantedScopes: [
		"openid",
		"https://www.googleapis.com/auth/userinfo.email",
		"https://www.googleapis.com/auth/userinfo.profile",
	],
	logout: undefined,
};

describeProvider("Google", accounts, expected);

const workspace: ProviderShape = {
	...accounts,
	env: { GOOGLE_HD: "Acme.com" },
	claims: { ...accounts.claims, hd: "acme.com" },
};
const foreignDomain = (claims: Record<string, unknown>) =>
	({ faults: { idTokenClaims: claims }, code: "access_denied", reason: "hd" }) as const;
describeProvider("Google, people of one Workspace domain", workspace, {
	...expected,
	authorization: { ...expected.authorization, hd: "acme.com" },
	claims: { ...expected.claims, hd: "acme.com" },
	foreign: {
		"a personal account with an e-mail address of the domain": foreignDomain({ hd: undefined }),
		"an account of another domain": foreignDomain({ hd: "evil.com" }),
		"an account of a domain that contains the right one": foreignDomain({
			hd: "acme.com.evil.com",
		}),
		"a list of domains": foreignDomain({ hd: ["acme.com"] }),
		"an empty domain": foreignDomain({ hd: "" }),
	},
});

describe("hd", () => {
	it("of a renewed ID token counts as well: somebody who left the domain is out", async () => {
		const fixture = await startShape(workspace, { auth: { extraScopes: ["offline_access"] } });
		const browser = fixture.browser();
		await fixture.signIn(browser);
		fixture.pass(3590);
		fixture.bend({ idTokenClaims: { hd: undefined } });
		expect((await fixture.renew(browser)).status).toBe(401);
		expect(fixture.log).toMatchObject([{ code: "login_required" }]);
	});

	it("is not taken from userinfo, which is not signed", async () => {
		const fixture = await startShape(workspace);
		fixture.bend({ idTokenClaims: { hd: undefined }, userinfoClaims: { hd: "acme.com" } });
		await fixture.signIn(fixture.browser());
		expect(fixture.user()).toBeUndefined();
	});

	it("may be any Workspace domain, and a setting goes before the variable", async () => {
		const provider = () => new Google({ hd: "*" });
		const fixture = await startShape({ ...workspace, provider });
		fixture.bend({ idTokenClaims: { hd: "other.example" } });
		await fixture.signIn(fixture.browser());
		expect(fixture.user()?.claims.hd).toBe("other.example");

		const personal = await startShape({ ...workspace, provider });
		personal.bend({ idTokenClaims: { hd: undefined } });
		await personal.signIn(personal.browser());
		expect(personal.user()).toBeUndefined();
	});

	it.each(["@acme.com", "https://acme.com", "acme", "acme.com,evil.com", "**", "a@acme.com"])(
		"%j is a mistake",
		(hd) => {
			const env = {
				GOOGLE_CLIENT_ID: "app",
				GOOGLE_CLIENT_SECRET: "secret-0123456789",
				GOOGLE_HD: hd,
			};
			const start = () =>
				portcullis({ providers: [Google], platform: { env, log: () => {} } }).gate();
			expect(start).toThrow(/GOOGLE_HD.*no domain/);
		},
	);
});

it.each(["", " ", undefined, null, ["acme.com"]])(
	"a setting hd of %j does not let everybody in: it is a mistake",
	(hd) => {
		const env = {
			GOOGLE_CLIENT_ID: "app",
			GOOGLE_CLIENT_SECRET: "secret-0123456789",
			GOOGLE_HD: "",
		};
		const providers = [new Google({ hd: hd as never })];
		const start = () => portcullis({ providers, platform: { env, log: () => {} } }).gate();
		expect(start).toThrow("which is no domain");
	},
);

it("asks for no offline access, and for no consent, where the app does not", async () => {
	const fixture = await startShape(accounts);
	const browser = fixture.browser();
	await fixture.signIn(browser);
	const sent = browser.trail.find((line) => line.includes("/o/oauth2/v2/auth?")) ?? "";
	expect(sent).not.toMatch(/access_type|prompt=/);
	expect(fixture.user()).toBeDefined();
});

it("does not take another provider's issuer for its own", async () => {
	const fixture = await startShape({
		...accounts,
		env: { OIDC_ISSUER_URI: "https://evil.example" },
	});
	await fixture.signIn(fixture.browser());
	expect(fixture.user()?.issuer).toBe("https://accounts.google.com");
});
