import { answerTo } from "../../base/error-table.ts";
import { type ErrorCode, StateError } from "../../base/errors.ts";
import type { InputIssue } from "../../wire/state.ts";

/** The answer to an event. */
export type Dispatched =
	| Refused
	/** All lines of the answer. */
	| { readonly kind: "done"; readonly text: string }
	/** Lines as they come. */
	| { readonly kind: "lines"; readonly lines: AsyncIterable<string> };

/** The event was not run. */
export interface Refused {
	readonly kind: "refused";
	readonly refusal: EventRefusal;
}

/** Why an event was not run. */
export interface EventRefusal {
	readonly status: number;
	readonly code: ErrorCode;
	readonly title: string;
	readonly issues?: readonly InputIssue[];
	/** Seconds. */
	readonly retryAfter?: number;
	/** For the log. */
	readonly message: string;
	readonly reason?: string;
	readonly cause?: unknown;
}

export const STATE_UNKNOWN: Refused = refused({
	...answerTo("state_unknown"),
	message: "An event of a state that does not exist was sent",
});

export const EVENT_UNKNOWN: Refused = refused({
	...answerTo("event_unknown"),
	message: "An event that does not exist was sent",
});

export const NOT_UNDERSTOOD: Refused = refused({
	...answerTo("body_invalid"),
	message: "An event without a proper id or seq was sent",
});

export const LOGIN_REQUIRED: Refused = refused({
	status: 401,
	code: "login_required",
	title: "Sign in to do this",
	message: "An event was sent by an anonymous caller",
});

/**
 * The tab is not the caller's, or not known: the browser has to hydrate before it sends anything.
 */
export const STALE: Refused = stale("An event was sent for a tab that is not the caller's");

/** The name of the tab cannot be opened. */
export const UNREADABLE_TAB: Refused = stale(
	"An event was sent for a tab that no secret here opens. Is PORTCULLIS_SECRET the same on every replica? It may also have been replaced since the page was opened",
);

function stale(message: string): Refused {
	return refused({ ...answerTo("client_stale"), message });
}

export function outOfOrder(event: string): Refused {
	return refused({
		...answerTo("event_out_of_order"),
		message: `${event} came after an event that was sent later`,
	});
}

export function tooMany(message: string): Refused {
	return refused({
		status: 429,
		code: "too_many_requests",
		title: "Too many requests at once",
		retryAfter: 1,
		message,
	});
}

export function forbidden(event: string, reason: string): Refused {
	return refused({
		status: 403,
		code: "forbidden",
		title: "You cannot do this",
		message: `A check said no to ${event}`,
		reason,
	});
}

/** @param cause What is wanted: the app knows the way to the provider. */
export function stepUpRequired(event: string, cause: unknown): Refused {
	return refused({
		...answerTo("step_up_required"),
		message: `${event} takes a sign-in that is newer or stronger`,
		cause,
	});
}

/** @param cause What the schema threw. */
export function schemaFailed(event: string, cause: unknown): Refused {
	return refused({
		status: 500,
		code: "internal_error",
		title: "Internal error",
		message: `The schema of ${event} threw`,
		cause,
	});
}

export function invalidInput(message: string, issues: readonly InputIssue[]): Refused {
	return refused({
		...answerTo("input_invalid"),
		issues,
		message,
	});
}

/** A store that is busy or away refuses the event; nothing has been run. */
export function storeRefusal(error: StateError): Refused {
	const isRetryable = error.code === "state_busy" || error.code === "state_store_unavailable";
	return refused({
		...answerTo("state_store_unavailable"),
		code: error.code,
		message: error.message,
		cause: error,
		...(isRetryable ? { retryAfter: 1 } : {}),
	});
}

/** @throws what is no error of the store. */
export function refuseForStore(error: unknown): Refused {
	if (error instanceof StateError) return storeRefusal(error);
	throw error;
}

export function refused(refusal: EventRefusal): Refused {
	return { kind: "refused", refusal };
}
