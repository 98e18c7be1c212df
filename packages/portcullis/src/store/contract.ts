import type { MaybePromise } from "../crypto/aead.ts";

/** A client's record: serialised texts by key. What the keys mean is no business of a store. */
export type StoredEntries = ReadonlyMap<string, string>;

/** How long to keep a record, and how dear it is when room gets scarce. */
export interface Keeping {
	/** Seconds without a commit after which the record is gone. */
	readonly ttl: number;
	/** Records of anonymous clients are given up first, and are limited for each address. */
	readonly anonymous: boolean;
	/** Address of the caller, where it is known. */
	readonly address?: string | undefined;
	/**
	 * The signed-in person, whose records are limited together: the same text for all sessions of a
	 * person, and for no other.
	 */
	readonly owner?: string | undefined;
}

/**
 * The sole right to work on one client, in all processes. Renewed by the store while it is held;
 * `signal` aborts if it is lost all the same, and every commit fails from then on.
 */
export interface RecordLease {
	/** Version of the record; 0 if there is none. */
	readonly version: number;
	/**
	 * The record; `undefined` if its version is the one that the caller already has, or there is
	 * none. To be read before a commit.
	 */
	readonly entries: StoredEntries | undefined;
	readonly signal: AbortSignal;
	/**
	 * Writes changes, `undefined` to remove a key, and gives the record its new version. All of it or
	 * nothing.
	 *
	 * @param version Greater than the present one.
	 * @throws {StateError} `state_conflict` if the lease was lost or the record is not at
	 *   `lease.version` (or this lease's last commit) any more; nothing is written then.
	 *   `state_store_unavailable` if the store does not answer. `state_store_full` if there is no
	 *   room.
	 */
	commit(
		changes: Iterable<readonly [key: string, text: string | undefined]>,
		version: number,
		keeping: Keeping,
	): MaybePromise<void>;
	/** Removes the record. Throws as `commit` does. */
	remove(): MaybePromise<void>;
	/** Gives the right back. Never throws; a second call does nothing. */
	release(): MaybePromise<void>;
}

/**
 * Keeps the records of clients, and carries messages between processes. One small interface for
 * `memory()` and `redis()`.
 */
export interface StateStore {
	/** True if several processes see the same records and messages. */
	readonly isShared: boolean;
	/**
	 * Waits for its turn, first come first served within a process, and takes the lease.
	 *
	 * @param client Unguessable and printable.
	 * @param knownVersion Version that the caller has, so that an unchanged record need not be sent.
	 *   0 for none.
	 * @param signal Gives up waiting.
	 * @throws {StateError} `state_busy` if the turn does not come within 30 seconds or the signal
	 *   aborts; `state_store_unavailable`, also after `close`; `state_store_full` if there is no room
	 *   for the lease itself.
	 */
	acquire(client: string, knownVersion: number, signal?: AbortSignal): MaybePromise<RecordLease>;
	/**
	 * Sends a message to all processes, this one included. Best effort: never throws and never
	 * rejects.
	 */
	publish(channel: string, message: string): void;
	/** Hears all messages of a channel. Returns how to stop. */
	subscribe(channel: string, listener: (message: string) => void): () => void;
	/** Ends connections and timers. */
	close(): Promise<void>;
}
