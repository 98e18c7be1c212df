import { networkOf } from "../base/address-range.ts";
import { StateError } from "../base/errors.ts";
import type { Keeping, StoredEntries } from "./store.ts";

/** A record as `memory()` keeps it. */
export interface MemoryRecord {
	readonly client: string;
	readonly entries: Map<string, string>;
	version: number;
	bytes: number;
	/** Milliseconds since the epoch. */
	expiresAt: number;
	isAnonymous: boolean;
	address: string | undefined;
	/** What the address counts by; `undefined` if it does not count. */
	network: string | undefined;
}

export interface MemoryLimits {
	readonly maxBytes: number;
	readonly maxPerAddress: number;
}

/** What a record and an entry take besides their texts: measured on V8, rounded up. Bytes. */
const RECORD_OVERHEAD = 640;
const ENTRY_OVERHEAD = 64;
/** Expired records that one commit clears away: enough to keep up, too few to be felt. */
const SWEPT_AT_ONCE = 8;
/** While there is no room, everything is searched for expired records at most once in so long. Milliseconds. */
const SEARCH_EVERY = 10_000;

/** The records of `memory()`: how much room they take, when they expire and which go first. */
export class MemoryRecords {
	readonly #limits: MemoryLimits;
	readonly #isHeld: (client: string) => boolean;
	readonly #records = new Map<string, MemoryRecord>();
	/** Each with the oldest commit first. */
	readonly #anonymous = new Set<MemoryRecord>();
	readonly #owned = new Set<MemoryRecord>();
	readonly #networks = new Map<string, Set<MemoryRecord>>();
	#bytes = 0;
	#searchedAt = Number.NEGATIVE_INFINITY;

	/** @param isHeld True for a client whose lease is held: its record is never given up. */
	constructor(limits: MemoryLimits, isHeld: (client: string) => boolean) {
		this.#limits = limits;
		this.#isHeld = isHeld;
	}

	/** The record, unless it has expired. */
	find(client: string, now: number): MemoryRecord | undefined {
		const record = this.#records.get(client);
		if (record === undefined || record.expiresAt > now) return record;
		this.#drop(record);
		return undefined;
	}

	/**
	 * Writes changes to a record whose lease is held, and makes room for them first.
	 *
	 * @throws {StateError} `state_store_full` if nothing may be given up for them; the record is as it was then.
	 */
	write(
		client: string,
		changes: ReadonlyMap<string, string | undefined>,
		version: number,
		keeping: Keeping,
		now: number,
	): void {
		this.#sweep(this.#anonymous, now);
		this.#sweep(this.#owned, now);
		const before = this.#records.get(client);
		const bytes = sizeAfter(client, before, changes);
		const network = keeping.anonymous ? networkFor(before, keeping.address) : undefined;
		if (network !== undefined && before?.network !== network) this.#limit(network);
		this.#makeRoom(bytes, before?.bytes ?? 0, keeping.anonymous, now);

		const record = before ?? newRecord(client);
		if (before) this.#remove(before);
		for (const [key, text] of changes) {
			if (text === undefined) record.entries.delete(key);
			else record.entries.set(key, text);
		}
		record.version = version;
		record.bytes = bytes;
		record.expiresAt = now + keeping.ttl * 1000;
		record.isAnonymous = keeping.anonymous;
		record.address = keeping.address;
		record.network = network;
		this.#add(record);
	}

	/** Removes the record if there is one. */
	remove(client: string): void {
		const record = this.#records.get(client);
		if (record) this.#drop(record);
	}

	clear(): void {
		for (const record of this.#records.values()) this.#drop(record);
	}

	#add(record: MemoryRecord): void {
		this.#records.set(record.client, record);
		this.#bytes += record.bytes;
		(record.isAnonymous ? this.#anonymous : this.#owned).add(record);
		if (record.network === undefined) return;
		const sameNetwork = this.#networks.get(record.network);
		if (sameNetwork) sameNetwork.add(record);
		else this.#networks.set(record.network, new Set([record]));
	}

	/** Takes a record out of all orders and sums; `#records` goes on knowing it. */
	#remove(record: MemoryRecord): void {
		this.#bytes -= record.bytes;
		(record.isAnonymous ? this.#anonymous : this.#owned).delete(record);
		if (record.network === undefined) return;
		const sameNetwork = this.#networks.get(record.network);
		sameNetwork?.delete(record);
		if (sameNetwork?.size === 0) this.#networks.delete(record.network);
	}

	#drop(record: MemoryRecord): void {
		this.#remove(record);
		this.#records.delete(record.client);
	}

	/** Clears away a few records that have expired, from the oldest on. */
	#sweep(records: Set<MemoryRecord>, now: number): void {
		let left = SWEPT_AT_ONCE;
		for (const record of records) {
			if (left-- === 0 || record.expiresAt > now || this.#isHeld(record.client)) return;
			this.#drop(record);
		}
	}

	/** Of an address that has too many anonymous records the oldest ones go. */
	#limit(network: string): void {
		const records = this.#networks.get(network);
		let excess = (records?.size ?? 0) + 1 - this.#limits.maxPerAddress;
		if (excess <= 0) return;
		for (const record of records ?? []) {
			if (this.#isHeld(record.client)) continue;
			this.#drop(record);
			if (--excess === 0) return;
		}
		throw fullError("too many anonymous clients of one address are being worked on", "address");
	}

	#makeRoom(bytes: number, bytesBefore: number, isAnonymous: boolean, now: number): void {
		const { maxBytes } = this.#limits;
		let excess = this.#bytes - bytesBefore + bytes - maxBytes;
		if (excess <= 0 || bytes <= bytesBefore) return;
		// Nobody's record is to go for one that will not fit all the same.
		if (bytes > maxBytes) throw fullError("the record alone is larger than maxBytes", "record");
		const giveUp = (records: Iterable<MemoryRecord>, isDue: (record: MemoryRecord) => boolean): boolean => {
			for (const record of records) {
				if (!isDue(record) || this.#isHeld(record.client)) continue;
				excess -= record.bytes;
				this.#drop(record);
				if (excess <= 0) return true;
			}
			return false;
		};
		if (now - this.#searchedAt >= SEARCH_EVERY) {
			this.#searchedAt = now;
			if (giveUp(this.#records.values(), (record) => record.expiresAt <= now)) return;
		}
		if (giveUp(this.#anonymous, () => true)) return;
		// Nobody pushes out people who have signed in without having signed in.
		if (!isAnonymous && giveUp(this.#owned, () => true)) return;
		throw fullError("nothing else may be given up for it", "bytes");
	}
}

function newRecord(client: string): MemoryRecord {
	return {
		client,
		entries: new Map(),
		version: 0,
		bytes: 0,
		expiresAt: 0,
		isAnonymous: false,
		address: undefined,
		network: undefined,
	};
}

/** Bytes of the record with the changes in it. */
function sizeAfter(
	client: string,
	before: MemoryRecord | undefined,
	changes: ReadonlyMap<string, string | undefined>,
): number {
	let bytes = before?.bytes ?? RECORD_OVERHEAD + sizeOf(client);
	const entries: StoredEntries | undefined = before?.entries;
	for (const [key, text] of changes) {
		const old = entries?.get(key);
		if (old !== undefined) bytes -= sizeOf(key) + sizeOf(old) + ENTRY_OVERHEAD;
		if (text !== undefined) bytes += sizeOf(key) + sizeOf(text) + ENTRY_OVERHEAD;
	}
	return bytes;
}

/** Two bytes a character is what a text takes at most, and known without reading it. */
function sizeOf(text: string): number {
	return 2 * text.length;
}

/** Reading an address costs more than the rest of a commit: one that has not changed is not read again. */
function networkFor(before: MemoryRecord | undefined, address: string | undefined): string | undefined {
	if (address === undefined) return undefined;
	return before?.network !== undefined && before.address === address ? before.network : networkOf(address);
}

function fullError(why: string, reason: string): StateError {
	return new StateError("state_store_full", `The store has no room for the record: ${why}`, { reason });
}
