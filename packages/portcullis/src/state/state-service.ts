import { type ErrorCode, isPortcullisError, StateError } from "../base/errors.ts";
import { chain, type MaybePromise } from "../base/maybe-promise.ts";
import { Repeats } from "../base/repeats.ts";
import { within } from "../base/within.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import { ClaimUnknownError } from "../guard/combine.ts";
import type { Decision } from "../guard/decide.ts";
import type { StateStore } from "../store/contract.ts";
import { memory } from "../store/memory/store.ts";
import type { EventRequest } from "../wire/state.ts";
import type { Caller } from "./caller.ts";
import { ClientHost } from "./client-host.ts";
import { ClientNames } from "./client-names.ts";
import {
	type DecidedEvent,
	type Dispatched,
	Dispatcher,
	type DispatchSurroundings,
	STALE,
	storeRefusal,
	UNREADABLE_CLIENT,
} from "./dispatch.ts";
import { deltaText } from "./lines.ts";
import type { LiveClient } from "./live-client.ts";
import type { StateRegistry, StateType } from "./registry.ts";
import type { StateClass } from "./state.ts";
import { listedTabs, type StreamedClient, Streams } from "./streams.ts";
import type { SharedTopic, Topics } from "./topic.ts";
import { type ViewLog, viewStates } from "./view.ts";

/** How long a first page waits for values that are worked out asynchronously. Milliseconds. */
const FIRST_VALUES = 2000;
/** The same complaint about the same surface is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;
/** Room for the records of clients that are there for one event. Bytes. */
const PASSING_BYTES = 16 * 1024 * 1024;
const TOPIC_CHANNEL = "topics";
const SESSION_CHANNEL = "sessions";

/** An entry for the log, without the id that the app gives it. */
export interface StateLogEntry {
	readonly level: "error" | "warning";
	readonly code: ErrorCode;
	readonly message: string;
	readonly reason?: string;
	readonly cause?: unknown;
}

export interface StateServiceOptions {
	readonly registry: StateRegistry;
	readonly topics: Topics;
	readonly store: StateStore;
	readonly now: () => number;
	readonly isDevelopment: boolean;
	/** See `DispatchSurroundings.audit`. */
	readonly audit?: ((decided: DecidedEvent) => Promise<void> | undefined) | undefined;
	/**
	 * Returns the error id that finds it in the log; `undefined` if there was too much of the kind.
	 *
	 * @param address Of the caller whose request it is about.
	 */
	readonly log: (entry: StateLogEntry, address?: string) => string | undefined;
}

/** An event of a caller who has no tab. Deltas are about `states`; none if absent. */
export type OnceRequest = Pick<EventRequest, "state" | "event" | "payload" | "states">;

/**
 * What a hydrate gives, but for what the app adds. `values` and `withheld` are JSON already:
 * `delta` is the whole `StateDelta`.
 */
export interface Hydrated {
	readonly client: string;
	readonly epoch: number;
	/** JSON of a full `StateDelta`. */
	readonly delta: string;
	readonly types: readonly StateType[];
}

/** All that the gate does with server state. */
export class StateService {
	readonly registry: StateRegistry;
	readonly #options: StateServiceOptions;
	readonly #host: ClientHost;
	readonly #dispatcher: Dispatcher;
	/** Clients of programs: each is there for one event. */
	readonly #passing: ClientHost;
	readonly #passingDispatcher: Dispatcher;
	readonly #streams: Streams;
	readonly #names = new ClientNames();
	readonly #log: ViewLog;
	readonly #said: Repeats;
	readonly #singles = new Map<string, readonly StateType[]>();
	readonly #unsubscribe: (() => void)[] = [];
	readonly #onEnded = new Set<(owner: string) => void>();
	/** Messages of our own come back: those are not heard. */
	readonly #sender = crypto.randomUUID();

	constructor(options: StateServiceOptions) {
		this.#options = options;
		const { registry, store, topics, now, isDevelopment, log } = options;
		this.registry = registry;
		this.#said = new Repeats(1, LOG_AGAIN, now);
		this.#log = {
			checkFailed: (surface, decision) => this.#logCheck(surface, decision),
			valueFailed: (surface, error) => this.#logValue(surface, error),
		};
		const onFailed = (cell: { readonly id: string }, error: unknown) =>
			this.#logValue(cell.id, error);
		const onDropped = ({ id }: { readonly id: string }) => this.#logDropped(id);
		const surroundings = { now, isDevelopment, onFailed, onDropped };
		this.#host = new ClientHost(store, registry, surroundings);
		// Of clients that nobody comes back to nothing is kept beside that of people, and nothing for
		// longer than it has room.
		this.#passing = new ClientHost(
			memory({ maxBytes: PASSING_BYTES, now }),
			registry,
			surroundings,
		);
		const dispatcherFor = (host: ClientHost) => new Dispatcher({ ...dispatching, host });
		const dispatching: Omit<DispatchSurroundings, "host"> = {
			types: (names) => this.#types(names),
			findEvent: (state, event) => {
				const type = registry.byName.get(state);
				if (!type) return "no state";
				const found = type.events.get(event);
				return found ? { type, event: found } : "no event";
			},
			log: this.#log,
			now,
			audit: options.audit,
			logFailed: (event, cause, { address }) =>
				log(
					{
						level: "error",
						code: "event_failed",
						message: `The handler of ${event} failed; what it had changed is undone`,
						...(isPortcullisError(cause) &&
							cause.code !== "event_failed" && { reason: cause.code }),
						cause,
					},
					address,
				),
		};
		this.#dispatcher = dispatcherFor(this.#host);
		this.#passingDispatcher = dispatcherFor(this.#passing);
		const onError = (cause: unknown) =>
			log({ level: "error", code: "internal_error", message: "A stream failed", cause });
		this.#streams = new Streams({ host: this.#host, log: this.#log, now, onError });
		this.#unsubscribe.push(
			topics.listen((topic) => this.#topicChanged(topic)),
			store.subscribe(TOPIC_CHANNEL, (message) =>
				this.#hear(message, (name) => this.#topicHeard(name)),
			),
			store.subscribe(SESSION_CHANNEL, (message) =>
				this.#hear(message, (owner) => this.#endSession(owner)),
			),
		);
	}

	/**
	 * Who asks sees these values. The client is the one that is named if that can be opened, else a
	 * new one.
	 *
	 * @throws {StateError} as the store does.
	 */
	async hydrate(
		ring: KeyRing,
		caller: Caller,
		name: string | undefined,
		states: readonly string[] | undefined,
	): Promise<Hydrated> {
		const types = this.#types(states);
		const known = name === undefined ? undefined : await this.#names.open(ring, name);
		if (!known) return this.#hydrateNew(ring, caller, types);
		const view = () =>
			this.#host.work(known.id, caller, async (turn) => {
				const { live } = turn;
				const delta = await viewStates(live, types, caller, true, this.#log);
				live.sentRev = live.nextRev();
				if (this.#host.store.isShared) await live.touch(turn.lease, turn.keeping);
				return {
					delta: deltaText(delta, live.sentRev, true),
					epoch: live.epoch,
					pending: live.generation.pending(),
				};
			});
		let viewed = await view();
		if (viewed.pending) {
			await within(FIRST_VALUES, viewed.pending, undefined);
			viewed = await view();
		}
		// Its name says whose it is: an event that was made for one person is never run for another.
		const client =
			// proven: old-name
			known.owner === caller.owner
				? (name as string)
				: await this.#names.seal(ring, known.id, caller.owner);
		return { client, epoch: viewed.epoch, delta: viewed.delta, types };
	}

	async #hydrateNew(ring: KeyRing, caller: Caller, types: readonly StateType[]): Promise<Hydrated> {
		const live = this.#host.fresh(caller);
		const delta = await this.#firstValues(live, types, caller);
		this.#host.adopt(live, caller);
		return { client: await this.#names.seal(ring, live.id, caller.owner), epoch: 0, delta, types };
	}

	/** JSON of all values that a caller may see of a fresh client. */
	async #firstValues(
		live: LiveClient,
		types: readonly StateType[],
		caller: Caller,
	): Promise<string> {
		let delta = await viewStates(live, types, caller, true, this.#log);
		const pending = live.generation.pending();
		if (pending) {
			await within(FIRST_VALUES, pending, undefined);
			delta = await viewStates(live, types, caller, true, this.#log);
		}
		live.sentRev = live.nextRev();
		return deltaText(delta, live.sentRev, true);
	}

	/** Runs an event, or says why not. */
	dispatch(ring: KeyRing, caller: Caller, request: EventRequest): MaybePromise<Dispatched> {
		return chain(this.#names.open(ring, request.client), (named) => {
			if (!named) return UNREADABLE_CLIENT;
			if (named.owner !== caller.owner) return STALE; // proven: no-owner
			return this.#dispatcher.dispatch(named.id, request, caller);
		});
	}

	/**
	 * The same for a caller who has no tab, and keeps nothing from one request to the next: the
	 * values are those of a client that is new, and that nobody will know.
	 */
	async hydrateOnce(
		caller: Caller,
		states: readonly string[] | undefined,
	): Promise<Omit<Hydrated, "client" | "epoch">> {
		const types = this.#types(states);
		const live = this.#passing.fresh(caller);
		return { delta: await this.#firstValues(live, types, caller), types };
	}

	/**
	 * Runs an event on a client that is new, and that nobody will know. Sent again, it is run again.
	 */
	dispatchOnce(caller: Caller, request: OnceRequest): MaybePromise<Dispatched> {
		const { id } = this.#passing.fresh(caller);
		const call = {
			client: id,
			epoch: 0,
			rev: 0,
			seq: 1,
			id: crypto.randomUUID(),
			states: [],
			...request,
		};
		return this.#passingDispatcher.dispatch(id, call, caller);
	}

	/** Opens a stream for those of the clients that are the caller's; for others it says `stale`. */
	async stream(
		ring: KeyRing,
		caller: Caller,
		clients: readonly {
			readonly client: string;
			readonly rev: number;
			readonly states?: readonly string[];
		}[],
	): Promise<ReadableStream<Uint8Array>> {
		const opened: StreamedClient[] = [];
		for (const { client, rev, states } of listedTabs(clients, caller)) {
			const named = await this.#names.open(ring, client);
			const isOwn = named !== undefined && named.owner === caller.owner; // proven: no-stream-owner
			opened.push({
				id: isOwn ? named.id : undefined,
				rev,
				types: isOwn ? this.#types(states) : [],
			});
		}
		return this.#streams.open(opened, caller);
	}

	/**
	 * The instance of a State for a check on a page, where there is no client yet: fields have their
	 * defaults, computed values know the user.
	 */
	pageState(caller: Caller): <S extends object>(state: StateClass<S>) => S {
		let live: LiveClient | undefined;
		return (state) => {
			if (!live) {
				live = this.#host.fresh(caller);
				live.generation.setUser(caller);
			}
			return live.getState(state);
		};
	}

	/**
	 * A session has ended: its streams are closed and its events aborted, here and in every process
	 * on the same store.
	 */
	sessionEnded(owner: string): void {
		if (owner === "") return;
		this.#endSession(owner); // proven: no-session-end
		this.#options.store.publish(SESSION_CHANNEL, this.#message(owner));
	}

	/** Hears of each session that ends, here or in another process on the same store. */
	onSessionEnded(listener: (owner: string) => void): void {
		this.#onEnded.add(listener);
	}

	/**
	 * Some session may have been ended from outside: its streams are closed and its events aborted.
	 * Each process looks for itself.
	 */
	endRevoked(): void {
		for (const owner of new Set([
			...this.#streams.revokedSessions(),
			...this.#host.revokedSessions(),
		]))
			this.#endSession(owner);
	}

	/** Says goodbye to streams, those that are opened from now on too. */
	drain(): void {
		this.#streams.drain();
	}

	/** Says goodbye to streams, aborts what runs and closes the store. */
	async close(): Promise<void> {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
		this.#streams.drain();
		this.#host.close();
		this.#passing.close();
		await this.#options.store.close();
	}

	/** Open streams, for monitoring and tests. */
	get openStreams(): number {
		return this.#streams.size;
	}

	#types(names: readonly string[] | undefined): readonly StateType[] {
		if (names === undefined) return this.registry.all;
		const [only] = names;
		if (names.length === 1 && only !== undefined) return this.#single(only);
		return [...new Set(names)].flatMap((name) => this.registry.byName.get(name) ?? []);
	}

	/** One list for each state: most tabs use one, and name it with each event. */
	#single(name: string): readonly StateType[] {
		const known = this.#singles.get(name);
		if (known) return known;
		const type = this.registry.byName.get(name);
		if (!type) return [];
		const single = [type];
		this.#singles.set(name, single);
		return single;
	}

	#topicChanged(topic: SharedTopic): void {
		this.#streams.topicChanged(topic);
		this.#options.store.publish(TOPIC_CHANNEL, this.#message(topic.name));
	}

	#topicHeard(name: string): void {
		const topic = this.#options.topics.find(name);
		if (!topic) return;
		topic.invalidate();
		this.#streams.topicChanged(topic);
	}

	#endSession(owner: string): void {
		for (const listener of this.#onEnded) listener(owner);
		this.#streams.endSession(owner);
		this.#host.endSession(owner);
	}

	#message(text: string): string {
		return `${this.#sender} ${text}`;
	}

	#hear(message: string, act: (text: string) => void): void {
		const space = message.indexOf(" ");
		if (message.slice(0, space) !== this.#sender) act(message.slice(space + 1));
	}

	#logCheck(surface: string, { reason, error }: Decision & { outcome: "denied" }): void {
		// Nothing is wrong: another sign-in would do.
		if (reason === "step_up_required") return;
		if (error instanceof ClaimUnknownError) {
			// One line for the claim, and not for each of the values that need it: it is the provider
			// that does not send it.
			if (!this.#isNews(`claim ${error.claim}`)) return;
			const message = `${error.message}; checks that need it say no, on ${surface} for one`;
			this.#options.log({ level: "warning", code: "forbidden", message, reason });
			return;
		}
		if (!this.#isNews(`${surface} ${reason}`)) return;
		const message = `A check on ${surface} gave no usable answer, which is a no`;
		this.#options.log({ level: "error", code: "forbidden", message, reason, cause: error });
	}

	#logValue(surface: string, cause: unknown): void {
		if (!this.#isNews(surface)) return;
		const code = cause instanceof StateError ? cause.code : "value_failed";
		this.#options.log({
			level: "error",
			code,
			message: `${surface} could not be worked out; its initial value or the last one is shown`,
			cause,
		});
	}

	#logDropped(surface: string): void {
		if (!this.#isNews(`dropped ${surface}`)) return;
		const message = `${surface} was written by something that its handler had not waited for, after the session had ended; the write was dropped`;
		this.#options.log({ level: "warning", code: "state_write_refused", message });
	}

	#isNews(key: string): boolean {
		return this.#said.take(key) !== undefined;
	}
}

export { type Dispatched, storeRefusal };
