// Checked by `npm run typecheck`, never run: both what must compile and what must not.
import { expectTypeOf } from "vitest";
import {
	type AuthContext,
	type EventAuthContext,
	type Generic,
	Okta,
	type PageAuthContext,
	Provider,
	portcullis,
	type User,
	type UserClaims,
	type ValueAuthContext,
} from "../../src/index.ts";
import type { ClaimsOf, OktaClaims } from "../../src/provider.ts";

interface AcmeUserInfo extends UserClaims {
	acme_team: string;
}
declare class Acme extends Provider<AcmeUserInfo> {
	readonly name: "acme";
}
const auth = portcullis({ providers: [Okta] });

// The claims of the provider class reach checks without a cast or an annotation.
auth.check((context) => {
	expectTypeOf(context.user).not.toBeAny();
	expectTypeOf(context.user.claims).toEqualTypeOf<Readonly<OktaClaims>>();
	expectTypeOf(context.user.claims.groups).toEqualTypeOf<string[] | undefined>();
	return context.user.claims.groups?.includes("admins") === true;
});
auth.gate({
	pages: {
		"/admin/*": {
			auth: (context) => {
				expectTypeOf(context).toEqualTypeOf<PageAuthContext<OktaClaims>>();
				return context.user.claims.groups?.includes("admins") === true;
			},
		},
	},
});

// Also from a lazy import and from a class of the app's own; several providers give their union;
// names alone give standard claims.
expectTypeOf<ClaimsOf<typeof Acme>>().toEqualTypeOf<AcmeUserInfo>();
expectTypeOf<ClaimsOf<() => Promise<typeof Acme>>>().toEqualTypeOf<AcmeUserInfo>();
expectTypeOf<ClaimsOf<typeof Acme | typeof Okta>>().toEqualTypeOf<AcmeUserInfo | OktaClaims>();
expectTypeOf<ClaimsOf<"./acme.ts#Acme">>().toEqualTypeOf<UserClaims>();
expectTypeOf<ClaimsOf<typeof Generic>>().toEqualTypeOf<UserClaims>();
portcullis({ providers: [() => Promise.resolve(Acme)] }).check((context) => {
	expectTypeOf(context.user.claims.acme_team).toEqualTypeOf<string>();
	return true;
});
portcullis({ providers: [Acme, Okta] }).check((context) => {
	expectTypeOf(context.user.claims).toEqualTypeOf<Readonly<AcmeUserInfo> | Readonly<OktaClaims>>();
	return true;
});
portcullis().check((context) => {
	expectTypeOf(context.user.claims.department).toBeUnknown();
	return true;
});

// A check made for one kind of surface is refused on another.
const onPages = auth.check<PageAuthContext<OktaClaims>>(
	(context) => context.request.method === "GET",
);
const onEvents = auth.check<EventAuthContext<OktaClaims>>((context) => context.payload === 1);
const onValues = auth.check<ValueAuthContext<OktaClaims>>(
	(context) => context.name === "notes.draft",
);
auth.gate({ pages: { "/admin": { auth: onPages } } });
// @ts-expect-error a check of events on a page
auth.gate({ pages: { "/admin": { auth: onEvents } } });
// @ts-expect-error a check of values on a page
auth.gate({ pages: { "/admin": { auth: onValues } } });

// A check answers with a boolean: what is merely truthy is refused by the compiler, and denied at
// run time.
auth.check(async () => true);
auth.check(({ user }) => user.claims.groups?.includes("admins"));
auth.check(async ({ user }) => user.claims.groups?.includes("admins"));
// @ts-expect-error a number
auth.check(() => 1);
// @ts-expect-error a Response
auth.check(() => new Response());
// @ts-expect-error what `find` returns
auth.check((context) => context.user.claims.groups?.find((group) => group === "admins"));

// In a check there is always a user, and `kind` tells the surfaces apart.
expectTypeOf<AuthContext<OktaClaims>["user"]>().toEqualTypeOf<User<OktaClaims>>();
expectTypeOf<AuthContext["kind"]>().toEqualTypeOf<"page" | "event" | "value">();
portcullis().check((context) => {
	// @ts-expect-error only an event has a payload
	context.payload;
	if (context.kind !== "event") return false;
	expectTypeOf(context.payload).toBeUnknown();
	return true;
});

// A typing error in an option is no open door.
// @ts-expect-error no such option
portcullis({ provider: [Okta] });
// @ts-expect-error no such option
portcullis({ providers: [Okta] }).gate({ page: {} });
// @ts-expect-error a rule is `true`, `false` or a check
portcullis({ providers: [Okta] }).gate({ pages: { "/": { auth: "public" } } });
// @ts-expect-error not a provider
portcullis({ providers: [class Nobody {}] });
