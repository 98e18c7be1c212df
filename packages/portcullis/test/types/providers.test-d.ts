// Checked by `npm run typecheck`, never run: both what must compile and what must not.
import { expectTypeOf } from "vitest";
import { hasClientRole, hasRealmRole } from "../../src/checks.ts";
import { Azure, Google, Keycloak, Okta, portcullis } from "../../src/index.ts";
import type { AzureUserInfo, ClaimsOf, GoogleUserInfo, OktaUserInfo } from "../../src/provider.ts";
import { Audited } from "../providers/mixins.fixture.ts";

// A mixin keeps the claims, the settings and the members of the class inside, and adds its own.
class MyOkta extends Audited(Okta) {}
expectTypeOf<ClaimsOf<typeof MyOkta>>().not.toBeAny();
expectTypeOf<ClaimsOf<typeof MyOkta>>().toExtend<OktaUserInfo>();
expectTypeOf(new MyOkta({ clientId: "app" }).trail).toEqualTypeOf<string[]>();
portcullis({ providers: [MyOkta] }).check(({ user }) => {
	expectTypeOf(user.userinfo.groups).toEqualTypeOf<string[] | undefined>();
	return false;
});

// Several providers give the union of their claims.
expectTypeOf<ClaimsOf<typeof Azure | Google>>().toEqualTypeOf<AzureUserInfo | GoogleUserInfo>();
portcullis({ providers: [Azure, new Google({ hd: "example.com" })] }).check(({ user }) => {
	expectTypeOf(user.userinfo).toEqualTypeOf<Readonly<AzureUserInfo> | Readonly<GoogleUserInfo>>();
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
	expectTypeOf(user.userinfo.resource_access?.notes?.roles).toEqualTypeOf<string[] | undefined>();
	return user.userinfo.realm_access?.roles.includes("staff") === true;
});
portcullis({ providers: [Keycloak], auth: hasRealmRole("staff") }).gate({
	pages: { "/edit": { auth: hasClientRole("notes", "editor") } },
});
