// Checked by `npm run typecheck`, never run: both what must compile and what must not.
import { expectTypeOf } from "vitest";
import {
	type Client,
	createClient,
	type EventResult,
	type GateLike,
	type InputIssue,
} from "../../src/client.ts";
import { createReactClient, type SessionUser } from "../../src/react.ts";

interface ValueOf<T> {
	readonly kind: "field" | "computed";
	readonly value: T;
}
interface EventOf<I, R> {
	readonly kind: "event";
	readonly io: (input: I) => R;
}
interface Gate extends GateLike {
	readonly statesType: {
		readonly notes: {
			readonly noteCount: ValueOf<number>;
			readonly notes: ValueOf<{ text: string; tags: string[] }[]>;
			readonly since: ValueOf<Date>;
			readonly addNote: EventOf<string, void>;
			readonly clear: EventOf<void, number>;
			readonly filter: EventOf<string | undefined, void>;
			readonly hidden: string;
		};
		readonly theme: { readonly dark: ValueOf<boolean> };
	};
	readonly claimsType: { readonly sub: string };
}

const client = createClient<Gate>({ states: ["notes"] });
// @ts-expect-error no such state
createClient<Gate>({ states: ["nothing"] });
// @ts-expect-error no such option
createClient<Gate>({ endPoint: "/x" });

const notes = client.state("notes");
expectTypeOf(notes).not.toBeAny();
expectTypeOf(notes.noteCount).toEqualTypeOf<number>();
expectTypeOf(notes.since).toEqualTypeOf<Date>();
expectTypeOf(notes.$withheld.notes).toEqualTypeOf<boolean>();
expectTypeOf(notes.$granted.noteCount).toEqualTypeOf<number | undefined>();
expectTypeOf(notes.$granted.since).toEqualTypeOf<Date | undefined>();
// @ts-expect-error it may be withheld
notes.$granted.notes.length;
// @ts-expect-error readonly all the way down
notes.$granted.notes?.[0]?.tags.push("x");
// @ts-expect-error events are not withheld
notes.$granted.clear;
expectTypeOf(notes.addNote("x")).toEqualTypeOf<Promise<EventResult<void>>>();
expectTypeOf(notes.clear()).toEqualTypeOf<Promise<EventResult<number>>>();
expectTypeOf(notes.addNote.pending).toEqualTypeOf<boolean>();
notes.filter();
notes.filter("x");
// @ts-expect-error wrong input
notes.addNote(3);
// @ts-expect-error no input
notes.addNote();
// @ts-expect-error takes no input
notes.clear("x");
// @ts-expect-error values are set by events
notes.noteCount = 3;
// @ts-expect-error readonly all the way down
notes.notes[0]?.tags.push("x");
// @ts-expect-error neither a value nor an event
notes.hidden;
// @ts-expect-error events are not withheld
notes.$withheld.clear;
// @ts-expect-error no such state
client.state("nothing");
// @ts-expect-error no such state
client.ready("nothing");

const result = await notes.clear();
if (result.ok) expectTypeOf(result.value).toEqualTypeOf<number>();
else if (result.status === "invalid")
	expectTypeOf(result.issues).toEqualTypeOf<readonly InputIssue[]>();
else if (result.status === "denied")
	expectTypeOf(result.reason).toEqualTypeOf<"login" | "forbidden">();
// @ts-expect-error only of one that went well
result.value;
if (result.status === "failed" || result.status === "unknown") result.handled();
// @ts-expect-error only of one that the person would be told of
else if (result.status === "dropped") result.handled();
createClient<Gate>({
	onError: ({ state, event, result }) => console.log(state, event, result.status),
	texts: { failed: "No." },
	language: "de",
});

const decision = await client.navigate("/x");
// @ts-expect-error an allowed page has no other address
decision.href;
if (decision.outcome !== "allow") expectTypeOf(decision.href).toEqualTypeOf<string>();

const react = createReactClient<Gate>();
// @ts-expect-error a snapshot belongs to a request: the provider gets it
createReactClient<Gate>({ snapshot: undefined });

/** Hooks are called in components. */
export function useTypes(): void {
	expectTypeOf(react.useServerState("theme").dark).toEqualTypeOf<boolean>();
	expectTypeOf(
		react.useServerState("notes", (state) => state.notes.length),
	).toEqualTypeOf<number>();
	expectTypeOf(react.useServerState("notes").addNote("x")).toEqualTypeOf<
		Promise<EventResult<void>>
	>();
	// @ts-expect-error wrong input
	react.useServerState("notes").addNote(3);
	// @ts-expect-error no such state
	react.useServerState("nothing");
	// @ts-expect-error no such value
	react.useServerState("notes", (state) => state.nothing);
	expectTypeOf(react.useUser()).toEqualTypeOf<SessionUser | undefined>();
	expectTypeOf(react.usePortcullis()).toEqualTypeOf<Client<Gate>>();
}
