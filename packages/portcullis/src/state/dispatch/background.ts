import { StateError } from "../../base/errors.ts";
import { networkGroup, siteGroup } from "../../store/groups.ts";
import type { Caller } from "../caller.ts";
import { encode } from "../codec.ts";
import { LineQueue, outcomeLine } from "../lines.ts";
import { UNKNOWN_OUTCOME } from "../tabs/outcomes.ts";
import { groupOf, type LeasedTab, type TabHost } from "../tabs/tab-host.ts";
import type { TabState } from "../tabs/tab-state.ts";
import type { Answers } from "./answers.ts";
import { HandlerCall } from "./call.ts";
import { callHandler, type EventRun, isGenerator } from "./event-run.ts";
import { type Dispatched, tooMany } from "./refusals.ts";

/** Background events of one tab that may run at once. */
const MAX_OF_TAB = 32;
/**
 * The same of one session or, for anonymous callers, of one network; and of all anonymous callers,
 * or of all programs.
 */
const MAX_OF_ONE = 256;
const MAX_OF_ALL = 2000;
/** Of all networks of one site: it must not take what others need. */
const MAX_OF_SITE = 1024;

/** What a background event counts with, and how many of each there may be. */
type Groups = readonly (readonly [group: string, most: number])[];

/** Runs the handlers of background events, beside the other events of their tabs. */
export class BackgroundRuns {
	readonly #host: TabHost;
	readonly #answers: Answers;
	/** By tab: the ids of those that run, with what they will end with. */
	readonly #running = new Map<string, Map<string, Promise<string>>>();
	/** How many run, by what their callers count with. */
	readonly #counts = new Map<string, number>();

	constructor(host: TabHost, answers: Answers) {
		this.#host = host;
		this.#answers = answers;
	}

	/** What the event with this id will end with; `undefined` if it does not run. */
	find(tabId: string, id: string): Promise<string> | undefined {
		return this.#running.get(tabId)?.get(id);
	}

	/**
	 * Starts the handler. What it will end with is not known until it has: that is written first.
	 */
	async start(leased: LeasedTab, run: EventRun, input: unknown): Promise<Dispatched> {
		const { tab, lease, keeping } = leased;
		const { tabId, request, caller } = run;
		const others = this.#running.get(tabId) ?? new Map<string, Promise<string>>();
		// proven: no-background-limit
		if (others.size >= MAX_OF_TAB)
			return tooMany(`A tab has ${MAX_OF_TAB} background events running`);
		const groups = groupsOf(caller);
		for (const [group, most] of groups)
			if ((this.#counts.get(group) ?? 0) >= most)
				return tooMany(`${most} background events of one caller, or kind of callers, are running`);
		this.#count(groups, 1);
		try {
			const { id, seq } = request;
			await tab.commit(lease, keeping, { id, seq, outcome: UNKNOWN_OUTCOME });
		} catch (error) {
			this.#count(groups, -1);
			throw error;
		}
		const lines = new LineQueue();
		const pinned = this.#host.pin(tabId, caller);
		const running = this.#run(tab, run, input, lines).finally(() => {
			others.delete(request.id);
			if (others.size === 0) this.#running.delete(tabId);
			this.#count(groups, -1);
			this.#host.unpin(pinned);
		});
		others.set(request.id, running);
		this.#running.set(tabId, others);
		return { kind: "lines", lines };
	}

	#count(groups: Groups, by: 1 | -1): void {
		for (const [group] of groups) {
			const count = (this.#counts.get(group) ?? 0) + by;
			if (count > 0) this.#counts.set(group, count);
			else this.#counts.delete(group);
		}
	}

	async #run(tab: TabState, run: EventRun, input: unknown, lines: LineQueue): Promise<string> {
		const { scope } = tab;
		const own: Own = (work) =>
			this.#host.workAsOwner(run.tabId, run.caller, (leased) => {
				if (leased.tab.scope !== scope) throw lostTab(run.event.id); // proven: somebody-elses-background
				return work(leased);
			});
		const call = Object.assign(new HandlerCall(input, run.caller, tab, () => scope.signal), {
			update: this.#updateOf(own, run, lines),
		});
		let outcome: string;
		scope.background++;
		try {
			const instance = tab.instance(run.type);
			// Begins only after the lease that it was started under is given back.
			await Promise.resolve();
			const result = await callHandler(instance, run.event, call);
			const value = isGenerator(result) ? await lastOf(result) : result;
			outcome = call.outcome(encode(value, run.event.id));
		} catch (error) {
			outcome = this.#answers.failure(run, error);
		} finally {
			scope.background--;
		}
		const rest = await this.#end(tab, own, run, outcome, lines);
		if (rest) void lines.follow(rest);
		else lines.end();
		return outcome;
	}

	#updateOf(own: Own, run: EventRun, lines: LineQueue) {
		return <T>(change: () => T | Promise<T>): Promise<T> =>
			own(async (leased) => {
				const { tab, lease, keeping } = leased;
				const { scope } = tab;
				scope.writers++;
				try {
					const result = await change();
					await tab.commit(lease, keeping);
					lines.push(await this.#answers.delta(leased, run));
					return result;
				} catch (error) {
					tab.rollBack();
					throw error;
				} finally {
					scope.writers--;
				}
			});
	}

	/**
	 * Writes the outcome. Returns what is still to be sent: the event has ended, even if values are
	 * still being worked out.
	 */
	async #end(
		tab: TabState,
		own: Own,
		run: EventRun,
		outcome: string,
		lines: LineQueue,
	): Promise<AsyncIterable<string> | undefined> {
		const { id, seq } = run.request;
		try {
			const answer = await own(async (leased) => {
				await leased.tab.commit(leased.lease, leased.keeping, { id, seq, outcome });
				return this.#answers.answer(leased, run, outcome);
			});
			if (answer.kind === "lines") return answer.lines;
			if (answer.kind === "done") lines.push(answer.text);
		} catch (error) {
			if (!(error instanceof StateError)) this.#answers.failure(run, error);
			lines.push(outcomeLine(outcome, tab.epoch));
		}
		return undefined;
	}
}

/** Takes the tab's lease for work that the tab's owner alone may do. */
type Own = <T>(work: (leased: LeasedTab) => Promise<T>) => Promise<T>;

/** What a generator returns at last; what it yields means nothing here. */
async function lastOf(steps: AsyncGenerator | Generator): Promise<unknown> {
	for (;;) {
		const step: IteratorResult<unknown, unknown> = await steps.next();
		if (step.done) return step.value;
	}
}

function groupsOf(caller: Caller): Groups {
	const group = groupOf(caller);
	if (group === caller.owner && group !== "") return [[group, MAX_OF_ONE]];
	const all = [group, MAX_OF_ALL] as const;
	const { address } = caller;
	const network = caller.owner === "" ? networkGroup(address) : undefined;
	if (network === undefined || address === undefined) return [all];
	const site = siteGroup(address);
	const ofNetwork = [network, MAX_OF_ONE] as const;
	return site === network ? [all, ofNetwork] : [all, [site, MAX_OF_SITE], ofNetwork];
}

function lostTab(event: string): StateError {
	return new StateError(
		"state_write_refused",
		`${event} is over for this tab, which has another owner by now; nothing was changed`,
	);
}
