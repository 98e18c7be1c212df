import type { Problem } from "./problem.ts";
import type { SessionAnswer } from "./session-answer.ts";

/**
 * Header that script sends with every request that is not a plain navigation. Not safelisted:
 * another origin cannot send it without CORS. Needs no value.
 */
export const REQUEST_HEADER = "portcullis-request";

/** Content type of answers that come line by line, one JSON object a line. */
export const LINES_TYPE = "application/x-ndjson";

/** A value as `devalue` flattens it, already parsed from JSON: `unflatten` brings it back. */
export type Encoded = number | readonly unknown[];

/** What the browser has to know of an event before it calls it. */
export interface EventInfo {
	/** Calls within so many milliseconds after one that was sent are dropped. */
	readonly throttle?: number;
	/** A call waits until there was none for so many milliseconds; only the last one is sent. */
	readonly debounce?: number;
	/** Dropped instead of sent later while the server cannot be reached. */
	readonly temporal?: true;
	/** Does not hold up the events after it. */
	readonly background?: true;
}

/**
 * Values of one client (a tab) as this person may see them. Later ones replace earlier ones by
 * `rev`, no matter how they arrive.
 */
export interface StateDelta {
	/** Grows with each delivery to a client. A value is replaced only by one of a higher `rev`. */
	readonly rev: number;
	/**
	 * True if these are all values of the states asked for; anything else held of them is to be
	 * dropped.
	 */
	readonly full?: true;
	/** By `state.name`. A withheld value has its placeholder here. */
	readonly values: Readonly<Record<string, Encoded>>;
	/** Names among `values` that are withheld. */
	readonly withheld?: readonly string[];
}

/** What `POST hydrate` is asked. */
export interface HydrateRequest {
	/** The client's sealed name, if the tab has one. */
	readonly client?: string;
	/** Names of the states that the tab uses; all of them if absent. */
	readonly states?: readonly string[];
	/** Path and query that a client-side navigation is about to go to. */
	readonly path?: string;
}

/** What `POST hydrate` answers, and what a server puts into the first page (`gate.snapshot`). */
export interface Snapshot extends StateDelta {
	/**
	 * The client's sealed name, to be sent with every request. May differ from the one that was sent:
	 * the newest one counts.
	 */
	readonly client: string;
	/**
	 * When the record of this client began; 0 while nothing of it is kept. Tells the server whether
	 * it can know the fate of an event.
	 */
	readonly epoch: number;
	/** Events by state, then by name. */
	readonly events: Readonly<Record<string, Readonly<Record<string, EventInfo>>>>;
	readonly session: SessionAnswer;
	/** Only if a path was asked about. */
	readonly page?: PageDecision;
}

/** Whether this person may open a path, and where to go instead. */
export type PageDecision =
	| { readonly outcome: "allow" }
	/** `href` is the login page, with the way back in it. */
	| { readonly outcome: "login"; readonly href: string }
	| { readonly outcome: "forbidden"; readonly href: string };

/** What `POST event` is asked. */
export interface EventRequest {
	readonly client: string;
	/** The newest `epoch` and `rev` that the client got. */
	readonly epoch: number;
	readonly rev: number;
	/** Names of the states that the tab uses; deltas are about these. All of them if absent. */
	readonly states?: readonly string[];
	/** 1, 2, 3 ... for each client: events run in this order. */
	readonly seq: number;
	/** Unguessable, new for every call: an event is run once for one id. */
	readonly id: string;
	readonly state: string;
	readonly event: string;
	/** Plain JSON. */
	readonly payload?: unknown;
	/** True if this was sent before and no outcome came. */
	readonly repeat?: true;
}

/** A message for the person. */
export interface Toast {
	readonly message: string;
	readonly kind: "info" | "success" | "error";
}

/** What is left to do in the browser after an event. */
export interface EventEffects {
	readonly toasts?: readonly Toast[];
	/** Path of the own origin, or an absolute address where the app said so. */
	readonly redirect?: string;
	readonly logout?: true;
}

/** How an event that was let in ended. */
export type EventOutcome = EventEffects &
	(
		| { readonly status: "ok"; readonly value: Encoded }
		/**
		 * The handler threw; what it had changed since its last `yield` is undone. `errorId` is in the
		 * log, where there is one.
		 */
		| { readonly status: "failed"; readonly code: string; readonly errorId?: string }
		/** Sent before, and what became of it is not known. It was not run now. */
		| { readonly status: "unknown" }
	);

/**
 * One line of the answer to an event that was let in: deltas, the outcome, and deltas of values
 * that were still being computed.
 */
export type EventLine =
	| { readonly type: "delta"; readonly delta: StateDelta; readonly epoch: number }
	| { readonly type: "outcome"; readonly outcome: EventOutcome; readonly epoch: number };

/** What `POST stream` is asked: one for all tabs of a browser. */
export interface StreamRequest {
	readonly clients: readonly {
		readonly client: string;
		readonly rev: number;
		readonly states?: readonly string[];
	}[];
}

/** One line of the stream. Empty lines keep the connection open. */
export type StreamLine =
	/** The stream is there; what changed before comes next. */
	| { readonly type: "open" }
	/** `client` is the place in the request's list. */
	| {
			readonly type: "delta";
			readonly client: number;
			readonly delta: StateDelta;
			readonly epoch: number;
	  }
	/** This tab must hydrate anew: its record belongs to another person by now, or is not known. */
	| { readonly type: "stale"; readonly client: number }
	/**
	 * The session has ended or changed: everything is to be hydrated anew, then a new stream opened.
	 */
	| { readonly type: "session" }
	/** The server closes; open again after a moment. */
	| { readonly type: "bye" };

/** What is wrong with a payload (422), from the event's schema. */
export interface InputIssue {
	readonly message: string;
	readonly path: readonly (string | number)[];
}

/** The problem of a refused state request; `issues` only with `input_invalid`. */
export interface StateProblem extends Problem {
	readonly issues?: readonly InputIssue[];
}
