// Checked by `npm run typecheck`, never run: both what must compile and what must not.
import * as v from "valibot";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { hasClientRole, hasRealmRole } from "../../src/checks.ts";
import {
	Azure,
	Generic,
	Google,
	Keycloak,
	Okta,
	type PageAuthContext,
	portcullis,
	type User,
	type UserClaims,
} from "../../src/index.ts";
import {
	type AzureClaims,
	type ClaimsOf,
	defineProvider,
	type GoogleClaims,
	type OktaClaims,
} from "../../src/provider.ts";
import { Audited } from "../providers/mixins.fixture.ts";

// A mixin keeps the claims, the settings and the members of the class inside, and adds its own.
class MyOkta extends Audited(Okta) {}
expectTypeOf<ClaimsOf<typeof MyOkta>>().not.toBeAny();
expectTypeOf<ClaimsOf<typeof MyOkta>>().toExtend<OktaClaims>();
expectTypeOf(new MyOkta({ clientId: "app" }).trail).toEqualTypeOf<string[]>();
portcullis({ providers: [MyOkta] }).check(({ user }) => {
	expectTypeOf(user.claims.groups).toEqualTypeOf<string[] | undefined>();
	return false;
});

// Several providers give the union of their claims.
expectTypeOf<ClaimsOf<typeof Azure | Google>>().toEqualTypeOf<AzureClaims | GoogleClaims>();
portcullis({ providers: [Azure, new Google({ hd: "example.com" })] }).check(({ user }) => {
	expectTypeOf(user.claims).toEqualTypeOf<Readonly<AzureClaims> | Readonly<GoogleClaims>>();
	return false;
});

// A tenant policy cannot be switched off.
new Azure({ tenants: ["72f988bf-86f1-41af-91ab-2d7cd011db47"] });
// @ts-expect-error not a policy
new Azure({ tenants: "skip" });
// @ts-expect-error nor a switch
new Azure({ tenants: false });
// @ts-expect-error one domain
new Google({ hd: ["example.com"] });

// Roles are claims with types, and checks that any surface takes.
portcullis({ providers: [Keycloak] }).check(({ user }) => {
	expectTypeOf(user.claims.resource_access?.notes?.roles).toEqualTypeOf<string[] | undefined>();
	return user.claims.realm_access?.roles.includes("staff") === true;
});
portcullis({ providers: [Keycloak], auth: hasRealmRole("staff") }).gate({
	pages: { "/edit": { auth: hasClientRole("notes", "editor") } },
});

// What comes out of a schema is what checks, handlers and the app behind a host see.
const Acme = defineProvider({
	name: "acme",
	scopes: ["openid", "teams"],
	claims: z.object({ teams: z.array(z.string()), since: z.string().transform(Number) }),
});
type AcmeClaims = ClaimsOf<typeof Acme>;
expectTypeOf<AcmeClaims>().toEqualTypeOf<{ teams: string[]; since: number } & { sub: string }>();
const acme = portcullis({ providers: [Acme] });
acme.check(({ user }) => {
	expectTypeOf(user.claims.sub).toEqualTypeOf<string>();
	expectTypeOf(user.claims.since).toEqualTypeOf<number>();
	// @ts-expect-error no claim of that name
	return user.claims.team === "core";
});
acme.gate().handle(new Request("https://app.example/"), (_, user) => {
	expectTypeOf(user).toEqualTypeOf<User<AcmeClaims>>();
	return new Response();
});
acme.gate({ pages: { "/core": { auth: ({ user }) => user.claims.since > 2020 } } });
expectTypeOf<PageAuthContext<AcmeClaims>["user"]["claims"]["teams"]>().toEqualTypeOf<string[]>();

// A schema that names `sub` gives its own type, whichever library it is of.
const Bee = defineProvider({
	name: "bee",
	claims: v.object({ sub: v.string(), dept: v.string() }),
});
expectTypeOf<ClaimsOf<typeof Bee>>().toEqualTypeOf<{ sub: string; dept: string }>();
// Members that every provider has, optional ones and defaults take no type away.
const mixed = defineProvider({
	name: "mixed",
	claims: z.object({
		email: z.string().optional(),
		groups: z.array(z.string()).default([]),
		team: z.string().optional(),
	}),
});
portcullis({ providers: [mixed] }).check(({ user }) => {
	expectTypeOf(user.claims.groups).toEqualTypeOf<string[]>();
	expectTypeOf(user.claims.team).toEqualTypeOf<string | undefined>();
	// @ts-expect-error no such claim
	return user.claims.gruops !== undefined;
});
const optional = defineProvider({
	name: "optional",
	claims: z.object({ sub: z.string(), groups: z.array(z.string()).optional() }),
});
portcullis({ providers: [optional] }).check(({ user }) => {
	expectTypeOf(user.claims.groups).toEqualTypeOf<string[] | undefined>();
	return user.claims.groups?.includes("staff");
});

// Without one, the claims are those of every provider; so they are for the class of Generic.
const Cee = defineProvider({ name: "cee", clientId: "app" });
expectTypeOf<ClaimsOf<typeof Cee>>().toEqualTypeOf<UserClaims>();
expectTypeOf<ClaimsOf<typeof Generic>>().toEqualTypeOf<UserClaims>();
const generic = new Generic({ claims: z.object({ sub: z.string(), dept: z.string() }) });
expectTypeOf<ClaimsOf<typeof generic>>().toEqualTypeOf<{ sub: string; dept: string }>();
// A class may extend it, and take hooks.
class Dee extends Acme {
	override requestedScopes(): readonly string[] {
		return ["openid"];
	}
}
expectTypeOf<ClaimsOf<typeof Dee>>().toEqualTypeOf<AcmeClaims>();
// Several of them give the union.
portcullis({ providers: [Bee, new Dee({ clientId: "app" })] }).check(({ user }) => {
	expectTypeOf(user.claims).toEqualTypeOf<
		Readonly<{ sub: string; dept: string }> | Readonly<AcmeClaims>
	>();
	return undefined;
});
// @ts-expect-error a name is needed
defineProvider({ claims: z.object({}) });
// @ts-expect-error no schema
defineProvider({ name: "acme", claims: { teams: "string[]" } });
// @ts-expect-error claims are an object
defineProvider({ name: "acme", claims: z.string() });
// @ts-expect-error the schema is that of the class
new Acme({ claims: z.object({}) });
// Of a class that declares its claims it changes no types.
expectTypeOf(new Okta({ claims: z.object({}) }).claimsType).toEqualTypeOf<OktaClaims>();
