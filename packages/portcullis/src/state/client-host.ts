import { primitives } from "#aead";
import { StateError } from "../base/errors.ts";
import { chain, isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import type { ClientLease, Keeping, StateStore } from "../store/contract.ts";
import type { Caller } from "./caller.ts";
import { type ClientSurroundings, LiveClient } from "./live-client.ts";
import type { StateRegistry } from "./registry.ts";

/** A record is kept so long after its last change. Seconds. */
export const RECORD_TTL = 86_400;
/**
 * Without streams or background events a client's instances are given up after so long; its record
 * stays. Milliseconds.
 */
const IDLE = 60_000;
/** Instances of so many clients at once; the ones that were used longest ago go first. */
const MAX_LIVE = 20_000;
/** Of them, so many of all anonymous clients, of all programs, and of one session. */
const MAX_LIVE_ANONYMOUS = 5000;
const MAX_LIVE_PROGRAMS = 1000;
const MAX_LIVE_OF_SESSION = 500;
/**
 * So many are looked at for one that may go: those on streams stay, and are moved out of the way.
 */
const LOOKED_AT = 64;
const SWEEP_EVERY = 5000;
/** Uses that are no further apart count as one in the order of use. Milliseconds. */
const SAME_USE = 1000;
/** Longer than any request waits for its turn. Milliseconds. */
const ENDED_FOR = 600_000;
const MAX_ENDED = 10_000;

/**
 * What `work` hands out: the client, up to date and the caller's own, for as long as the lease is
 * held.
 */
export interface Turn {
	readonly live: LiveClient;
	readonly lease: ClientLease;
	readonly keeping: Keeping;
}

/** The clients of this process, each worked on by one at a time in all processes. */
export class ClientHost {
	readonly store: StateStore;
	readonly #surroundings: ClientSurroundings;
	readonly #live = new Map<string, LiveClient>();
	/** The same by what they count with, in order of use: one caller must not push out all others. */
	readonly #groups = new Map<string, Set<LiveClient>>();
	/** Sessions that ended lately, with when, oldest first. */
	readonly #ended = new Map<string, number>();
	#sweptAt = 0;

	constructor(
		store: StateStore,
		registry: StateRegistry,
		options: Omit<ClientSurroundings, "registry">,
	) {
		this.store = store;
		this.#surroundings = { registry, ...options };
	}

	/**
	 * A client that nobody has heard of yet: nothing is kept of it, here or in the store, until it is
	 * worked on.
	 */
	fresh(caller: Caller): LiveClient {
		const live = new LiveClient(createClientId(), this.#surroundings);
		live.claim(caller.owner);
		return live;
	}

	/**
	 * Keeps a fresh client's instances for its first event; of an anonymous one nothing is kept
	 * before that.
	 */
	adopt(live: LiveClient, caller: Caller): void {
		if (caller.owner === "") {
			live.end();
			return;
		}
		const now = this.#surroundings.now();
		this.#sweep(now);
		live.usedAt = now;
		live.isRevoked = caller.isRevoked;
		this.#live.set(live.id, live);
		this.#count(live, groupOf(caller));
	}

	/** Clients with instances in this process, for monitoring and tests. */
	get size(): number {
		return this.#live.size;
	}

	/** The client if its instances are in this process. */
	find(id: string): LiveClient | undefined {
		return this.#live.get(id);
	}

	/**
	 * Waits for the client's turn and runs `work` on it. A client that belonged to somebody else is
	 * reset first, and the record with it. All of it happens at once if the turn is free and neither
	 * the store nor `work` has to wait.
	 *
	 * @throws {StateError} as the store does; whatever `work` throws.
	 */
	work<T>(
		id: string,
		caller: Caller,
		work: (turn: Turn) => MaybePromise<T>,
		signal?: AbortSignal,
	): MaybePromise<T> {
		return this.#work(id, caller, (live) => live.claim(caller.owner), work, signal);
	}

	/**
	 * The same for what goes on after its request: if the client is somebody else's by now it is left
	 * alone.
	 *
	 * @throws {StateError} `state_write_refused` then.
	 */
	async workAsOwner<T>(
		id: string,
		caller: Caller,
		work: (turn: Turn) => MaybePromise<T>,
	): Promise<T> {
		const insist = (live: LiveClient) => {
			if (live.owner === undefined && live.version === 0) live.claim(caller.owner);
			if (live.owner !== caller.owner)
				throw new StateError("state_write_refused", "The client is somebody else's by now");
		};
		return this.#work(id, caller, insist, work);
	}

	#work<T>(
		id: string,
		caller: Caller,
		claim: (live: LiveClient) => void,
		work: (turn: Turn) => MaybePromise<T>,
		signal?: AbortSignal,
	): MaybePromise<T> {
		const live = this.pin(id, caller);
		let result: MaybePromise<T>;
		try {
			result = chain(this.store.acquire(id, live.version, signal), (lease) =>
				workUnder(lease, live, caller, claim, work),
			);
		} catch (error) {
			this.unpin(live);
			throw error;
		}
		if (isPromise(result)) return result.finally(() => this.unpin(live));
		// No time has passed since it was pinned.
		live.pins--;
		return result;
	}

	/** Keeps the client's instances here until `unpin`. */
	pin(id: string, caller: Caller): LiveClient {
		const now = this.#surroundings.now();
		this.#sweep(now);
		const group = groupOf(caller);
		let live = this.#live.get(id);
		if (!live) {
			live = new LiveClient(id, this.#surroundings);
			this.#live.set(id, live);
			this.#count(live, group);
		} else if (now - live.usedAt > SAME_USE || live.countedWith !== group) {
			// Moves it to the end: the order is that of use.
			this.#live.delete(id);
			this.#live.set(id, live);
			this.#count(live, group);
		}
		live.usedAt = now;
		live.pins++;
		return live;
	}

	unpin(live: LiveClient): void {
		live.pins--;
		live.usedAt = this.#surroundings.now();
	}

	/** Gives up all instances: events that run are aborted. */
	close(): void {
		for (const live of this.#live.values()) live.end();
		this.#live.clear();
		this.#groups.clear();
	}

	/** Aborts what runs for the clients of a session, and what waits for its turn. */
	endSession(owner: string): void {
		const now = this.#surroundings.now();
		for (const [session, endedAt] of this.#ended) {
			if (this.#ended.size < MAX_ENDED && now - endedAt < ENDED_FOR) break;
			this.#ended.delete(session);
		}
		this.#ended.set(owner, now);
		for (const live of this.#live.values()) if (live.owner === owner) live.end();
	}

	/** Sessions with clients here that were ended from outside. */
	revokedSessions(): Set<string> {
		const revoked = new Set<string>();
		for (const { owner, isRevoked } of this.#live.values())
			if (owner && isRevoked?.()) revoked.add(owner);
		return revoked;
	}

	/**
	 * True if the caller's session has ended, by what was a short while ago: a request that was begun
	 * before may still be waiting.
	 */
	hasEnded({ owner, isRevoked }: Caller): boolean {
		return this.#ended.has(owner) || isRevoked?.() === true;
	}

	/**
	 * Moves it to the end of its group, of which the ones that were used longest ago go if there are
	 * too many.
	 */
	#count(live: LiveClient, key: string): void {
		this.#uncount(live);
		live.countedWith = key;
		const group = this.#groups.get(key) ?? new Set();
		if (group.size === 0) this.#groups.set(key, group);
		group.add(live);
		let excess = group.size - mostOf(key);
		if (excess <= 0) return; // proven: any-instances
		let left = LOOKED_AT;
		for (const oldest of group) {
			if (excess <= 0 || left-- === 0) return;
			// proven: pinned-instances
			if (oldest.pins > 0 || oldest === live) {
				group.delete(oldest);
				group.add(oldest);
				continue;
			}
			this.#giveUp(oldest);
			excess--;
		}
	}

	#uncount(live: LiveClient): void {
		const { countedWith } = live;
		if (countedWith === undefined) return;
		const group = this.#groups.get(countedWith);
		group?.delete(live);
		if (group?.size === 0) this.#groups.delete(countedWith);
	}

	#giveUp(live: LiveClient): void {
		live.end();
		this.#live.delete(live.id);
		this.#uncount(live);
	}

	#sweep(now: number): void {
		if (now - this.#sweptAt < SWEEP_EVERY && this.#live.size < MAX_LIVE) return;
		this.#sweptAt = now;
		let excess = this.#live.size - MAX_LIVE;
		for (const live of this.#live.values()) {
			if (live.pins > 0) continue;
			if (excess <= 0 && now - live.usedAt < IDLE) break;
			this.#giveUp(live);
			excess--;
		}
	}
}

const ANONYMOUS = "";
const PROGRAMS = "programs";

/** What a caller's clients count with: the session, or all callers of a kind that have none. */
export function groupOf({ owner, person }: Caller): string {
	if (owner === "") return ANONYMOUS;
	return person === undefined ? PROGRAMS : owner;
}

function mostOf(group: string): number {
	if (group === ANONYMOUS) return MAX_LIVE_ANONYMOUS;
	return group === PROGRAMS ? MAX_LIVE_PROGRAMS : MAX_LIVE_OF_SESSION;
}

/** Gives the lease back in any case. */
function workUnder<T>(
	lease: ClientLease,
	live: LiveClient,
	caller: Caller,
	claim: (live: LiveClient) => void,
	work: (turn: Turn) => MaybePromise<T>,
): MaybePromise<T> {
	let result: MaybePromise<T>;
	try {
		live.load(lease);
		live.revive();
		claim(live);
		live.isRevoked = caller.isRevoked;
		const keeping: Keeping = {
			ttl: RECORD_TTL,
			anonymous: caller.owner === "",
			address: caller.address,
			owner: caller.person,
		};
		const turn = { live, lease, keeping };
		const written = live.needsCommit ? live.commit(lease, keeping) : undefined;
		result = isPromise(written) ? written.then(() => work(turn)) : work(turn);
	} catch (error) {
		return chain(lease.release(), () => {
			throw error;
		});
	}
	if (isPromise(result)) return result.finally(() => lease.release());
	const released = lease.release();
	return isPromise(released) ? released.then(() => result) : result;
}

/** 128 random bits. */
function createClientId(): string {
	return primitives.toBase64url(crypto.getRandomValues(new Uint8Array(16)));
}
