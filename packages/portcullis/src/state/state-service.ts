import { chain, type MaybePromise } from "../base/maybe-promise.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { StateStore } from "../store/contract.ts";
import { memory } from "../store/memory/store.ts";
import type { EventRequest } from "../wire/state.ts";
import type { Caller } from "./caller.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import type { DecidedEvent } from "./dispatch/event-run.ts";
import { type Dispatched, STALE, UNREADABLE_TAB } from "./dispatch/refusals.ts";
import { firstValues, type Hydrated, hydrateKnown, hydrateNew } from "./hydration.ts";
import { ProcessMessages } from "./process-messages.ts";
import type { StateClass } from "./state.ts";
import { StateLog, type WriteLog } from "./state-log.ts";
import { type StateRegistry, StateTypes } from "./state-types.ts";
import type { ListedTab, StreamedTab } from "./streams/stream-place.ts";
import { listedTabs, Streams } from "./streams/streams.ts";
import { TabHost } from "./tabs/tab-host.ts";
import { TabNames } from "./tabs/tab-names.ts";
import type { TabState } from "./tabs/tab-state.ts";
import type { SharedTopic, Topics } from "./topic.ts";

/** Room for the records of tabs that are there for one event. Bytes. */
const PASSING_BYTES = 16 * 1024 * 1024;

export interface StateServiceOptions {
	readonly registry: StateRegistry;
	readonly topics: Topics;
	readonly store: StateStore;
	readonly now: () => number;
	readonly isDevelopment: boolean;
	/** See `DispatchDeps.audit`. */
	readonly audit?: ((decided: DecidedEvent) => Promise<void> | undefined) | undefined;
	readonly log: WriteLog;
}

/** An event of a caller who has no tab. Deltas are about `states`; none if absent. */
export type OnceRequest = Pick<EventRequest, "state" | "event" | "payload" | "states">;

/** All that the gate does with server state. */
export class StateService {
	readonly registry: StateRegistry;
	readonly #options: StateServiceOptions;
	readonly #types: StateTypes;
	readonly #log: StateLog;
	readonly #host: TabHost;
	readonly #dispatcher: Dispatcher;
	/** Tabs of programs: each is there for one event. */
	readonly #passing: TabHost;
	readonly #passingDispatcher: Dispatcher;
	readonly #streams: Streams;
	readonly #names = new TabNames();
	readonly #messages: ProcessMessages;
	readonly #stopListening: () => void;
	readonly #onEnded = new Set<(owner: string) => void>();

	constructor(options: StateServiceOptions) {
		this.#options = options;
		const { registry, store, topics, now, isDevelopment } = options;
		this.registry = registry;
		const types = new StateTypes(registry);
		const log = new StateLog(options.log, now);
		[this.#types, this.#log] = [types, log];
		const deps = {
			registry,
			now,
			isDevelopment,
			onFailed: (cell: { readonly id: string }, error: unknown) => log.valueFailed(cell.id, error),
			onDropped: (cell: { readonly id: string }) => log.dropped(cell.id),
		};
		const dispatcherFor = (host: TabHost) =>
			new Dispatcher({
				host,
				types: (names) => types.of(names),
				findEvent: (state, event) => types.findEvent(state, event),
				log,
				now,
				audit: options.audit,
				logFailed: (event, cause, caller) => log.handlerFailed(event, cause, caller),
			});
		this.#host = new TabHost(store, deps);
		this.#dispatcher = dispatcherFor(this.#host);
		// Of tabs that are used once nothing is kept beside those of people, and nothing for longer
		// than there is room.
		this.#passing = new TabHost(memory({ maxBytes: PASSING_BYTES, now }), deps);
		this.#passingDispatcher = dispatcherFor(this.#passing);
		const onError = (error: unknown) => log.streamFailed(error);
		this.#streams = new Streams({ host: this.#host, log, now, onError });
		this.#stopListening = topics.listen((topic) => this.#topicChanged(topic));
		this.#messages = new ProcessMessages(store, {
			topicChanged: (name) => this.#topicHeard(name),
			sessionEnded: (owner) => this.#endSession(owner),
		});
	}

	/**
	 * The values that the caller may see. The tab is the one that is named if its name can be opened,
	 * else a new one.
	 *
	 * @throws {StateError} as the store does.
	 */
	async hydrate(
		ring: KeyRing,
		caller: Caller,
		name: string | undefined,
		states: readonly string[] | undefined,
	): Promise<Hydrated> {
		const deps = { host: this.#host, names: this.#names, log: this.#log };
		const types = this.#types.of(states);
		const known = name === undefined ? undefined : await this.#names.open(ring, name);
		return name !== undefined && known
			? hydrateKnown(deps, ring, caller, { ...known, name }, types)
			: hydrateNew(deps, ring, caller, types);
	}

	/** Runs an event, or says why not. */
	dispatch(ring: KeyRing, caller: Caller, request: EventRequest): MaybePromise<Dispatched> {
		return chain(this.#names.open(ring, request.client), (named) => {
			if (!named) return UNREADABLE_TAB;
			if (named.owner !== caller.owner) return STALE; // proven: no-owner
			return this.#dispatcher.dispatch(named.id, request, caller);
		});
	}

	/**
	 * The values for a caller who has no tab, and keeps nothing from one request to the next: those
	 * of a tab that is new, and has no name.
	 */
	async hydrateOnce(
		caller: Caller,
		states: readonly string[] | undefined,
	): Promise<Omit<Hydrated, "client" | "epoch">> {
		const types = this.#types.of(states);
		const tab = this.#passing.fresh(caller);
		return { delta: await firstValues(tab, types, caller, this.#log), types };
	}

	/** Runs an event on a tab that is new, and has no name. Sent again, it is run again. */
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

	/** Opens a stream for those of the tabs that are the caller's; of others it says `stale`. */
	async stream(
		ring: KeyRing,
		caller: Caller,
		tabs: readonly ListedTab[],
	): Promise<ReadableStream<Uint8Array>> {
		const opened: StreamedTab[] = [];
		for (const { client, rev, states } of listedTabs(tabs, caller)) {
			const named = await this.#names.open(ring, client);
			const isOwn = named !== undefined && named.owner === caller.owner; // proven: no-stream-owner
			opened.push({
				id: isOwn ? named.id : undefined,
				rev,
				types: isOwn ? this.#types.of(states) : [],
			});
		}
		return this.#streams.open(opened, caller);
	}

	/**
	 * The instance of a State for a check on a page, where there is no tab yet: fields have their
	 * defaults, computed values know the user.
	 */
	pageState(caller: Caller): <S extends object>(state: StateClass<S>) => S {
		let tab: TabState | undefined;
		return (state) => {
			if (!tab) {
				tab = this.#host.fresh(caller);
				tab.scope.setUser(caller);
			}
			return tab.getState(state);
		};
	}

	/**
	 * A session has ended: its streams are closed and its events aborted, here and in every process
	 * on the same store.
	 */
	sessionEnded(owner: string): void {
		if (owner === "") return;
		this.#endSession(owner); // proven: no-session-end
		this.#messages.sessionEnded(owner);
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
		this.#stopListening();
		this.#messages.close();
		this.#streams.drain();
		this.#host.close();
		this.#passing.close();
		await this.#options.store.close();
	}

	/** Open streams, for monitoring and tests. */
	get openStreams(): number {
		return this.#streams.size;
	}

	#topicChanged(topic: SharedTopic): void {
		this.#streams.topicChanged(topic);
		this.#messages.topicChanged(topic.name);
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
}
