import type { RecordLease, StateStore } from "../contract.ts";
import { busyError, closedError, TURN_TIMEOUT } from "../errors.ts";
import { LockQueue } from "../lock-queue.ts";
import { RedisChannels } from "./channels.ts";
import { RedisConnection } from "./connection.ts";
import {
	giveBack,
	keysOf,
	type RedisKeys,
	RedisLease,
	type RedisLeaseDeps,
	readRecord,
} from "./lease.ts";
import { type RedisOptions, type RedisSettings, readOptions } from "./options.ts";
import { RedisOwners } from "./owners.ts";
import { ACQUIRE } from "./scripts.ts";

/**
 * Pause between two looks at a lease that another process has. Milliseconds; in between by chance,
 * so that processes do not march in step.
 */
const SHORTEST_PAUSE = 10;
const LONGEST_PAUSE = 50;
/** A process that waits has the next turn for so long after its last look. Milliseconds. */
const RESERVATION = 250;

/**
 * Keeps the records of clients in Redis or Valkey, a cluster included, for any number of processes.
 * Needs the npm package `redis`, 5 or later, which it loads and connects at first use.
 *
 * A record is a hash that expires; a client that is being worked on has a key beside it, its lease,
 * that expires by itself if the process dies. One person, or one network without a session, has so
 * many records, the oldest of which gives way. Records are small and many: choose a `maxmemory` and
 * the policy `volatile-lru` or `noeviction`; if Redis takes nothing more it is `state_store_full`.
 * While Redis is away everything is `state_store_unavailable`, and works again when it is back.
 *
 * Redis copies to its replicas after it has answered: what was written in the moment before a
 * failover can be lost.
 *
 * @param options URL of Redis, or more.
 * @throws {ConfigError} for options that cannot be used. Never shows the URL.
 */
export function redis(options: string | RedisOptions): StateStore {
	return new RedisStore(readOptions(options));
}

class RedisStore implements StateStore {
	readonly isShared = true;
	/** One contender a client and process: the others wait here, in order. */
	readonly #queue = new LockQueue();
	readonly #prefix: string;
	readonly #connection: RedisConnection;
	readonly #channels: RedisChannels;
	readonly #deps: RedisLeaseDeps;
	readonly #held = new Set<RedisLease>();
	/** Tells this process from all others. */
	readonly #process: string = crypto.randomUUID();
	/** Ends the pause of who waits for another process to be done with a client. */
	readonly #sleepers = new Map<string, () => void>();
	#leases = 0;
	#isListening = false;
	#isClosed = false;

	constructor(settings: RedisSettings) {
		this.#prefix = settings.prefix;
		this.#connection = new RedisConnection(settings);
		this.#channels = new RedisChannels(this.#connection, settings.prefix);
		this.#deps = {
			connection: this.#connection,
			owners: new RedisOwners(this.#connection, settings.prefix, settings),
			keysOf: (client) => keysOf(settings.prefix, client),
			leaseTime: settings.leaseTime,
			wake: (waiting, client) => this.#channels.publish(`wake:${waiting}`, client),
			onRelease: (lease) => {
				this.#held.delete(lease);
				this.#queue.give(lease.client);
			},
		};
	}

	async acquire(client: string, knownVersion: number, signal?: AbortSignal): Promise<RecordLease> {
		if (this.#isClosed) throw closedError();
		if (signal?.aborted) throw busyError();
		const deadline = performance.now() + TURN_TIMEOUT;
		if (!this.#queue.take(client)) await this.#queue.wait(client, TURN_TIMEOUT, signal);
		try {
			return await this.#contend(client, knownVersion, deadline, signal);
		} catch (error) {
			this.#queue.give(client);
			throw error;
		}
	}

	publish(channel: string, message: string): void {
		void this.#channels.publish(`channel:${channel}`, message);
	}

	subscribe(channel: string, listener: (message: string) => void): () => void {
		return this.#channels.subscribe(`channel:${channel}`, listener);
	}

	async close(): Promise<void> {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#queue.close(closedError());
		for (const wake of this.#sleepers.values()) wake();
		this.#channels.close();
		// Other processes need not wait for them to expire.
		await Promise.all([...this.#held].map((lease) => lease.revoke()));
		await this.#connection.close();
	}

	/** Takes the lease as soon as no other process has it. */
	async #contend(
		client: string,
		knownVersion: number,
		deadline: number,
		signal: AbortSignal | undefined,
	): Promise<RedisLease> {
		const keys = keysOf(this.#prefix, client);
		for (;;) {
			const lease = await this.#try(client, keys, knownVersion);
			if (this.#isClosed || signal?.aborted) {
				if (lease) await lease.revoke();
				throw this.#isClosed ? closedError() : busyError();
			}
			if (lease) {
				this.#held.add(lease);
				return lease;
			}
			if (performance.now() >= deadline) throw busyError();
			await this.#sleep(client, signal);
		}
	}

	/** Takes the lease if it is free, and the record with it. */
	async #try(
		client: string,
		keys: RedisKeys,
		knownVersion: number,
	): Promise<RedisLease | undefined> {
		const { connection, leaseTime } = this.#deps;
		const number = String(++this.#leases);
		const token = `${this.#process} ${number}`;
		const taken = { client, keys, token, takenAt: performance.now() };
		const free = (): Promise<void> => giveBack(this.#deps, taken);
		const reply = await connection.run(
			ACQUIRE,
			[keys.record, keys.lease, keys.reservation],
			[this.#process, number, String(leaseTime), String(knownVersion), String(RESERVATION)],
			(late) => {
				if (Array.isArray(late)) void free();
			},
		);
		if (!Array.isArray(reply)) return undefined;
		try {
			return new RedisLease(this.#deps, taken, readRecord(reply, knownVersion));
		} catch (error) {
			await free();
			throw error;
		}
	}

	/** A pause, until the other process says that it is done, or the signal aborts. */
	#sleep(client: string, signal: AbortSignal | undefined): Promise<void> {
		this.#listen();
		return new Promise((resolve) => {
			const wake = (): void => {
				clearTimeout(timer);
				signal?.removeEventListener("abort", wake);
				this.#sleepers.delete(client);
				resolve();
			};
			const pause = SHORTEST_PAUSE + Math.random() * (LONGEST_PAUSE - SHORTEST_PAUSE);
			const timer = setTimeout(wake, pause);
			signal?.addEventListener("abort", wake);
			this.#sleepers.set(client, wake);
		});
	}

	/** A process that never waits needs no connection for being woken. */
	#listen(): void {
		if (this.#isListening) return;
		this.#isListening = true;
		this.#channels.subscribe(`wake:${this.#process}`, (client) => this.#sleepers.get(client)?.());
	}
}
