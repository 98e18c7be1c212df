import { type ErrorCode, StateError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { Caller } from "../caller.ts";
import { deltaLine, deltaText, outcomeLine } from "../lines.ts";
import type { LeasedTab } from "../tabs/tab-host.ts";
import type { TabState } from "../tabs/tab-state.ts";
import { type ViewDelta, viewStates } from "../view.ts";
import type { DispatchDeps, EventRun } from "./event-run.ts";
import type { Dispatched } from "./refusals.ts";

/** How long an answer stays open for values that are being worked out. Milliseconds. */
const LATER_VALUES = 10_000;

/** What has changed, as lines, and the next moment when there may be more. */
interface DeltaAndMore {
	readonly delta: string;
	readonly settled: Promise<void> | undefined;
}

/** Writes the answers to events: what has changed for the browser, and the outcome. */
export class Answers {
	readonly #deps: DispatchDeps;

	constructor(deps: DispatchDeps) {
		this.#deps = deps;
	}

	/**
	 * What has changed for the browser, then the outcome; and once they are there, values that are
	 * still being worked out.
	 */
	answer(leased: LeasedTab, run: EventRun, outcome: string): MaybePromise<Dispatched> {
		const { tab } = leased;
		const write = ({ delta, settled }: DeltaAndMore): Dispatched => {
			const text = delta + outcomeLine(outcome, tab.epoch);
			return settled
				? { kind: "lines", lines: this.#laterValues(text, settled, run) }
				: { kind: "done", text };
		};
		const viewed = this.#deltaAndMore(leased, run);
		return isPromise(viewed) ? viewed.then(write) : write(viewed);
	}

	/** What has changed for the browser since the last delivery, as a line; empty if nothing has. */
	delta({ tab }: LeasedTab, run: EventRun): MaybePromise<string> {
		// Its session has ended while the handler ran: from then on nothing is delivered.
		if (this.isOver(run.caller)) return ""; // proven: session-over-after
		// A browser that asks again has lost the first answer, though newer values may have come by the
		// stream.
		const isFull =
			tab.sentRev === 0 ||
			run.browserRev !== tab.sentRev ||
			(run.isFirst && run.request.repeat === true);
		const viewed = viewStates(tab, run.types, run.caller, isFull, this.#deps.log);
		return isPromise(viewed)
			? viewed.then((delta) => this.#deliver(tab, run, delta, isFull))
			: this.#deliver(tab, run, viewed, isFull);
	}

	/** The outcome of a handler that threw, which is logged. */
	failure(run: EventRun, error: unknown): string {
		const errorId = this.#deps.logFailed(run.event.id, error, run.caller);
		const code: ErrorCode = error instanceof StateError ? error.code : "event_failed";
		return JSON.stringify({ status: "failed", code, errorId });
	}

	/** True once the caller's session has ended. */
	isOver(caller: Caller): boolean {
		return caller.expiresAt <= this.#deps.now() || this.#deps.host.hasEnded(caller);
	}

	async *#laterValues(text: string, first: Promise<void>, run: EventRun): AsyncGenerator<string> {
		yield text;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const timeout = new Promise<true>((resolve) => {
			timer = setTimeout(resolve, LATER_VALUES, true);
		});
		try {
			for (let next: Promise<void> | undefined = first; next; ) {
				const isLate: boolean = await Promise.race([next.then(() => false), timeout]);
				const { delta, settled } = await this.#deps.host.workAsOwner(
					run.tabId,
					run.caller,
					(leased) => this.#deltaAndMore(leased, run),
				);
				yield delta;
				next = isLate ? undefined : settled;
			}
		} catch (error) {
			// The tab has another owner by now, or the store is away: the browser learns it by its next
			// request.
			if (!(error instanceof StateError)) throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	/**
	 * What has changed, and the moment when to look again, if there are values that are still being
	 * worked out.
	 */
	#deltaAndMore(leased: LeasedTab, run: EventRun): MaybePromise<DeltaAndMore> {
		const { scope } = leased.tab;
		const seen = scope.settledCount;
		const add = (delta: string): DeltaAndMore => ({ delta, settled: scope.nextSettled(seen) });
		const delta = this.delta(leased, run);
		return isPromise(delta) ? delta.then(add) : add(delta);
	}

	#deliver(tab: TabState, run: EventRun, delta: ViewDelta, isFull: boolean): string {
		run.isFirst = false;
		if (delta.isEmpty) return "";
		tab.sentRev = tab.nextRev();
		run.browserRev = tab.sentRev;
		return deltaLine(deltaText(delta, tab.sentRev, isFull), tab.epoch);
	}
}
