import { expect, it } from "vitest";
import { Generic, Okta, type Provider } from "../../src/index.ts";
import { Audited, Verified } from "./mixins.fixture.ts";
import { type ProviderShape, startShape } from "./shape.ts";

class MyOkta extends Audited(Verified(Okta)) {}
class MyGeneric extends Audited(Generic) {}

const shapeOf = (provider: Provider, prefix: string, name: string): ProviderShape => ({
	provider: () => provider,
	prefix,
	name,
	env: { [`${prefix}_ISSUER_URI`]: "https://id.example.com" },
	issuer: "https://id.example.com",
	endpoints: {
		authorization_endpoint: "https://id.example.com/authorize",
		token_endpoint: "https://id.example.com/token",
		jwks_uri: "https://id.example.com/jwks",
		userinfo_endpoint: undefined,
		end_session_endpoint: undefined,
		revocation_endpoint: undefined,
	},
	scopes: ["openid", "profile", "email"],
	sendsIssuer: false,
	person: { sub: "ada" },
});

it("a mixin works on top of any provider, with settings, name and variables of the class inside", async () => {
	const okta = new MyOkta({ displayName: "Our Okta" });
	const fixture = await startShape(shapeOf(okta, "OKTA", "okta"));
	await fixture.signIn(fixture.browser());
	expect(fixture.user()).toBeUndefined();
	fixture.bend({ idTokenClaims: { email_verified: true } });
	const browser = fixture.browser();
	expect((await browser.navigate(`${fixture.origin}/login`)).body).toContain("<bdi>Our Okta</bdi>");
	await fixture.signIn(browser);
	expect(fixture.user()?.provider).toBe("okta");
	expect(okta.trail).toEqual(["okta ada false", "okta ada true"]);

	const generic = new MyGeneric();
	const other = await startShape(shapeOf(generic, "OIDC", "generic"));
	await other.signIn(other.browser());
	expect(generic.trail).toEqual(["generic ada true"]);
});
