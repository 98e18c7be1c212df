import { MAX_NESTING } from "../base/nesting.ts";
import { oneLine } from "../base/one-line.ts";
import { Repeats } from "../base/repeats.ts";
import { within } from "../base/within.ts";
import type { Log } from "./log.ts";

/**
 * What happened. The last two are decisions of the guard, about surfaces that are not open to
 * everyone.
 */
export type AuditAction =
	| "login_started"
	| "login_completed"
	| "logout"
	| "token_refresh"
	| "session_expired"
	| "page_load"
	| "event_handler";

/**
 * How it ended. The first two are of actions; a decision that could not be made is a `failure` as
 * well.
 */
export type AuditOutcome =
	| "success"
	| "failure"
	| "allowed"
	| "redirected_to_login"
	| "redirected_to_forbidden"
	| "denied_toast";

/** Why, in words for machines. They stay the same from version to version; new ones may come. */
export type AuditReason =
	| "access_denied"
	| "attempt_expired"
	| "attempt_reused"
	| "backchannel_logout"
	| "callback_invalid"
	| "check_denied"
	| "check_not_boolean"
	| "check_threw"
	| "check_timed_out"
	| "claim_missing"
	| "claims_invalid"
	| "clock_skew"
	| "config_invalid"
	| "cookies_blocked"
	| "cookies_too_large"
	| "csrf_failed"
	| "csrf_state_mismatch"
	| "handoff_invalid"
	| "input_invalid"
	| "insecure_origin"
	| "insufficient_scope"
	| "internal_error"
	| "issuer_mismatch"
	| "login_required"
	| "multiple_credentials"
	| "no_session"
	| "popup_logout_synced"
	| "popup_tokens_synced"
	| "provider_refused"
	| "provider_unreachable"
	| "refresh_failed"
	| "refresh_refused"
	| "replaced_by_login"
	| "session_ended"
	| "stale_cookies"
	| "step_up_required"
	| "token_exchange_failed"
	| "tokens_invalid"
	| "too_many_redirects"
	| "too_many_requests"
	| "transaction_invalid"
	| "unknown_provider"
	| "userinfo_invalid";

/** The person at that moment: only the claims that tell people apart. */
export interface AuditPerson {
	readonly iss?: string;
	readonly sub?: string;
	readonly name?: string;
	readonly email?: string;
}

/**
 * What is known of one thing that happened. Frozen through and through; holds no token, code,
 * cookie, verifier or secret.
 */
export interface AuditContext {
	/** When, in milliseconds since the epoch. */
	readonly time: number;
	/** Name of the provider. */
	readonly provider?: string;
	/** Path that was asked for, without query and fragment. */
	readonly route?: string;
	/**
	 * The session, by a random id that stays the same through refreshes. It is in no cookie that can
	 * be read, and it grants no access.
	 */
	readonly session?: string;
	/** The login attempt: the same at its start and end, and the error id if it fails. */
	readonly attempt?: string;
	/** Of an event: state and name, as `notes.addNote`. */
	readonly handler?: string;
	/**
	 * What the event was sent with, as the browser sent it; without what is nested more than 100
	 * levels deep.
	 */
	readonly payload?: unknown;
	readonly reason?: AuditReason;
	/** The error id that the person was shown; the log line has it too. */
	readonly errorId?: string;
	/** Who it was, read before a session's values went. */
	readonly userinfo?: AuditPerson;
}

/**
 * Hears of each login, logout, renewal and decision, once. It only observes: what it returns is not
 * looked at, what it throws is logged, and what it promises is waited for no longer than 250 ms.
 * Calls about one session come in the order in which things happened.
 */
export type Audit = (action: AuditAction, outcome: AuditOutcome, context: AuditContext) => unknown;

/**
 * One thing that happened, in words of which there are few: nothing in it names a person, a
 * session, an address, or anything that a request brought along.
 */
export interface TelemetryEvent {
	readonly action: AuditAction;
	/** Never `allowed`: what was let in is the app's to count. */
	readonly outcome: Exclude<AuditOutcome, "allowed">;
	/** Name of the provider. */
	readonly provider?: string;
	readonly reason?: AuditReason;
	/** Of an event of server state: state and name, as `notes.addNote`. */
	readonly handler?: string;
}

const LATE = Symbol("late");
/** How long a request waits for the hook at most. Milliseconds. */
export const AUDIT_TIMEOUT = 250;
/** The same complaint about the hook is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;

/** What a caller knows of it; empty members are left out. */
export type AuditDetails = {
	readonly [K in keyof Omit<AuditContext, "time">]?: AuditContext[K] | undefined;
};

/**
 * Calls the hook of an app, in order for each session, and lets nothing of it reach a request.
 * Telemetry hears of the same things.
 */
export class AuditTrail {
	/** False if no hook wants to hear of allowed requests, which are nearly all of them. */
	readonly hearsAllowed: boolean;
	readonly #audit: Audit | undefined;
	readonly #record: ((event: TelemetryEvent) => void) | undefined;
	readonly #log: Log;
	readonly #now: () => number;
	/**
	 * What the next call about a session waits for. Settles 250 ms after it was asked for at the
	 * latest, even if the hook never settles.
	 */
	readonly #tails = new Map<string, Promise<void>>();
	readonly #complaints: Repeats;

	/**
	 * @param now milliseconds since the epoch.
	 * @param record Must not throw.
	 */
	constructor(
		audit: Audit | undefined,
		log: Log,
		now: () => number,
		record?: (event: TelemetryEvent) => void,
	) {
		this.hearsAllowed = audit !== undefined;
		this.#record = record;
		this.#audit = audit;
		this.#log = log;
		this.#now = now;
		this.#complaints = new Repeats(1, LOG_AGAIN, now);
	}

	/**
	 * Says that something happened. To be awaited before the answer; never throws and never rejects.
	 *
	 * @returns `undefined` if the hook was done at once, so that a request that needed no waiting
	 *   needs none now.
	 */
	emit(
		action: AuditAction,
		outcome: AuditOutcome,
		details: AuditDetails,
	): Promise<void> | undefined {
		if (this.#record && outcome !== "allowed") {
			const { provider, reason, handler } = details;
			this.#record({
				...{ action, outcome },
				...(provider === undefined ? {} : { provider }),
				...(reason === undefined ? {} : { reason }),
				...(handler === undefined ? {} : { handler }),
			});
		}
		if (!this.#audit) return undefined;
		// One level more: the record itself.
		const context = freezeCopy({ time: this.#now(), ...details }, MAX_NESTING + 1) as AuditContext;
		const call = () => this.#call(action, outcome, context);
		const { session } = context;
		const before = session === undefined ? undefined : this.#tails.get(session);
		const running = before ? before.then(call) : call();
		if (!running) return undefined;
		const tail = this.#within(running, action);
		if (session === undefined) return tail;
		this.#tails.set(session, tail);
		return tail.then(() => {
			if (this.#tails.get(session) === tail) this.#tails.delete(session);
		});
	}

	#call(
		action: AuditAction,
		outcome: AuditOutcome,
		context: AuditContext,
	): Promise<void> | undefined {
		const fail = (cause: unknown) =>
			this.#complain("audit_failed", `The audit hook failed on ${action}`, cause);
		try {
			const result = this.#audit?.(action, outcome, context);
			if (
				typeof result !== "object" ||
				result === null ||
				typeof (result as PromiseLike<unknown>).then !== "function"
			)
				return undefined;
			return Promise.resolve(result as PromiseLike<unknown>).then(() => {}, fail);
		} catch (cause) {
			fail(cause);
			return undefined;
		}
	}

	async #within(running: Promise<unknown>, action: AuditAction): Promise<void> {
		const first = await within(AUDIT_TIMEOUT, running, LATE);
		if (first === LATE)
			this.#complain(
				"audit_timeout",
				`The audit hook took longer than ${AUDIT_TIMEOUT} ms on ${action}; nobody waits for it`,
			);
	}

	#complain(reason: string, message: string, cause?: unknown): void {
		const keptBack = this.#complaints.take(reason);
		if (keptBack === undefined) return;
		const more = keptBack > 0 ? `, and ${keptBack} times more before that` : "";
		this.#log({
			...{ level: "error", code: "internal_error", reason, message: message + more },
			...(cause === undefined ? {} : { cause }),
		});
	}
}

/** The claims of a person that an audit record contains. */
export function personOf(claims: Readonly<Record<string, unknown>>): AuditPerson {
	const person: Record<string, string> = {};
	for (const name of ["iss", "sub", "name", "email"]) {
		const claim = claims[name];
		if (typeof claim === "string") person[name] = oneLine(claim, MAX_TEXT);
	}
	return person;
}

/** The path of an absolute URL, without query and fragment. */
export function routeOf(url: string): string {
	const start = url.indexOf("/", url.indexOf("://") + 3);
	return start < 0 ? "/" : oneLine(url.slice(start).split(/[?#]/, 1)[0] ?? "/", MAX_TEXT);
}

const MAX_TEXT = 2048;

/** Stands in a record for what is nested deeper than `MAX_NESTING`. */
const TOO_DEEP = "[nested too deep]";

/**
 * A frozen copy that shares no object with the original. What is nested too deep is left out: the
 * record of a refused event must exist for any input of the event, and the app's hook has to be
 * able to write it.
 */
function freezeCopy(value: unknown, levels: number): unknown {
	if (typeof value !== "object" || value === null) return value;
	if (levels === 0) return TOO_DEEP; // proven: deep-audit
	if (Array.isArray(value))
		return Object.freeze(value.map((member) => freezeCopy(member, levels - 1)));
	const copy: Record<string, unknown> = {};
	for (const [name, member] of Object.entries(value)) {
		if (member === undefined) continue;
		// Assigned, "__proto__" would be the copy's prototype.
		Object.defineProperty(copy, name, { value: freezeCopy(member, levels - 1), enumerable: true });
	}
	return Object.freeze(copy);
}
