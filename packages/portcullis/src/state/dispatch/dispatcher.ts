import { chain, isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { EventAuthContext } from "../../guard/context.ts";
import { type Decision, decide } from "../../guard/decide.ts";
import type { EventRequest } from "../../wire/state.ts";
import type { Caller } from "../caller.ts";
import { outcomeLine } from "../lines.ts";
import { UNKNOWN_OUTCOME } from "../tabs/outcomes.ts";
import type { LeasedTab } from "../tabs/tab-host.ts";
import { Answers } from "./answers.ts";
import { BackgroundRuns } from "./background.ts";
import { type Early, withEarly } from "./early.ts";
import { contextOf, type DecidedEvent, type DispatchDeps, type EventRun } from "./event-run.ts";
import { type Input, readInput } from "./input.ts";
import {
	type Dispatched,
	EVENT_UNKNOWN,
	forbidden,
	LOGIN_REQUIRED,
	NOT_UNDERSTOOD,
	outOfOrder,
	refuseForStore,
	STALE,
	STATE_UNKNOWN,
	stepUpRequired,
	tooMany,
} from "./refusals.ts";
import { HandlerRuns } from "./run.ts";

/** Requests of one tab that may wait or run at once. */
const MAX_WAITING = 32;
/**
 * How long an event waits for the one before it, which may still be on its way on another
 * connection. Milliseconds.
 */
const PREDECESSOR_WAIT = 1000;
const PREDECESSOR_POLL = 25;
/** What a browser may name an event's call. */
const EVENT_ID = /^[\w-]{8,64}$/;

/**
 * Runs events. The guard is in here: there is no other way to a handler.
 *
 * Order of each call: the caller and CSRF are known before; then the tab's lease, the check, the
 * input, the handler.
 */
export class Dispatcher {
	readonly #deps: DispatchDeps;
	readonly #handlers: HandlerRuns;
	readonly #background: BackgroundRuns;
	readonly #answers: Answers;
	readonly #waiting = new Map<string, number>();

	constructor(deps: DispatchDeps) {
		this.#deps = deps;
		this.#answers = new Answers(deps);
		this.#handlers = new HandlerRuns(this.#answers);
		this.#background = new BackgroundRuns(deps.host, this.#answers);
	}

	/**
	 * Answers at once if neither the store nor anything of the app has to be waited for: a promise
	 * for each step was a fifth of what an event took.
	 *
	 * @param tabId Opened from the request's sealed name of the tab, which is the caller's own.
	 */
	dispatch(tabId: string, request: EventRequest, caller: Caller): MaybePromise<Dispatched> {
		const found = this.#deps.findEvent(request.state, request.event);
		if (found === "no state") return STATE_UNKNOWN;
		if (found === "no event") return EVENT_UNKNOWN;
		// proven: any-event-id, any-seq
		if (!EVENT_ID.test(request.id) || !Number.isSafeInteger(request.seq) || request.seq < 1)
			return NOT_UNDERSTOOD;
		const { type, event } = found;
		// proven: event-for-anonymous
		if (event.rule !== false && !caller.user) {
			const heard = this.#audit(
				{ event, request, caller },
				"redirected_to_login",
				"login_required",
			);
			return chain(heard, () => LOGIN_REQUIRED);
		}

		const waiting = this.#waiting.get(tabId) ?? 0;
		// proven: no-waiting-limit
		if (waiting >= MAX_WAITING) return tooMany(`A tab has ${MAX_WAITING} events waiting`);
		let answer: MaybePromise<Dispatched>;
		try {
			const running = this.#background.find(tabId, request.id);
			const types = this.#deps.types(request.states);
			answer = running
				? running.then((outcome) => ({ kind: "done", text: outcomeLine(outcome, request.epoch) }))
				: this.#answerInOrder({
						tabId,
						request,
						caller,
						type,
						event,
						types,
						browserRev: request.rev,
						isFirst: true,
					});
		} catch (error) {
			return refuseForStore(error);
		}
		if (!isPromise(answer)) return answer;
		// Only what is not done at once can hold up another event.
		this.#waiting.set(tabId, waiting + 1);
		return answer.catch(refuseForStore).finally(() => this.#leave(tabId));
	}

	#leave(tabId: string): void {
		const left = (this.#waiting.get(tabId) ?? 1) - 1;
		if (left > 0) this.#waiting.set(tabId, left);
		else this.#waiting.delete(tabId);
	}

	#answerInOrder(run: EventRun): MaybePromise<Dispatched> {
		return withEarly((early) => this.#inOrder(run, early));
	}

	/**
	 * Events run in the order of `seq`, over any connection and process.
	 *
	 * @param deadline When it waits for the one before it no longer.
	 */
	#inOrder(run: EventRun, early: Early<Dispatched>, deadline?: number): MaybePromise<Dispatched> {
		const { request } = run;
		const now = this.#deps.now();
		const until = deadline ?? now + PREDECESSOR_WAIT;
		const answer = this.#deps.host.work(run.tabId, run.caller, (leased) => {
			const { tab } = leased;
			// After a restart what came before is unknown, and nothing is waited for.
			const isKnown = tab.seq > 0 || request.epoch === tab.epoch;
			const isEarly = isKnown && request.seq > tab.seq + 1 && tab.outcome(request.id) === undefined;
			return isEarly && now < until ? undefined : this.#take(leased, run, early); // proven: event-too-early
		});
		return chain(answer, (taken) => taken ?? this.#inOrderLater(run, early, until));
	}

	async #inOrderLater(
		run: EventRun,
		early: Early<Dispatched>,
		deadline: number,
	): Promise<Dispatched> {
		await new Promise((resolve) => setTimeout(resolve, PREDECESSOR_POLL));
		return this.#inOrder(run, early, deadline);
	}

	#take(leased: LeasedTab, run: EventRun, early: Early<Dispatched>): MaybePromise<Dispatched> {
		const { tab } = leased;
		const { request, caller, event } = run;
		// While it waited its session may have ended: what counts is this moment.
		// proven: session-over-before
		if (this.#answers.isOver(caller)) {
			if (event.rule === false) return STALE;
			return chain(this.#audit(run, "redirected_to_login", "session_ended"), () => LOGIN_REQUIRED);
		}

		// An event with a new number was never sent before, unless the browser says that it does not
		// know.
		const remembered =
			request.seq > tab.seq && !request.repeat ? undefined : tab.outcome(request.id);
		if (remembered !== undefined) return this.#answers.answer(leased, run, remembered); // proven: event-twice
		// proven: unknown-outcome
		if (
			request.repeat &&
			(request.epoch !== tab.epoch || tab.epoch === 0 || request.seq <= tab.seq)
		)
			return this.#answers.answer(leased, run, UNKNOWN_OUTCOME);
		if (request.seq <= tab.seq) return outOfOrder(event.id); // proven: event-out-of-order

		tab.scope.setUser(caller);
		// proven: no-event-rule
		const decision = decide<EventAuthContext>(
			[event.rule],
			caller.user && (() => contextOf(run, tab)),
		);
		return chain(decision, (decided) => this.#takeDecided(leased, run, decided, early));
	}

	#takeDecided(
		leased: LeasedTab,
		run: EventRun,
		decided: Decision,
		early: Early<Dispatched>,
	): MaybePromise<Dispatched> {
		if (decided.outcome === "anonymous") return LOGIN_REQUIRED;
		if (decided.outcome === "denied") return this.#deny(run, decided); // proven: event-denied
		return chain(readInput(run.event, run.request.payload), (input) =>
			this.#takeInput(leased, run, input, early),
		);
	}

	#deny(run: EventRun, decided: Decision & { outcome: "denied" }): MaybePromise<Dispatched> {
		const { id } = run.event;
		const { reason } = decided;
		if (reason === "step_up_required")
			return chain(this.#audit(run, "redirected_to_login", reason), () =>
				stepUpRequired(id, decided.error),
			);
		if (reason !== "check_denied") this.#deps.log.checkFailed(id, decided);
		return chain(this.#audit(run, "denied_toast", reason), () => forbidden(id, reason));
	}

	#takeInput(
		leased: LeasedTab,
		run: EventRun,
		input: Input,
		early: Early<Dispatched>,
	): MaybePromise<Dispatched> {
		if (input.kind === "refused") {
			const reason = input.refusal.status === 422 ? "input_invalid" : "internal_error";
			return chain(this.#audit(run, "failure", reason), () => input);
		}
		return chain(this.#audit(run, "allowed"), () =>
			run.event.isBackground
				? this.#background.start(leased, run, input.value)
				: this.#handlers.run(leased, run, input.value, early),
		);
	}

	/**
	 * Before the handler runs: what it does happens after it was allowed. Asked again for an outcome,
	 * nothing is run and nothing is heard of.
	 */
	#audit(
		{ event, request, caller }: Pick<EventRun, "event" | "request" | "caller">,
		outcome: DecidedEvent["outcome"],
		reason?: DecidedEvent["reason"],
	): Promise<void> | undefined {
		const { audit } = this.#deps;
		if (!audit || event.rule === false) return undefined;
		return audit({ handler: event.id, payload: request.payload, caller, outcome, reason });
	}
}
