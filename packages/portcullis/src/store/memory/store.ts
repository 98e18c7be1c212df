import { ConfigError, type ConfigProblem } from "../../base/errors.ts";
import type { Keeping, RecordLease, StateStore, StoredEntries } from "../contract.ts";
import { busyError, closedError, conflictError, TURN_TIMEOUT } from "../errors.ts";
import { LockQueue } from "../lock-queue.ts";
import { type MemoryRecord, MemoryRecords } from "./records.ts";

/** Options of `memory`. */
export interface MemoryOptions {
	/**
	 * What all records may take together, in bytes. Texts count two bytes a character, their most.
	 * Default 256 MiB.
	 */
	readonly maxBytes?: number;
	/**
	 * Records of anonymous clients that one address may have; an IPv6 address counts by its /64, and
	 * all networks of a /48 have 16 times as many. The oldest gives way. Default 100.
	 */
	readonly maxPerAddress?: number;
	/**
	 * Records that one signed-in person may have, over all sessions. The oldest gives way. Default
	 * 1,000.
	 */
	readonly maxPerPerson?: number;
	/** Milliseconds since the epoch. Default `Date.now`. */
	readonly now?: () => number;
}

/**
 * Keeps the records of clients in this process alone; they are gone when it ends.
 *
 * When there is no room, expired records go first, then those of anonymous clients, then the
 * person's own, then others, each from the oldest commit on. One person, or one address without a
 * session, has a sixteenth of the room at most (1 MiB in a small store), so that one cannot push
 * out all others. A record that is being worked on never goes, nor does one of a signed-in person
 * for that of an anonymous caller: `state_store_full` then. Has no timers of its own: an expired
 * record goes when it is asked for, or when others are written.
 *
 * @throws {ConfigError} for options that are no numbers of at least 1, or unknown.
 */
export function memory(options: MemoryOptions = {}): StateStore {
	checkOptions(options);
	return new MemoryStore(options);
}

class MemoryStore implements StateStore {
	readonly isShared = false;
	readonly queue = new LockQueue();
	readonly records: MemoryRecords;
	readonly now: () => number;
	readonly #listeners = new Map<string, Set<(message: string) => void>>();
	isClosed = false;

	constructor({
		maxBytes = 256 * 1024 * 1024,
		maxPerAddress = 100,
		maxPerPerson = 1000,
		now = Date.now,
	}: MemoryOptions) {
		this.now = now;
		this.records = new MemoryRecords({ maxBytes, maxPerAddress, maxPerPerson }, (client) =>
			this.queue.isTaken(client),
		);
	}

	acquire(
		client: string,
		knownVersion: number,
		signal?: AbortSignal,
	): RecordLease | Promise<RecordLease> {
		if (this.isClosed) throw closedError();
		if (signal?.aborted) throw busyError();
		if (!this.queue.take(client)) return this.#acquireLater(client, knownVersion, signal);
		return new MemoryLease(this, client, knownVersion, this.records.find(client, this.now()));
	}

	publish(channel: string, message: string): void {
		const listeners = this.#listeners.get(channel);
		if (!listeners) return;
		// Later, as with a store that other processes are on.
		queueMicrotask(() => {
			for (const listener of [...listeners]) {
				if (!listeners.has(listener)) continue;
				try {
					listener(message);
				} catch {
					// A listener that throws must not break the publisher or the other listeners.
				}
			}
		});
	}

	subscribe(channel: string, listener: (message: string) => void): () => void {
		const listeners = this.#listeners.get(channel) ?? new Set();
		this.#listeners.set(channel, listeners);
		// A function of its own, so that one listener may subscribe twice.
		const own = (message: string): void => listener(message);
		listeners.add(own);
		return () => {
			listeners.delete(own);
			if (listeners.size === 0 && this.#listeners.get(channel) === listeners)
				this.#listeners.delete(channel);
		};
	}

	async close(): Promise<void> {
		this.isClosed = true;
		this.queue.close(closedError());
		for (const listeners of this.#listeners.values()) listeners.clear();
		this.#listeners.clear();
		this.records.clear();
	}

	async #acquireLater(
		client: string,
		knownVersion: number,
		signal: AbortSignal | undefined,
	): Promise<RecordLease> {
		await this.queue.wait(client, TURN_TIMEOUT, signal);
		return new MemoryLease(this, client, knownVersion, this.records.find(client, this.now()));
	}
}

class MemoryLease implements RecordLease {
	readonly version: number;
	readonly entries: StoredEntries | undefined;
	readonly #store: MemoryStore;
	readonly #client: string;
	#presentVersion: number;
	#isReleased = false;
	#signal: AbortSignal | undefined;

	constructor(
		store: MemoryStore,
		client: string,
		knownVersion: number,
		record: MemoryRecord | undefined,
	) {
		this.#store = store;
		this.#client = client;
		this.version = record?.version ?? 0;
		this.#presentVersion = this.version;
		this.entries = this.version === knownVersion ? undefined : record?.entries;
	}

	/**
	 * Never aborts: this lease cannot be taken away. Made when it is asked for, which is hardly ever.
	 */
	get signal(): AbortSignal {
		this.#signal ??= new AbortController().signal;
		return this.#signal;
	}

	commit(
		changes: Iterable<readonly [string, string | undefined]>,
		version: number,
		keeping: Keeping,
	): void {
		this.#check();
		if (!(version > this.#presentVersion)) throw conflictError("version_not_newer");
		const { records, now } = this.#store;
		const changed = changes instanceof Map ? changes : new Map(changes);
		records.write(this.#client, changed, version, keeping, now());
		this.#presentVersion = version;
	}

	remove(): void {
		this.#check();
		this.#store.records.remove(this.#client);
		this.#presentVersion = 0;
	}

	release(): void {
		if (this.#isReleased) return;
		this.#isReleased = true;
		this.#store.queue.give(this.#client);
	}

	#check(): void {
		if (this.#isReleased) throw conflictError("lease_released");
		if (this.#store.isClosed) throw closedError();
	}
}

function checkOptions(options: MemoryOptions): void {
	const problems: ConfigProblem[] = [];
	const numbers = ["maxBytes", "maxPerAddress", "maxPerPerson"] as const;
	for (const name of Object.keys(options).filter((name) => ![...numbers, "now"].includes(name)))
		problems.push({
			problem: `memory() has no option ${name}`,
			remedy: `Use ${numbers.join(", ")} or now`,
		});
	for (const name of numbers) {
		const value: unknown = options[name];
		if (value === undefined || (typeof value === "number" && value >= 1)) continue;
		problems.push({
			problem: `${name} of memory() is not a number of at least 1`,
			remedy: `Give ${name} a number`,
		});
	}
	if (problems.length > 0) throw new ConfigError(problems);
}
