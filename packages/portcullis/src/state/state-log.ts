import { type AnyErrorCode, isPortcullisError, StateError } from "../base/errors.ts";
import { Repeats } from "../base/repeats.ts";
import { ClaimUnknownError } from "../guard/combine.ts";
import type { Decision } from "../guard/decide.ts";
import type { Caller } from "./caller.ts";
import type { ViewLog } from "./view.ts";

/** The same complaint about the same surface is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;

/** An entry for the log, without the id that the app gives it. */
export interface StateLogEntry {
	readonly level: "error" | "warning";
	readonly code: AnyErrorCode;
	readonly message: string;
	readonly reason?: string;
	readonly cause?: unknown;
}

/**
 * Writes an entry. Returns the error id that finds it in the log; `undefined` if there was too much
 * of the kind.
 *
 * @param address Of the caller whose request it is about.
 */
export type WriteLog = (entry: StateLogEntry, address?: string) => string | undefined;

/** What server state has to say to the operator. */
export class StateLog implements ViewLog {
	readonly #write: WriteLog;
	readonly #said: Repeats;

	constructor(write: WriteLog, now: () => number) {
		this.#write = write;
		this.#said = new Repeats(1, LOG_AGAIN, now);
	}

	checkFailed(surface: string, { reason, error }: Decision & { outcome: "denied" }): void {
		// Nothing is wrong: another sign-in would do.
		if (reason === "step_up_required") return;
		if (error instanceof ClaimUnknownError) {
			// One line for the claim, and not for each of the values that need it: it is the provider
			// that does not send it.
			if (!this.#isNew(`claim ${error.claim}`)) return;
			const message = `${error.message}; checks that need it say no, on ${surface} for one`;
			this.#write({ level: "warning", code: "forbidden", message, reason });
			return;
		}
		if (!this.#isNew(`${surface} ${reason}`)) return;
		const message = `A check on ${surface} gave no usable answer, which is a no`;
		this.#write({ level: "error", code: "forbidden", message, reason, cause: error });
	}

	valueFailed(surface: string, cause: unknown): void {
		if (!this.#isNew(surface)) return;
		const code = cause instanceof StateError ? cause.code : "value_failed";
		this.#write({
			level: "error",
			code,
			message: `${surface} could not be worked out; its initial value or the last one is shown`,
			cause,
		});
	}

	/** A write that came after its session had ended was dropped. */
	dropped(surface: string): void {
		if (!this.#isNew(`dropped ${surface}`)) return;
		const message = `${surface} was written by something that its handler had not waited for, after the session had ended; the write was dropped`;
		this.#write({ level: "warning", code: "state_write_refused", message });
	}

	/** A handler threw. Returns the error id that the person is shown. */
	handlerFailed(event: string, cause: unknown, { address }: Caller): string | undefined {
		const reason =
			isPortcullisError(cause) && cause.code !== "event_failed" ? { reason: cause.code } : {};
		const message = `The handler of ${event} failed; what it had changed is undone`;
		return this.#write(
			{ level: "error", code: "event_failed", message, ...reason, cause },
			address,
		);
	}

	streamFailed(cause: unknown): void {
		this.#write({ level: "error", code: "internal_error", message: "A stream failed", cause });
	}

	#isNew(complaint: string): boolean {
		return this.#said.take(complaint) !== undefined;
	}
}
