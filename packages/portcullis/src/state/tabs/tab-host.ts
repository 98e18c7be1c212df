import { primitives } from "#aead";
import { chain, isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { Keeping, RecordLease, StateStore } from "../../store/contract.ts";
import type { Caller } from "../caller.ts";
import { ANONYMOUS, LiveTabs, PROGRAMS } from "./live-tabs.ts";
import { lostTab, type TabDeps } from "./owner-scope.ts";
import { TabState } from "./tab-state.ts";

/** A record is kept so long after its last change. Seconds. */
export const RECORD_TTL = 86_400;
/** Longer than any request waits for a lease. Milliseconds. */
const ENDED_TTL = 600_000;
const MAX_ENDED = 10_000;

/**
 * What `work` hands out: the tab, up to date and the caller's own, for as long as the lease is
 * held.
 */
export interface LeasedTab {
	readonly tab: TabState;
	readonly lease: RecordLease;
	readonly keeping: Keeping;
}

/** The tabs of this process, each worked on by one at a time in all processes. */
export class TabHost {
	readonly store: StateStore;
	readonly #deps: TabDeps;
	readonly #tabs = new LiveTabs();
	/** Sessions that ended lately, with when, oldest first. */
	readonly #ended = new Map<string, number>();

	constructor(store: StateStore, deps: TabDeps) {
		this.store = store;
		this.#deps = deps;
	}

	/** A new tab: nothing is kept of it, here or in the store, until it is worked on. */
	fresh(caller: Caller): TabState {
		const tab = new TabState(createTabId(), this.#deps);
		tab.claim(caller.owner);
		return tab;
	}

	/**
	 * Keeps a fresh tab's instances for its first event; of an anonymous one nothing is kept before
	 * that.
	 */
	adopt(tab: TabState, caller: Caller): void {
		if (caller.owner === "") {
			tab.end();
			return;
		}
		const now = this.#deps.now();
		this.#tabs.sweep(now);
		tab.isRevoked = caller.isRevoked;
		this.#tabs.add(tab, groupOf(caller), now);
	}

	/** Tabs with instances in this process, for monitoring and tests. */
	get size(): number {
		return this.#tabs.size;
	}

	/** The tab if its instances are in this process. */
	find(id: string): TabState | undefined {
		return this.#tabs.find(id);
	}

	/**
	 * Waits for the tab's lease and runs `work` on it. A tab of another owner is reset first, and the
	 * record with it. All of it happens at once if the lease is free and neither the store nor `work`
	 * has to wait.
	 *
	 * @throws {StateError} as the store does; passes on what `work` throws.
	 */
	work<T>(
		id: string,
		caller: Caller,
		work: (leased: LeasedTab) => MaybePromise<T>,
		signal?: AbortSignal,
	): MaybePromise<T> {
		const claim = (tab: TabState) => tab.claim(caller.owner);
		return this.#work(id, caller, claim, work, signal);
	}

	/**
	 * The same for what goes on after its request: if the tab has another owner by now it is left
	 * alone.
	 *
	 * @throws {StateError} `state_write_refused` then.
	 */
	async workAsOwner<T>(
		id: string,
		caller: Caller,
		work: (leased: LeasedTab) => MaybePromise<T>,
	): Promise<T> {
		const insist = (tab: TabState) => {
			if (tab.owner === undefined && tab.version === 0) tab.claim(caller.owner);
			if (tab.owner !== caller.owner) throw lostTab();
		};
		return this.#work(id, caller, insist, work);
	}

	#work<T>(
		id: string,
		caller: Caller,
		claim: (tab: TabState) => void,
		work: (leased: LeasedTab) => MaybePromise<T>,
		signal?: AbortSignal,
	): MaybePromise<T> {
		const tab = this.pin(id, caller);
		let result: MaybePromise<T>;
		try {
			result = chain(this.store.acquire(id, tab.version, signal), (lease) =>
				workUnder(lease, tab, caller, claim, work),
			);
		} catch (error) {
			this.unpin(tab);
			throw error;
		}
		if (isPromise(result)) return result.finally(() => this.unpin(tab));
		// No time has passed since it was pinned.
		tab.pins--;
		return result;
	}

	/** Keeps the tab's instances here until `unpin`. */
	pin(id: string, caller: Caller): TabState {
		const now = this.#deps.now();
		this.#tabs.sweep(now);
		const group = groupOf(caller);
		let tab = this.#tabs.find(id);
		if (tab) this.#tabs.use(tab, group, now);
		else {
			tab = new TabState(id, this.#deps);
			this.#tabs.add(tab, group, now);
		}
		tab.pins++;
		return tab;
	}

	unpin(tab: TabState): void {
		tab.pins--;
		tab.usedAt = this.#deps.now();
	}

	/** Gives up all instances: events that run are aborted. */
	close(): void {
		this.#tabs.clear();
	}

	/** Aborts what runs for the tabs of a session, and what waits for their leases. */
	endSession(owner: string): void {
		const now = this.#deps.now();
		for (const [session, endedAt] of this.#ended) {
			if (this.#ended.size < MAX_ENDED && now - endedAt < ENDED_TTL) break;
			this.#ended.delete(session);
		}
		this.#ended.set(owner, now);
		for (const tab of this.#tabs.values()) if (tab.owner === owner) tab.end();
	}

	/** Sessions with tabs here that were ended from outside. */
	revokedSessions(): Set<string> {
		const revoked = new Set<string>();
		for (const { owner, isRevoked } of this.#tabs.values())
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
}

/** What a caller's tabs count with: the session, or all callers of a kind that have none. */
export function groupOf({ owner, person }: Caller): string {
	if (owner === "") return ANONYMOUS;
	return person === undefined ? PROGRAMS : owner;
}

/** Gives the lease back in any case. */
function workUnder<T>(
	lease: RecordLease,
	tab: TabState,
	caller: Caller,
	claim: (tab: TabState) => void,
	work: (leased: LeasedTab) => MaybePromise<T>,
): MaybePromise<T> {
	let result: MaybePromise<T>;
	try {
		tab.load(lease);
		tab.revive();
		claim(tab);
		tab.isRevoked = caller.isRevoked;
		const keeping: Keeping = {
			ttl: RECORD_TTL,
			anonymous: caller.owner === "",
			address: caller.address,
			owner: caller.person,
		};
		const leased = { tab, lease, keeping };
		const written = tab.needsCommit ? tab.commit(lease, keeping) : undefined;
		result = isPromise(written) ? written.then(() => work(leased)) : work(leased);
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
function createTabId(): string {
	return primitives.toBase64url(crypto.getRandomValues(new Uint8Array(16)));
}
