import { StateError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import { encode } from "../codec.ts";
import { LineQueue } from "../lines.ts";
import type { LeasedTab } from "../tabs/tab-host.ts";
import type { Answers } from "./answers.ts";
import { HandlerCall } from "./call.ts";
import type { Early } from "./early.ts";
import { callHandler, type EventRun, isGenerator } from "./event-run.ts";
import type { Dispatched } from "./refusals.ts";

/** Runs the handlers of events that have the tab's lease until they end. */
export class HandlerRuns {
	readonly #answers: Answers;

	constructor(answers: Answers) {
		this.#answers = answers;
	}

	/** @param early Hears of the answer of a generator, which begins before the handler has ended. */
	run(
		leased: LeasedTab,
		run: EventRun,
		input: unknown,
		early: Early<Dispatched>,
	): MaybePromise<Dispatched> {
		const { tab, lease } = leased;
		const { scope } = tab;
		const call = new HandlerCall(input, run.caller, tab, () =>
			AbortSignal.any([scope.signal, lease.signal]),
		);
		const instance = tab.instance(run.type);
		let lines: LineQueue | undefined;
		const begin = (): LineQueue => {
			lines = new LineQueue();
			early({ kind: "lines", lines });
			return lines;
		};
		const fail = (error: unknown): Promise<string> => {
			tab.rollBack(); // proven: no-undo
			return this.#recordFailure(leased, run, error);
		};
		let outcome: MaybePromise<string>;
		scope.writers++;
		try {
			const result = callHandler(instance, run.event, call);
			const kept =
				isPromise(result) || isGenerator(result)
					? this.#finish(leased, run, call, result, begin)
					: keep(leased, run, call, result);
			outcome = isPromise(kept) ? kept.catch(fail) : kept;
		} catch (error) {
			outcome = fail(error);
		}
		if (!isPromise(outcome)) {
			scope.writers--;
			return this.#answers.answer(leased, run, outcome);
		}
		return outcome
			.finally(() => scope.writers--)
			.then((known) => this.#answers.answer(leased, run, known))
			.then((answer) => (lines ? endLines(lines, answer) : answer));
	}

	/** Waits for what a handler returned. */
	async #finish(
		leased: LeasedTab,
		run: EventRun,
		call: HandlerCall,
		returned: unknown,
		begin: () => LineQueue,
	): Promise<string> {
		const result = await returned;
		const value = isGenerator(result) ? await this.#steps(leased, run, result, begin()) : result;
		return keep(leased, run, call, value);
	}

	/**
	 * A generator: what it has changed is kept and delivered at each `yield`. Returns what it
	 * returns.
	 */
	async #steps(
		leased: LeasedTab,
		run: EventRun,
		steps: AsyncGenerator | Generator,
		lines: LineQueue,
	): Promise<unknown> {
		for (;;) {
			const step = await steps.next();
			if (step.done) return step.value;
			await leased.tab.commit(leased.lease, leased.keeping);
			lines.push(await this.#answers.delta(leased, run));
		}
	}

	async #recordFailure(leased: LeasedTab, run: EventRun, error: unknown): Promise<string> {
		const outcome = this.#answers.failure(run, error);
		try {
			await commitOutcome(leased, run, outcome);
		} catch (second) {
			// The store is what failed, most likely. The answer says so; the outcome is `unknown` if the
			// browser asks again.
			if (!(second instanceof StateError)) throw second;
		}
		return outcome;
	}
}

/** Writes what the handler has changed, with its outcome. */
function keep(
	leased: LeasedTab,
	run: EventRun,
	call: HandlerCall,
	result: unknown,
): MaybePromise<string> {
	const outcome = call.outcome(encode(result, run.event.id));
	const written = commitOutcome(leased, run, outcome);
	return isPromise(written) ? written.then(() => outcome) : outcome;
}

function commitOutcome(
	{ tab, lease, keeping }: LeasedTab,
	{ request: { id, seq } }: EventRun,
	outcome: string,
): MaybePromise<void> {
	return tab.commit(lease, keeping, { id, seq, outcome });
}

/** Ends a generator's lines with its answer. */
function endLines(lines: LineQueue, answer: Dispatched): Dispatched {
	if (answer.kind === "lines") void lines.follow(answer.lines);
	else {
		if (answer.kind === "done") lines.push(answer.text);
		lines.end();
	}
	return { kind: "lines", lines };
}
