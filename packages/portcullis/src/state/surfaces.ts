import type { StandardSchemaV1 } from "../base/standard-schema.ts";
import type { EventAuthContext, GetState, Rule, ValueAuthContext } from "../guard/context.ts";
import type { UserClaims } from "../protocol/types.ts";
import type { Toast } from "../wire/state.ts";
import type { DeepReadonly } from "../wire/state-view.ts";
import type { Topic } from "./topic.ts";

/** A value that events change and the browser sees. */
export interface Field<T> {
	readonly kind: "field";
	/**
	 * Readonly all the way down: assign a new value to change it. Assigning is for event handlers
	 * alone.
	 */
	get value(): DeepReadonly<T>;
	set value(value: DeepReadonly<T>);
}

/** A value that is worked out from others, and that the browser sees. */
export interface Computed<T> {
	readonly kind: "computed";
	readonly value: DeepReadonly<T>;
}

/** A value that is kept with the tab and never sent. */
export interface ServerOnly<T> {
	readonly kind: "serverOnly";
	get value(): DeepReadonly<T>;
	set value(value: DeepReadonly<T>);
}

/** A function of the server that the browser calls. There is no way to call it past the gate. */
export interface Event<I, R> {
	readonly kind: "event";
	/** The types of input and result; there is no such value. */
	readonly io: (input: I) => R;
}

export interface FieldOptions<U extends UserClaims = UserClaims> {
	/** Who sees it. Default: the app's `auth`. Others get the field's default in its place. */
	readonly auth?: Rule<ValueAuthContext<U>>;
}

export interface ComputedOptions<T, U extends UserClaims = UserClaims> extends FieldOptions<U> {
	/**
	 * What stands there for those who may not see it, while an asynchronous value is not there yet,
	 * and when it throws.
	 */
	readonly initial: T;
	/** Worked out anew when one of these changes. */
	readonly on?: readonly Topic[];
	/**
	 * Worked out anew after so many seconds: at the next request, and on an open stream. At least 1.
	 */
	readonly interval?: number;
}

/** What a computed value is worked out with besides the fields that it reads. */
export interface ComputedCall<Who> {
	/** The person who sees it. Reading it makes the value depend on it. */
	readonly user: Who;
}

/** What the asynchronous part of a computed value gets. */
export interface AsyncComputedCall<Who, Dependencies> extends ComputedCall<Who> {
	/** What the first function returned. */
	readonly dependencies: Dependencies;
	/**
	 * Aborts when the value is worked out anew before this one is there, or it is needed no longer.
	 */
	readonly signal: AbortSignal;
}

export interface EventOptions<U extends UserClaims = UserClaims> {
	/** Who may call it. Default: the app's `auth`. */
	readonly auth?: Rule<EventAuthContext<U>>;
	/**
	 * A Standard Schema (zod, valibot, arktype ...) for the input; what does not fit is refused
	 * before the handler runs. Without one there is no input.
	 */
	readonly input?: StandardSchemaV1;
	/**
	 * Milliseconds in which the browser sends it only once; further calls are dropped. A convenience,
	 * no limit that a hostile caller keeps.
	 */
	readonly throttle?: number;
	/** Milliseconds of silence that the browser waits for; only the last call is sent. */
	readonly debounce?: number;
	/** Dropped by the browser while the server cannot be reached, instead of sent later. */
	readonly temporal?: boolean;
	/** Runs beside the tab's other events, and changes state only inside `update`. */
	readonly background?: boolean;
}

/** What the handler of an event gets: all that belongs to one call. */
export interface EventCall<Who, Input = undefined> {
	/** What the schema made of the input; `undefined` without a schema, even if an input was sent. */
	readonly input: Input;
	/**
	 * Who calls; `undefined` only where `auth: false` lets anonymous callers in. The same object
	 * until the handler ends.
	 */
	readonly user: Who;
	readonly request: Request;
	/**
	 * Aborts when the tab gets another owner, its session ends or the server gives the tab up. What
	 * is written then is dropped.
	 */
	readonly signal: AbortSignal;
	/** Shows the person a message once the event has ended. */
	toast(message: string, kind?: Toast["kind"]): void;
	/**
	 * Sends the browser to a path of the own origin once the event has ended. @throws {TypeError} for
	 * anything else, unless `external` is true.
	 */
	redirect(path: string, options?: { readonly external?: boolean }): void;
	/** Signs the person out once the event has ended. */
	logout(): void;
	/** The instance of another State of the same tab. */
	readonly getState: GetState;
}

/** What the handler of a `background` event gets. */
export interface BackgroundCall<Who, Input = undefined> extends EventCall<Who, Input> {
	/**
	 * Changes state: takes the tab's lease, runs `change`, keeps and delivers what it changed.
	 *
	 * @throws {StateError} `state_write_refused` once the tab has another owner: the change is
	 *   not run.
	 */
	update<T>(change: () => T | Promise<T>): Promise<T>;
}
