// Checked by `npm run typecheck`, never run: who `c.var.user` and its likes are, by the rules.
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { expectTypeOf } from "vitest";
import { access, protect, type UserVariables } from "../../src/hono.ts";
import {
	Generic,
	Okta,
	type PageAuthContext,
	portcullis,
	type Rule,
	type User,
} from "../../src/index.ts";
import { protect as protectNode } from "../../src/node.ts";
import type { OktaClaims } from "../../src/provider.ts";

type Person = User<OktaClaims>;
type Anyone = Person | undefined;
declare const flag: boolean;
declare const rule: Rule<PageAuthContext<OktaClaims>>;
declare const loose: ReturnType<typeof JSON.parse>;

const auth = portcullis({ providers: [Okta] });
class Notes extends auth.State {}

// Everything is shut: untagged routes have a person.
const app = protect(
	new Hono<{ Variables: { mine: string } }>(),
	auth.gate({
		pages: { "/admin/*": { auth: ({ user }) => user.claims.groups?.includes("admins") } },
	}),
);
app.get("/", (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	expectTypeOf(c.get("user")).toEqualTypeOf<Person>();
	expectTypeOf(c.var.mine).toEqualTypeOf<string>();
	return c.text(c.var.user.name ?? "");
});
app.use(async (c, next) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	await next();
});
protect(new Hono(), auth.gate()).get("/", (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	return c.text("");
});

// A tag says who is on its route, also further down a chain.
app
	.get("/chained", (c) => c.text(""))
	.get("/open", access(false), (c) => {
		expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
		expectTypeOf(c.get("user")).toEqualTypeOf<Anyone>();
		expectTypeOf(c.var.mine).toEqualTypeOf<string>();
		return c.text("");
	})
	.post("/login", access(true), (c) => {
		expectTypeOf(c.var.user).toEqualTypeOf<Person>();
		return c.text("");
	})
	.on(
		"PURGE",
		"/check",
		access(({ user }) => user.sub !== ""),
		(c) => {
			expectTypeOf(c.var.user).toEqualTypeOf<Person>();
			return c.text("");
		},
	);
// What the compiler does not know may be false.
app.get("/", access(flag), (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
	return c.text("");
});
app.get("/", access(rule), (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
	return c.text("");
});
app.get("/", access(loose), (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
	return c.text("");
});
// All tags of a route must grant.
app.get("/", access(false), access(true), (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	return c.text("");
});

// Where the default rule or a pattern is open, or may be, an untagged route may have nobody.
for (const open of [
	protect(new Hono(), auth.gate({ pages: { "/about": { auth: false }, "/a": { auth: true } } })),
	protect(new Hono(), auth.gate({ pages: { "/about": { auth: flag } } })),
	protect(new Hono(), auth.gate({ pages: { "/about": { auth: rule } } })),
	protect(new Hono(), auth.gate({ pages: { "/about": { auth: loose } } })),
	protect(new Hono(), portcullis({ providers: [Okta], auth: false }).gate()),
	protect(new Hono(), portcullis({ providers: [Okta], auth: flag }).gate()),
]) {
	open.get("/", (c) => {
		expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
		return c.text("");
	});
	open.get("/login", access(true), (c) => {
		expectTypeOf(c.var.user).toEqualTypeOf<Person>();
		return c.text("");
	});
	open.get(
		"/check",
		access(() => true),
		(c) => {
			expectTypeOf(c.var.user).toEqualTypeOf<Person>();
			return c.text("");
		},
	);
}

// A host that makes its gate by itself hands on claims, rules and states.
const made = protect(new Hono(), auth, {
	pages: {
		"/admin/*": {
			auth: (context) => {
				expectTypeOf(context).toEqualTypeOf<PageAuthContext<OktaClaims>>();
				return context.user.claims.groups?.includes("admins");
			},
		},
	},
	states: { notes: Notes },
});
made.get("/", (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	return c.text("");
});
expectTypeOf<(typeof made.gate.statesType)["notes"]>().toEqualTypeOf<Notes>();
protect(new Hono(), auth).get("/", (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Person>();
	return c.text("");
});
protect(new Hono(), auth, { pages: { "/": { auth: false } } }).get("/", (c) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
	return c.text("");
});
const listener = protectNode(() => {}, auth, { states: { notes: Notes }, assets: ["/a/*"] });
expectTypeOf<(typeof listener.gate.statesType)["notes"]>().toEqualTypeOf<Notes>();
listener.gate.handle(new Request("https://app.example/"), (_, user) => {
	expectTypeOf(user).toEqualTypeOf<Person>();
	return new Response();
});
// @ts-expect-error no such option
protect(new Hono(), auth, { page: {} });
// @ts-expect-error rules belong to the gate
protect(new Hono(), auth.gate(), { pages: {} });

// Web-standard servers alike.
auth.gate().handle(new Request("https://app.example/"), (_, user) => {
	expectTypeOf(user).toEqualTypeOf<Person>();
	return new Response();
});
auth
	.gate({ pages: { "/": { auth: false } } })
	.handle(new Request("https://app.example/"), (_, user) => {
		expectTypeOf(user).toEqualTypeOf<Anyone>();
		return new Response();
	});

// Middleware that is written for any app has to expect nobody.
const named = createMiddleware<{ Variables: UserVariables<OktaClaims> }>(async (c, next) => {
	expectTypeOf(c.var.user).toEqualTypeOf<Anyone>();
	await next();
});
app.use(named);
app.get("/", access(false), named, (c) => c.text(""));
// And a tag can be called by another handler.
app.get("/", (c, next) => access(true)(c, next));

// A check is for the claims of the provider.
const generic = portcullis({ providers: [Generic] });
protect(new Hono(), generic.gate()).get("/", (c) => {
	expectTypeOf(c.var.user.claims.groups).toBeUnknown();
	return c.text("");
});
// @ts-expect-error a rule is `true`, `false` or a check
access("public");
// @ts-expect-error the rule itself
access({ auth: true });
