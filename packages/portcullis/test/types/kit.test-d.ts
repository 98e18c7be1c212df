// Checked by `npm run typecheck`, never run: both what must compile and what must not.
import { expectTypeOf } from "vitest";
import {
	type AuthContext,
	type EventAuthContext,
	type Generic,
	type OIDCUserInfo,
	Okta,
	type PageAuthContext,
	Provider,
	portcullis,
	type User,
	type ValueAuthContext,
} from "../../src/index.ts";
import type { ClaimsOf, OktaUserInfo } from "../../src/provider.ts";

interface AcmeUserInfo extends OIDCUserInfo {
	acme_team: string;
}
declare class Acme extends Provider<AcmeUserInfo> {
	readonly name: "acme";
}
const kit = portcullis({ providers: [Okta] });

// The claims of the provider class reach checks without a cast or an annotation.
kit.check((context) => {
	expectTypeOf(context.user).not.toBeAny();
	expectTypeOf(context.user.userinfo).toEqualTypeOf<Readonly<OktaUserInfo>>();
	expectTypeOf(context.user.userinfo.groups).toEqualTypeOf<string[] | undefined>();
	return context.user.userinfo.groups?.includes("admins") === true;
});
kit.gate({
	pages: {
		"/admin/*": {
			auth: (context) => {
				expectTypeOf(context).toEqualTypeOf<PageAuthContext<OktaUserInfo>>();
				return context.user.userinfo.groups?.includes("admins") === true;
			},
		},
	},
});

// Also from a lazy import and from a class of the app's own; several providers give their union;
// names alone give standard claims.
expectTypeOf<ClaimsOf<typeof Acme>>().toEqualTypeOf<AcmeUserInfo>();
expectTypeOf<ClaimsOf<() => Promise<typeof Acme>>>().toEqualTypeOf<AcmeUserInfo>();
expectTypeOf<ClaimsOf<typeof Acme | typeof Okta>>().toEqualTypeOf<AcmeUserInfo | OktaUserInfo>();
expectTypeOf<ClaimsOf<"./acme.ts#Acme">>().toEqualTypeOf<OIDCUserInfo>();
expectTypeOf<ClaimsOf<typeof Generic>>().toEqualTypeOf<OIDCUserInfo>();
portcullis({ providers: [() => Promise.resolve(Acme)] }).check((context) => {
	expectTypeOf(context.user.userinfo.acme_team).toEqualTypeOf<string>();
	return true;
});
portcullis({ providers: [Acme, Okta] }).check((context) => {
	expectTypeOf(context.user.userinfo).toEqualTypeOf<
		Readonly<AcmeUserInfo> | Readonly<OktaUserInfo>
	>();
	return true;
});
portcullis().check((context) => {
	expectTypeOf(context.user.userinfo.department).toBeUnknown();
	return true;
});

// A check made for one kind of surface is refused on another.
const onPages = kit.check<PageAuthContext<OktaUserInfo>>(
	(context) => context.request.method === "GET",
);
const onEvents = kit.check<EventAuthContext<OktaUserInfo>>((context) => context.payload === 1);
const onValues = kit.check<ValueAuthContext<OktaUserInfo>>(
	(context) => context.name === "notes.draft",
);
kit.gate({ pages: { "/admin": { auth: onPages } } });
// @ts-expect-error a check of events on a page
kit.gate({ pages: { "/admin": { auth: onEvents } } });
// @ts-expect-error a check of values on a page
kit.gate({ pages: { "/admin": { auth: onValues } } });

// A check answers with a boolean: what is merely truthy is refused by the compiler, and denied at
// run time.
kit.check(async () => true);
kit.check(({ user }) => user.userinfo.groups?.includes("admins"));
kit.check(async ({ user }) => user.userinfo.groups?.includes("admins"));
// @ts-expect-error a number
kit.check(() => 1);
// @ts-expect-error a Response
kit.check(() => new Response());
// @ts-expect-error what `find` returns
kit.check((context) => context.user.userinfo.groups?.find((group) => group === "admins"));

// In a check there is always a user, and `kind` tells the surfaces apart.
expectTypeOf<AuthContext<OktaUserInfo>["user"]>().toEqualTypeOf<User<OktaUserInfo>>();
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
