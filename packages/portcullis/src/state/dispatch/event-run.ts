import type { EventAuthContext } from "../../guard/context.ts";
import type { DenialReason } from "../../guard/decide.ts";
import type { User } from "../../session/user.ts";
import type { EventRequest } from "../../wire/state.ts";
import type { Caller } from "../caller.ts";
import type { EventCell } from "../cells.ts";
import type { EventType, StateType } from "../state-types.ts";
import type { TabHost } from "../tabs/tab-host.ts";
import type { TabState } from "../tabs/tab-state.ts";
import type { ViewLog } from "../view.ts";

/** What the dispatcher and its parts need from outside. */
export interface DispatchDeps {
	readonly host: TabHost;
	readonly types: (names: readonly string[] | undefined) => readonly StateType[];
	readonly findEvent: (
		state: string,
		event: string,
	) => { type: StateType; event: EventType } | "no state" | "no event";
	readonly log: ViewLog;
	readonly now: () => number;
	/**
	 * Hears what was decided about each event that is not open to everyone. Never rejects;
	 * `undefined` if it need not be waited for.
	 */
	readonly audit?: ((decided: DecidedEvent) => Promise<void> | undefined) | undefined;
	/** Logs a handler that threw. Returns the error id that the person is shown. */
	readonly logFailed: (event: string, error: unknown, caller: Caller) => string | undefined;
}

/** What was decided about one event. */
export interface DecidedEvent {
	/** State and name. */
	readonly handler: string;
	readonly payload: unknown;
	readonly caller: Caller;
	readonly outcome: "allowed" | "denied_toast" | "redirected_to_login" | "failure";
	readonly reason?:
		| DenialReason
		| "login_required"
		| "session_ended"
		| "input_invalid"
		| "internal_error"
		| undefined;
}

/** One event from its request to its answer. */
export interface EventRun {
	readonly tabId: string;
	readonly request: EventRequest;
	readonly caller: Caller;
	readonly type: StateType;
	readonly event: EventType;
	/** The states that the browser wants to hear about. */
	readonly types: readonly StateType[];
	/** What the browser has, or will have once it has read this answer so far. */
	browserRev: number;
	/** Nothing was delivered for it yet. */
	isFirst: boolean;
}

/** What the check of an event gets. */
export function contextOf({ event, request, caller }: EventRun, tab: TabState): EventAuthContext {
	return {
		kind: "event",
		event: event.id,
		payload: request.payload,
		user: caller.user as User,
		request: caller.request,
		getState: (state) => tab.getState(state),
		now: caller.now,
	};
}

/** Calls the handler of an event. */
export function callHandler(instance: object, { name }: EventType, call: unknown): unknown {
	const { handler } = (instance as Record<string, EventCell>)[name] as EventCell;
	return handler.call(instance, call);
}

export function isGenerator(value: unknown): value is AsyncGenerator | Generator {
	return (
		typeof value === "object" &&
		value !== null &&
		typeof (value as { next?: unknown }).next === "function" &&
		(Symbol.asyncIterator in value || Symbol.iterator in value)
	);
}
