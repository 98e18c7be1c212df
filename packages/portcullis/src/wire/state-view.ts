import type { InputIssue } from "./state.ts";

/** Readonly all the way down, as values are on both sides. */
export type DeepReadonly<T> = T extends (...args: never[]) => unknown
	? T
	: T extends Date | RegExp | URL | ArrayBuffer | ArrayBufferView
		? T
		: T extends Map<infer K, infer V>
			? ReadonlyMap<DeepReadonly<K>, DeepReadonly<V>>
			: T extends Set<infer E>
				? ReadonlySet<DeepReadonly<E>>
				: T extends object
					? { readonly [K in keyof T]: DeepReadonly<T[K]> }
					: T;

/** What a client reads of a State class: structural, so that no server code is needed for it. */
interface ValueLike<T = unknown> {
	readonly kind: "field" | "computed";
	readonly value: T;
}

interface EventLike {
	readonly kind: "event";
	// biome-ignore lint/suspicious/noExplicitAny: any input
	readonly io: (input: any) => unknown;
}

/** The gate's type, as far as a client needs it: `createReactClient<typeof gate>()`. */
export interface GateLike {
	readonly statesType: Readonly<Record<string, object>>;
	readonly claimsType: unknown;
}

/** Names of the states of a gate. */
export type StateName<G extends GateLike> = keyof G["statesType"] & string;

type ValueNames<S> = { [K in keyof S]: S[K] extends ValueLike ? K : never }[keyof S];
type EventNames<S> = { [K in keyof S]: S[K] extends EventLike ? K : never }[keyof S];

/** What the browser has of a state: its values, its events as functions, and what is withheld. */
export type StateView<S> = {
	readonly [K in ValueNames<S>]: S[K] extends ValueLike<infer T> ? DeepReadonly<T> : never;
} & {
	readonly [K in EventNames<S>]: S[K] extends { readonly io: (input: infer I) => infer R }
		? EventFunction<I, R>
		: never;
} & {
	/** True by name for a value that this person may not see: its placeholder is there instead. */
	readonly $withheld: { readonly [K in ValueNames<S>]: boolean };
	/** By name the value that this person may see; `undefined` for one that is withheld. */
	readonly $granted: {
		readonly [K in ValueNames<S>]: S[K] extends ValueLike<infer T>
			? DeepReadonly<T> | undefined
			: never;
	};
};

/** An event of the server as the browser calls it. Never rejects: how it ended is the result. */
export interface EventFunction<I, R> {
	// An event without input is called without arguments.
	(
		...args: [I] extends [undefined] ? [] : undefined extends I ? [input?: I] : [input: I]
	): Promise<EventResult<R>>;
	/** True while a call of it, from this tab, has no result yet. */
	readonly pending: boolean;
}

/** How a call of an event ended. */
export type EventResult<R> =
	| { readonly ok: true; readonly status: "ok"; readonly value: R }
	/**
	 * Not run: not signed in (`login`: the browser is on its way to the login page), or a check said
	 * no.
	 */
	| { readonly ok: false; readonly status: "denied"; readonly reason: "login" | "forbidden" }
	/** Not run: the input does not fit the event's schema. */
	| { readonly ok: false; readonly status: "invalid"; readonly issues: readonly InputIssue[] }
	/**
	 * The handler threw, or the server refused the call. Nothing was changed. `errorId` is in the
	 * server's log where there is one.
	 */
	| {
			readonly ok: false;
			readonly status: "failed";
			readonly code: string;
			readonly errorId?: string;
			/** Say at once that you tell the person yourself: the client shows no message then. */
			readonly handled: () => void;
	  }
	/**
	 * Sent, and it is unknown whether it ran: the server restarted, or cannot be reached. It is never
	 * sent again by itself.
	 */
	| {
			readonly ok: false;
			readonly status: "unknown";
			/** Say at once that you tell the person yourself: the client shows no message then. */
			readonly handled: () => void;
	  }
	/**
	 * Not sent: dropped by `throttle`, replaced by a later call (`debounce`), or `temporal` while the
	 * server could not be reached.
	 */
	| { readonly ok: false; readonly status: "dropped" };
