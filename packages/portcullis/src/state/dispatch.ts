import { type ErrorCode, StateError } from "../base/errors.ts";
import { chain, isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import { isNestedDeeper, MAX_NESTING } from "../base/nesting.ts";
import type { StandardIssue, StandardResult } from "../base/standard-schema.ts";
import type { EventAuthContext, GetState } from "../guard/context.ts";
import { type Decision, type DenialReason, decide } from "../guard/decide.ts";
import type { User } from "../session/user.ts";
import { networkGroup, siteGroup } from "../store/groups.ts";
import type { EventRequest, InputIssue, Toast } from "../wire/state.ts";
import type { Caller } from "./caller.ts";
import type { EventCell } from "./cells.ts";
import { type ClientHost, groupOf, type Turn } from "./client-host.ts";
import { encode } from "./codec.ts";
import { deltaLine, deltaText, LineQueue, outcomeLine } from "./lines.ts";
import { type LiveClient, UNKNOWN_OUTCOME } from "./live-client.ts";
import type { EventType, StateType } from "./registry.ts";
import type { EventCall } from "./surfaces.ts";
import { type ViewDelta, type ViewLog, viewStates } from "./view.ts";

/** Requests of one client that may wait or run at once. */
const MAX_WAITING = 32;
/** Background events of one client that may run at once. */
const MAX_BACKGROUND = 32;
/**
 * The same of one session or, for anonymous callers, of one network; and of all anonymous callers,
 * or of all programs.
 */
const MAX_BACKGROUND_OF_ONE = 256;
const MAX_BACKGROUND_OF_ALL = 2000;
/** Of all networks of one site: it must not take what others need. */
const MAX_BACKGROUND_OF_SITE = 1024;
/**
 * How long an event waits for the one before it, which may still be on its way on another
 * connection. Milliseconds.
 */
const PREDECESSOR_WAIT = 1000;
const PREDECESSOR_POLL = 25;
/** What a browser may name an event's call. */
const EVENT_ID = /^[\w-]{8,64}$/;

/** What dispatch says of an event. */
export type Dispatched =
	| { readonly kind: "refused"; readonly refusal: EventRefusal }
	/** All lines of the answer. */
	| { readonly kind: "done"; readonly text: string }
	/** Lines as they come. */
	| { readonly kind: "lines"; readonly lines: AsyncIterable<string> };

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

/** What dispatch needs to know of its surroundings. */
export interface DispatchSurroundings {
	readonly host: ClientHost;
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

/**
 * Runs events. The guard is in here: there is no other way to a handler.
 *
 * Order of each call: who calls and CSRF are known when it comes here; then the client's turn, the
 * check, the input, the handler.
 */
export class Dispatcher {
	readonly #at: DispatchSurroundings;
	readonly #waiting = new Map<string, number>();
	/** Background events that run, by client: their ids, with what they will end with. */
	readonly #background = new Map<string, Map<string, Promise<string>>>();
	/** How many run, by what their callers count with. */
	readonly #backgroundOf = new Map<string, number>();

	constructor(surroundings: DispatchSurroundings) {
		this.#at = surroundings;
	}

	/**
	 * Answers at once if neither the store nor anything of the app has to be waited for: a promise
	 * for each step was a fifth of what an event took.
	 *
	 * @param clientId Opened from the request's sealed client, which is the caller's own.
	 */
	dispatch(clientId: string, request: EventRequest, caller: Caller): MaybePromise<Dispatched> {
		const found = this.#at.findEvent(request.state, request.event);
		if (found === "no state")
			return refuse(
				404,
				"state_unknown",
				"There is no such state",
				"An event of a state that does not exist was sent",
			);
		if (found === "no event")
			return refuse(
				404,
				"event_unknown",
				"There is no such event",
				"An event that does not exist was sent",
			);
		// proven: any-event-id, any-seq
		if (!EVENT_ID.test(request.id) || !Number.isSafeInteger(request.seq) || request.seq < 1)
			return refuse(
				400,
				"body_invalid",
				"The request is not understood",
				"An event without a proper id or seq was sent",
			);
		const { type, event } = found;
		// proven: event-for-anonymous
		if (event.rule !== false && !caller.user) {
			return chain(
				this.#audit({ event, request, caller }, "redirected_to_login", "login_required"),
				() => LOGIN_REQUIRED,
			);
		}

		const waiting = this.#waiting.get(clientId) ?? 0;
		// proven: no-waiting-limit
		if (waiting >= MAX_WAITING) return tooMany(`A client has ${MAX_WAITING} events waiting`);
		let answer: MaybePromise<Dispatched>;
		try {
			const known = this.#background.get(clientId)?.get(request.id);
			const types = this.#at.types(request.states);
			answer = known
				? known.then(
						(outcome): Dispatched => ({ kind: "done", text: outcomeLine(outcome, request.epoch) }),
					)
				: this.#answerInOrder({
						clientId,
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
		// Only what is not done at once can be in anybody's way.
		this.#waiting.set(clientId, waiting + 1);
		return answer.catch(refuseForStore).finally(() => this.#leave(clientId));
	}

	#leave(clientId: string): void {
		const left = (this.#waiting.get(clientId) ?? 1) - 1;
		if (left > 0) this.#waiting.set(clientId, left);
		else this.#waiting.delete(clientId);
	}

	/** A generator's answer begins while it still has the client's turn. */
	#answerInOrder(at: EventAt): MaybePromise<Dispatched> {
		let begun: Dispatched | undefined;
		let resolveEarly: ((answer: Dispatched) => void) | undefined;
		const answer = this.#inOrder(at, (early) => {
			begun = early;
			resolveEarly?.(early);
		});
		if (!isPromise(answer)) return answer;
		return new Promise((resolve, reject) => {
			resolveEarly = resolve;
			if (begun) resolve(begun);
			answer.then(resolve, reject);
		});
	}

	/** Events run in the order of `seq`, by whatever connection and process they come. */
	#inOrder(
		at: EventAt,
		early: (answer: Dispatched) => void,
		patience?: number,
	): MaybePromise<Dispatched> {
		const now = this.#at.now();
		const until = patience ?? now + PREDECESSOR_WAIT;
		const answer = this.#at.host.work(at.clientId, at.caller, (turn) => {
			const { live } = turn;
			// After a restart nobody knows what came before, and nothing is waited for.
			const isKnown = live.seq > 0 || at.request.epoch === live.epoch;
			const isEarly =
				isKnown && at.request.seq > live.seq + 1 && live.outcome(at.request.id) === undefined;
			return isEarly && now < until ? undefined : this.#take(turn, at, early); // proven: event-too-early
		});
		return chain(answer, (taken) => taken ?? this.#inOrderLater(at, early, until));
	}

	async #inOrderLater(
		at: EventAt,
		early: (answer: Dispatched) => void,
		patience: number,
	): Promise<Dispatched> {
		await new Promise((resolve) => setTimeout(resolve, PREDECESSOR_POLL));
		return this.#inOrder(at, early, patience);
	}

	#take(turn: Turn, at: EventAt, early: (answer: Dispatched) => void): MaybePromise<Dispatched> {
		const { live } = turn;
		const { request, caller, event } = at;
		// While it waited its session may have ended: what counts is this moment.
		// proven: session-over-before
		if (this.#isOver(caller)) {
			if (event.rule === false) return STALE;
			return chain(this.#audit(at, "redirected_to_login", "session_ended"), () => LOGIN_REQUIRED);
		}

		// An event with a new number was never sent before, unless the browser says that it does not
		// know.
		const remembered =
			request.seq > live.seq && !request.repeat ? undefined : live.outcome(request.id);
		if (remembered !== undefined) return this.#answer(turn, at, remembered); // proven: event-twice
		// proven: unknown-outcome
		if (
			request.repeat &&
			(request.epoch !== live.epoch || live.epoch === 0 || request.seq <= live.seq)
		)
			return this.#answer(turn, at, UNKNOWN_OUTCOME);
		// proven: event-out-of-order
		if (request.seq <= live.seq)
			return refuse(
				409,
				"event_out_of_order",
				"A later event was run already",
				`${event.id} came after an event that was sent later`,
			);

		live.generation.setUser(caller);
		// proven: no-event-rule
		const decision = decide<EventAuthContext>(
			[event.rule],
			caller.user && (() => eventContext(at, live)),
		);
		return chain(decision, (decided) => this.#takeDecided(turn, at, decided, early));
	}

	#takeDecided(
		turn: Turn,
		at: EventAt,
		decided: Decision,
		early: (answer: Dispatched) => void,
	): MaybePromise<Dispatched> {
		const { event, request } = at;
		if (decided.outcome === "anonymous") return LOGIN_REQUIRED;
		// proven: event-denied
		if (decided.outcome === "denied") {
			if (decided.reason === "step_up_required") {
				const { error, reason } = decided;
				return chain(this.#audit(at, "redirected_to_login", reason), () =>
					stepUpRequired(event.id, error),
				);
			}
			if (decided.reason !== "check_denied") this.#at.log.checkFailed(event.id, decided);
			return chain(this.#audit(at, "denied_toast", decided.reason), () =>
				forbidden(event.id, decided.reason),
			);
		}
		return chain(readInput(event, request.payload), (input) => {
			if ("refusal" in input) {
				const { refusal } = input;
				const reason = refusal.status === 422 ? "input_invalid" : "internal_error";
				return chain(this.#audit(at, "failure", reason), () => ({ kind: "refused", refusal }));
			}
			return chain(this.#audit(at, "allowed"), () =>
				event.isBackground
					? this.#runBackground(turn, at, input.value)
					: this.#run(turn, at, input.value, early),
			);
		});
	}

	/**
	 * Before the handler runs: what it does happens after it was allowed. Asked again for an outcome,
	 * nothing is run and nothing is heard of.
	 */
	#audit(
		{ event, request, caller }: Pick<EventAt, "event" | "request" | "caller">,
		outcome: DecidedEvent["outcome"],
		reason?: DecidedEvent["reason"],
	): Promise<void> | undefined {
		const { audit } = this.#at;
		if (!audit || event.rule === false) return undefined;
		return audit({ handler: event.id, payload: request.payload, caller, outcome, reason });
	}

	#run(
		turn: Turn,
		at: EventAt,
		input: unknown,
		early: (answer: Dispatched) => void,
	): MaybePromise<Dispatched> {
		const { live, lease } = turn;
		const { generation } = live;
		const call = new Call(input, at.caller, live, () =>
			AbortSignal.any([generation.signal, lease.signal]),
		);
		const instance = live.instance(at.type);
		let lines: LineQueue | undefined;
		const begin = (): LineQueue => {
			lines = new LineQueue();
			early({ kind: "lines", lines });
			return lines;
		};
		const fail = (error: unknown): Promise<string> => {
			live.rollBack(); // proven: no-undo
			return this.#recordFailure(turn, at, error);
		};
		let outcome: MaybePromise<string>;
		generation.writers++;
		try {
			const result = cellOf(instance, at.event).handler.call(instance, call);
			const kept =
				isPromise(result) || isGenerator(result)
					? this.#finish(turn, at, call, result, begin)
					: this.#keep(turn, at, call, result);
			outcome = isPromise(kept) ? kept.catch(fail) : kept;
		} catch (error) {
			outcome = fail(error);
		}
		if (!isPromise(outcome)) {
			generation.writers--;
			return this.#answer(turn, at, outcome);
		}
		return outcome
			.finally(() => generation.writers--)
			.then((known) => this.#answer(turn, at, known))
			.then((answer) => (lines ? endLines(lines, answer) : answer));
	}

	/** Waits for what a handler returned. */
	async #finish(
		turn: Turn,
		at: EventAt,
		call: Call,
		returned: unknown,
		begin: () => LineQueue,
	): Promise<string> {
		const result = await returned;
		return this.#keep(
			turn,
			at,
			call,
			isGenerator(result) ? await this.#runSteps(turn, at, result, begin()) : result,
		);
	}

	/** Writes what the handler has changed, with its outcome. */
	#keep(
		{ live, lease, keeping }: Turn,
		{ event, request }: EventAt,
		call: Call,
		result: unknown,
	): MaybePromise<string> {
		const outcome = call.outcome(encode(result, event.id));
		const written = live.commit(lease, keeping, { id: request.id, seq: request.seq, outcome });
		return isPromise(written) ? written.then(() => outcome) : outcome;
	}

	/**
	 * A generator: what it has changed is kept and delivered at each `yield`. Returns what it
	 * returns.
	 */
	async #runSteps(
		turn: Turn,
		at: EventAt,
		steps: AsyncGenerator | Generator,
		lines: LineQueue,
	): Promise<unknown> {
		for (;;) {
			const step = await steps.next();
			if (step.done) return step.value;
			await turn.live.commit(turn.lease, turn.keeping);
			lines.push(await this.#delta(turn, at));
		}
	}

	/**
	 * Starts the handler beside the client's other events. What it will end with is not known until
	 * it has: that is noted first.
	 */
	async #runBackground(turn: Turn, at: EventAt, input: unknown): Promise<Dispatched> {
		const { live } = turn;
		const { clientId, request } = at;
		const others = this.#background.get(clientId) ?? new Map<string, Promise<string>>();
		// proven: no-background-limit
		if (others.size >= MAX_BACKGROUND)
			return tooMany(`A client has ${MAX_BACKGROUND} background events running`);
		const groups = backgroundGroups(at.caller);
		for (const [group, most] of groups)
			if ((this.#backgroundOf.get(group) ?? 0) >= most)
				return tooMany(`${most} background events of one caller, or kind of callers, are running`);
		this.#countBackground(groups, 1);
		try {
			await live.commit(turn.lease, turn.keeping, {
				id: request.id,
				seq: request.seq,
				outcome: UNKNOWN_OUTCOME,
			});
		} catch (error) {
			this.#countBackground(groups, -1);
			throw error;
		}
		const lines = new LineQueue();
		const pinned = this.#at.host.pin(clientId, at.caller);
		const running = this.#finishBackground(live, at, input, lines).finally(() => {
			others.delete(request.id);
			if (others.size === 0) this.#background.delete(clientId);
			this.#countBackground(groups, -1);
			this.#at.host.unpin(pinned);
			lines.end();
		});
		others.set(request.id, running);
		this.#background.set(clientId, others);
		return { kind: "lines", lines };
	}

	#countBackground(groups: BackgroundGroups, by: 1 | -1): void {
		for (const [group] of groups) {
			const count = (this.#backgroundOf.get(group) ?? 0) + by;
			if (count > 0) this.#backgroundOf.set(group, count);
			else this.#backgroundOf.delete(group);
		}
	}

	async #finishBackground(
		live: LiveClient,
		at: EventAt,
		input: unknown,
		lines: LineQueue,
	): Promise<string> {
		const { generation } = live;
		const own = <T>(work: (turn: Turn) => Promise<T>): Promise<T> =>
			this.#at.host.workAsOwner(at.clientId, at.caller, (turn) => {
				if (turn.live.generation !== generation) throw lostClient(at.event.id); // proven: somebody-elses-background
				return work(turn);
			});
		const update = <T>(change: () => T | Promise<T>): Promise<T> =>
			own(async (turn) => {
				generation.writers++;
				try {
					const result = await change();
					await turn.live.commit(turn.lease, turn.keeping);
					lines.push(await this.#delta(turn, at));
					return result;
				} catch (error) {
					turn.live.rollBack();
					throw error;
				} finally {
					generation.writers--;
				}
			});
		const call = Object.assign(new Call(input, at.caller, live, () => generation.signal), {
			update,
		});
		let outcome: string;
		generation.background++;
		try {
			const instance = live.instance(at.type);
			// Begins only after the turn that it was sent in.
			await Promise.resolve();
			let result = await cellOf(instance, at.event).handler.call(instance, call);
			if (isGenerator(result)) {
				for (;;) {
					const step: IteratorResult<unknown, unknown> = await result.next();
					if (!step.done) continue;
					result = step.value;
					break;
				}
			}
			outcome = call.outcome(encode(result, at.event.id));
		} catch (error) {
			outcome = this.#failure(at, error);
		} finally {
			generation.background--;
		}
		try {
			await own(async (turn) => {
				await turn.live.commit(turn.lease, turn.keeping, {
					id: at.request.id,
					seq: at.request.seq,
					outcome,
				});
				const answer = await this.#answer(turn, at, outcome);
				if (answer.kind === "done") lines.push(answer.text);
			});
		} catch (error) {
			if (!(error instanceof StateError)) this.#failure(at, error);
			lines.push(outcomeLine(outcome, live.epoch));
		}
		return outcome;
	}

	async #recordFailure(turn: Turn, at: EventAt, error: unknown): Promise<string> {
		const outcome = this.#failure(at, error);
		try {
			await turn.live.commit(turn.lease, turn.keeping, {
				id: at.request.id,
				seq: at.request.seq,
				outcome,
			});
		} catch (second) {
			// The store is what failed, most likely. The answer says so; asked again, nobody will know.
			if (!(second instanceof StateError)) throw second;
		}
		return outcome;
	}

	#failure(at: EventAt, error: unknown): string {
		const errorId = this.#at.logFailed(at.event.id, error, at.caller);
		const code: ErrorCode = error instanceof StateError ? error.code : "event_failed";
		return JSON.stringify({ status: "failed", code, errorId });
	}

	/**
	 * What has changed for the browser, then the outcome; and once they are there, values that are
	 * still being worked out.
	 */
	#answer(turn: Turn, at: EventAt, outcome: string): MaybePromise<Dispatched> {
		const { live } = turn;
		const write = ({ delta, settled }: DeltaAndMore): Dispatched => {
			const text = delta + outcomeLine(outcome, live.epoch);
			return settled
				? { kind: "lines", lines: this.#laterValues(text, settled, at) }
				: { kind: "done", text };
		};
		const viewed = this.#deltaAndMore(turn, at);
		return isPromise(viewed) ? viewed.then(write) : write(viewed);
	}

	async *#laterValues(text: string, first: Promise<void>, at: EventAt): AsyncGenerator<string> {
		yield text;
		let timer: ReturnType<typeof setTimeout> | undefined;
		const timeout = new Promise<true>((resolve) => {
			timer = setTimeout(resolve, LATER_VALUES, true);
		});
		try {
			for (let next: Promise<void> | undefined = first; next; ) {
				const isLate: boolean = await Promise.race([next.then(() => false), timeout]);
				const { delta, settled } = await this.#at.host.workAsOwner(at.clientId, at.caller, (turn) =>
					this.#deltaAndMore(turn, at),
				);
				yield delta;
				next = isLate ? undefined : settled;
			}
		} catch (error) {
			// The client is somebody else's by now, or the store is away: the browser learns it by its
			// next request.
			if (!(error instanceof StateError)) throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	/**
	 * What has changed, and the moment when to look again, if there are values that are still being
	 * worked out.
	 */
	#deltaAndMore(turn: Turn, at: EventAt): MaybePromise<DeltaAndMore> {
		const { generation } = turn.live;
		const seen = generation.settledCount;
		const add = (delta: string): DeltaAndMore => ({ delta, settled: generation.nextSettled(seen) });
		const delta = this.#delta(turn, at);
		return isPromise(delta) ? delta.then(add) : add(delta);
	}

	#isOver(caller: Caller): boolean {
		return caller.expiresAt <= this.#at.now() || this.#at.host.hasEnded(caller);
	}

	#delta(turn: Turn, at: EventAt): MaybePromise<string> {
		const { live } = turn;
		// Its session has ended while the handler ran: from then on nothing is delivered.
		if (this.#isOver(at.caller)) return ""; // proven: session-over-after
		// A browser that asks again has lost the first answer, though newer values may have come by the
		// stream.
		const isFull =
			live.sentRev === 0 ||
			at.browserRev !== live.sentRev ||
			(at.isFirst && at.request.repeat === true);
		const viewed = viewStates(live, at.types, at.caller, isFull, this.#at.log);
		return isPromise(viewed)
			? viewed.then((delta) => this.#deliver(live, at, delta, isFull))
			: this.#deliver(live, at, viewed, isFull);
	}

	#deliver(live: LiveClient, at: EventAt, delta: ViewDelta, isFull: boolean): string {
		at.isFirst = false;
		if (delta.isEmpty) return "";
		live.sentRev = live.nextRev();
		at.browserRev = live.sentRev;
		return deltaLine(deltaText(delta, live.sentRev, isFull), live.epoch);
	}
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

/** What has changed, as lines, and the next moment when there may be more. */
interface DeltaAndMore {
	readonly delta: string;
	readonly settled: Promise<void> | undefined;
}

/** What a background event counts with, and how many of each there may be. */
type BackgroundGroups = readonly (readonly [group: string, most: number])[];

function backgroundGroups(caller: Caller): BackgroundGroups {
	const group = groupOf(caller);
	if (group === caller.owner && group !== "") return [[group, MAX_BACKGROUND_OF_ONE]];
	const all = [group, MAX_BACKGROUND_OF_ALL] as const;
	const { address } = caller;
	const network = caller.owner === "" ? networkGroup(address) : undefined;
	if (network === undefined || address === undefined) return [all];
	const site = siteGroup(address);
	const ofNetwork = [network, MAX_BACKGROUND_OF_ONE] as const;
	return site === network ? [all, ofNetwork] : [all, [site, MAX_BACKGROUND_OF_SITE], ofNetwork];
}

/** One event on its way through. */
interface EventAt {
	readonly clientId: string;
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

/** What a handler gets. */
class Call implements EventCall<User | undefined, unknown> {
	readonly input: unknown;
	readonly user: User | undefined;
	readonly request: Request;
	readonly #live: LiveClient;
	readonly #makeSignal: () => AbortSignal;
	#signal: AbortSignal | undefined;
	#toasts: Toast[] | undefined;
	#redirect: string | undefined;
	#logout = false;

	constructor(input: unknown, caller: Caller, live: LiveClient, makeSignal: () => AbortSignal) {
		this.input = input;
		this.user = caller.user;
		this.request = caller.request;
		this.#live = live;
		this.#makeSignal = makeSignal;
	}

	get signal(): AbortSignal {
		this.#signal ??= this.#makeSignal();
		return this.#signal;
	}

	// Functions that know what they belong to: handlers take them out of the object. Most handlers
	// take none, so each is made when it is.
	get toast(): EventCall<User | undefined, unknown>["toast"] {
		return (message, kind = "info") => {
			this.#toasts ??= [];
			if (this.#toasts.length < MAX_TOASTS)
				this.#toasts.push({ message: String(message).slice(0, 1000), kind });
		};
	}

	get redirect(): EventCall<User | undefined, unknown>["redirect"] {
		return (path, { external = false } = {}) => {
			const url = URL.parse(path, LOCAL_BASE);
			if (
				// proven: redirect-to-script
				!url ||
				!/^https?:$/.test(url.protocol) ||
				(!external && (url.origin !== LOCAL_BASE || !path.startsWith("/"))) // proven: redirect-anywhere
			)
				throw new TypeError(
					"redirect() takes a path of the app, such as /notes; for another site pass { external: true }",
				);
			this.#redirect = url.origin === LOCAL_BASE ? url.pathname + url.search + url.hash : url.href;
		};
	}

	get logout(): () => void {
		return () => {
			this.#logout = true;
		};
	}

	get getState(): GetState {
		return (state) => this.#live.getState(state);
	}

	/** The outcome with `value`, which is encoded already. */
	outcome(value: string): string {
		let effects = "";
		if (this.#toasts) effects += `,"toasts":${JSON.stringify(this.#toasts)}`;
		if (this.#redirect !== undefined) effects += `,"redirect":${JSON.stringify(this.#redirect)}`;
		if (this.#logout) effects += ',"logout":true';
		return `{"status":"ok","value":${value}${effects}}`;
	}
}

const LOCAL_BASE = "http://app.invalid";
const MAX_TOASTS = 10;
/** How long an answer stays open for values that are being worked out. Milliseconds. */
const LATER_VALUES = 10_000;

function cellOf(instance: object, { name }: EventType): EventCell {
	return (instance as Record<string, EventCell>)[name] as EventCell;
}

function eventContext({ event, request, caller }: EventAt, live: LiveClient): EventAuthContext {
	return {
		kind: "event",
		event: event.id,
		payload: request.payload,
		user: caller.user as User,
		request: caller.request,
		getState: (state) => live.getState(state),
		now: caller.now,
	};
}

type Input = { readonly value: unknown } | { readonly refusal: EventRefusal };

/** Stays synchronous if the schema does. */
function readInput(event: EventType, payload: unknown): MaybePromise<Input> {
	if (!event.input) return { value: undefined }; // proven: raw-input
	if (isNestedDeeper(payload, MAX_NESTING)) return { refusal: TOO_DEEP }; // proven: deep-input
	try {
		const validated = event.input["~standard"].validate(payload);
		return isPromise(validated)
			? validated.then(
					(result) => inputOf(event, result),
					(cause: unknown) => schemaThrew(event, cause),
				)
			: inputOf(event, validated);
	} catch (cause) {
		return schemaThrew(event, cause);
	}
}

/** Before the schema, which may call itself for each level. */
const TOO_DEEP: EventRefusal = {
	status: 422,
	code: "input_invalid",
	title: "The input is not valid",
	issues: [{ message: `Nested more than ${MAX_NESTING} levels deep`, path: [] }],
	message: `The input of an event is nested more than ${MAX_NESTING} levels deep`,
};

function schemaThrew({ id }: EventType, cause: unknown): Input {
	const message = `The schema of ${id} threw`;
	return {
		refusal: { status: 500, code: "internal_error", title: "Internal error", message, cause },
	};
}

function inputOf(event: EventType, result: StandardResult<unknown>): Input {
	if (!result.issues) return { value: result.value }; // proven: no-input
	const issues = result.issues.slice(0, MAX_ISSUES).map(inputIssue);
	const message = `The input of ${event.id} does not fit its schema`;
	return {
		refusal: {
			status: 422,
			code: "input_invalid",
			title: "The input is not valid",
			issues,
			message,
		},
	};
}

const MAX_ISSUES = 50;

function inputIssue({ message, path }: StandardIssue): InputIssue {
	const keys = (path ?? []).map((part) =>
		typeof part === "object" && part !== null ? part.key : part,
	);
	return { message, path: keys.map((key) => (typeof key === "number" ? key : String(key))) };
}

/** @throws what is no error of the store. */
function refuseForStore(error: unknown): Dispatched {
	if (error instanceof StateError) return storeRefusal(error);
	throw error;
}

function refuse(status: number, code: ErrorCode, title: string, message: string): Dispatched {
	return { kind: "refused", refusal: { status, code, title, message } };
}

function tooMany(message: string): Dispatched {
	const refusal = {
		status: 429,
		code: "too_many_requests",
		title: "Too many requests at once",
		retryAfter: 1,
	} as const;
	return { kind: "refused", refusal: { ...refusal, message } };
}

function forbidden(event: string, reason: string): Dispatched {
	const message = `A check said no to ${event}`;
	return {
		kind: "refused",
		refusal: { status: 403, code: "forbidden", title: "You cannot do this", message, reason },
	};
}

/** @param cause What is wanted: the app knows the way to the provider. */
function stepUpRequired(event: string, cause: unknown): Dispatched {
	const message = `${event} takes a sign-in that is newer or stronger`;
	const title = "Sign in again to do this";
	return {
		kind: "refused",
		refusal: { status: 401, code: "step_up_required", title, message, cause },
	};
}

const LOGIN_REQUIRED: Dispatched = refuse(
	401,
	"login_required",
	"Sign in to do this",
	"An event was sent by somebody who is not signed in",
);

/**
 * The client is not the caller's, or not known: the browser has to hydrate before it sends
 * anything.
 */
export const STALE: Dispatched = stale("An event was sent for a client that is not the caller's");

/** The client cannot be read at all. */
export const UNREADABLE_CLIENT: Dispatched = stale(
	"An event was sent for a client that no secret here opens. Is PORTCULLIS_SECRET the same on every replica? It may also have been replaced since the page was opened",
);

function stale(message: string): Dispatched {
	return refuse(409, "client_stale", "This page is out of date", message);
}

function lostClient(event: string): StateError {
	return new StateError(
		"state_write_refused",
		`${event} is over for this client, which is somebody else's by now; nothing was changed`,
	);
}

/** A store that is busy or away refuses the event; nothing has been run. */
export function storeRefusal(error: StateError): Dispatched {
	const isRetryable = error.code === "state_busy" || error.code === "state_store_unavailable";
	return {
		kind: "refused",
		refusal: {
			status: 503,
			code: error.code,
			title: "The server cannot do this right now",
			message: error.message,
			cause: error,
			...(isRetryable ? { retryAfter: 1 } : {}),
		},
	};
}

function isGenerator(value: unknown): value is AsyncGenerator | Generator {
	return (
		typeof value === "object" &&
		value !== null &&
		typeof (value as { next?: unknown }).next === "function" &&
		(Symbol.asyncIterator in value || Symbol.iterator in value)
	);
}
