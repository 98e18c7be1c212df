// Checked by `npm run typecheck`, never run: both what must compile and what must not.

import { expectTypeOf } from "vitest";
import { z } from "zod";
import {
	type Check,
	type EventAuthContext,
	type PageAuthContext,
	Provider,
	portcullis,
	type UserClaims,
} from "../../src/index.ts";
import type { EventOptions } from "../../src/state.ts";
import type { EventResult, StateView } from "../../src/wire/state-view.ts";

interface OktaClaims extends UserClaims {
	groups?: string[];
}
declare class Okta extends Provider<OktaClaims> {
	readonly name: "okta";
}

const auth = portcullis({
	providers: [Okta, () => Promise.resolve(Okta)],
	auth: true,
	extraScopes: ["groups"],
});
const { State, field, computed, event, check, topic, serverOnly } = auth;
const isAdmin = check((ctx) => ctx.user.claims.groups?.includes("admins") === true);
const eventOnly = check<EventAuthContext<OktaClaims>>((ctx) => ctx.payload === 1);
const pageOnly = check<PageAuthContext<OktaClaims>>((ctx) => ctx.kind === "page");
const notesTopic = topic("notes");
declare const someOptions: EventOptions<OktaClaims>;

class Notes extends State {
	darkMode = field(false, { auth: false });
	filter = field("");
	tags = field<string[]>([]);
	secret = serverOnly<{ count: number }>({ count: 0 });
	notes = computed(() => ["a"], { on: [notesTopic], initial: [] });
	noteCount = computed(() => this.notes.value.length, { initial: 0 });
	asked = computed(
		({ user }) => user.sub,
		async ({ dependencies, user }) => {
			expectTypeOf(dependencies).toEqualTypeOf<string>();
			return `${dependencies} ${user.name}`;
		},
		{ initial: "" },
	);
	mine = computed(({ user }) => user.claims.groups ?? [], { initial: [] });
	open = computed(({ user }) => user?.name ?? "nobody", { auth: false, initial: "" });
	audit = computed(
		() => this.filter.value,
		async ({ dependencies: filter, signal, user }) => [filter, String(signal.aborted), user.name],
		{ auth: isAdmin, initial: [] },
	);
	// @ts-expect-error a check for events is refused on a value
	bad = computed(() => 1, { auth: eventOnly, initial: 0 });
	// @ts-expect-error a check for pages is refused on a field
	badField = field(1, { auth: pageOnly });
	// @ts-expect-error a check for pages is refused on an event
	badEvent = event({ auth: pageOnly }, () => {});
	// @ts-expect-error an initial value of another type
	badInitial = computed(() => 1, { initial: "x" });

	toggle = event({ auth: false }, ({ user }) => {
		expectTypeOf(user).extract<undefined>().toEqualTypeOf<undefined>();
		this.darkMode.value = !this.darkMode.value;
		return user?.name;
	});
	add = event({ input: z.string().trim().min(1) }, async ({ input: text, user }) => {
		expectTypeOf(text).toEqualTypeOf<string>();
		expectTypeOf(user.claims.groups).toEqualTypeOf<string[] | undefined>();
		notesTopic.changed();
	});
	limit = event(
		{ input: z.object({ max: z.coerce.number().default(3) }), auth: isAdmin },
		({ input: { max } }) => max,
	);
	clear = event({ auth: isAdmin }, async ({ toast }) => {
		toast("x");
		// @ts-expect-error values are readonly all the way down
		this.tags.value.push("x");
		// @ts-expect-error values are readonly all the way down
		this.secret.value.count++;
	});
	steps = event(async function* (this: Notes) {
		yield;
		return 3;
	});
	slow = event({ background: true }, async ({ update }) => update(() => 1));
	// @ts-expect-error update belongs to background events
	notSlow = event({ auth: true }, async ({ update }) => update(() => 1));
	both = event(({ input, user }) => {
		expectTypeOf(input).toEqualTypeOf<undefined>();
		expectTypeOf(user.claims).toEqualTypeOf<Readonly<OktaClaims>>();
	});
	withChecks = event({ auth: ({ user }) => user.claims.groups?.includes("a") }, ({ user }) => {
		expectTypeOf(user.claims).toEqualTypeOf<Readonly<OktaClaims>>();
	});
	mayBeOpen = event(someOptions, ({ user }) => {
		expectTypeOf(user).extract<undefined>().toEqualTypeOf<undefined>();
	});
	// @ts-expect-error user may be absent in a public event
	bad2 = event({ auth: false }, ({ user }) => user.name);
}
class More extends Notes {
	extra = field(1);
}

const gate = auth.gate({
	states: { notes: Notes, more: More },
	pages: { "/": { auth: false }, "/admin/*": { auth: isAdmin } },
});

type States = (typeof gate)["statesType"];
declare const notes: StateView<States["notes"]>;
declare const more: StateView<States["more"]>;

// The browser's view of a state.
expectTypeOf(notes.noteCount).toEqualTypeOf<number>();
expectTypeOf(notes.darkMode).toEqualTypeOf<boolean>();
expectTypeOf(notes.audit).toEqualTypeOf<readonly string[]>();
expectTypeOf(more.extra).toEqualTypeOf<number>();
expectTypeOf(more.noteCount).toEqualTypeOf<number>();
expectTypeOf(notes.$withheld.noteCount).toEqualTypeOf<boolean>();
expectTypeOf<ReturnType<typeof notes.add>>().toEqualTypeOf<Promise<EventResult<void>>>();
expectTypeOf<ReturnType<typeof notes.steps>>().toEqualTypeOf<Promise<EventResult<number>>>();
expectTypeOf<Parameters<typeof notes.toggle>>().toEqualTypeOf<[]>();
expectTypeOf<Parameters<typeof notes.add>>().toEqualTypeOf<[input: string]>();
// @ts-expect-error serverOnly values are on the server only
notes.secret;
// @ts-expect-error wrong input
void (() => notes.add(3));
// @ts-expect-error no such event
void (() => notes.nothing());

// With `auth: false` as the default, nobody may be signed in.
{
	const open = portcullis({ providers: [Okta], auth: false });
	class Open extends open.State {
		// @ts-expect-error user may be absent
		bad = open.event(({ user }) => user.name);
		good = open.event({ auth: true }, ({ user }) => user.name);
	}
	expectTypeOf<InstanceType<typeof Open>>().not.toBeAny();
}

expectTypeOf(isAdmin).toExtend<Check<EventAuthContext<OktaClaims>>>();
