import { StateError } from "../../base/errors.ts";
import { NETWORKS_OF_SITE, networkOf, siteOf } from "../../base/ip.ts";
import type { Keeping, StoredEntries } from "../contract.ts";

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
	owner: string | undefined;
	/**
	 * What the record counts with: its person, or its network and the site of that. None of one of
	 * which it is not known whose it is.
	 */
	groups: readonly Group[];
}

/** Records of one person or, for anonymous requests, of one network or site. */
interface Group {
	readonly key: string;
	readonly most: number;
	/** The oldest commit first. */
	readonly records: Set<MemoryRecord>;
	bytes: number;
}

export interface MemoryLimits {
	readonly maxBytes: number;
	readonly maxPerAddress: number;
	readonly maxPerPerson: number;
}

/**
 * What one person or one network may take of all the room, in bytes: a sixteenth, and in a small
 * store this much.
 */
const SHARE = 1 / 16;
const LEAST_SHARE = 1_048_576;
/** What a record and an entry take besides their texts: measured on V8, rounded up. Bytes. */
const RECORD_OVERHEAD = 640;
const ENTRY_OVERHEAD = 64;
/** Expired records that one commit clears away: enough to keep up, too few to be felt. */
const SWEPT_AT_ONCE = 8;
/**
 * While there is no room, everything is searched for expired records at most once in so long.
 * Milliseconds.
 */
const SEARCH_EVERY = 10_000;

/** The records of `memory()`: how much room they take, when they expire and which go first. */
export class MemoryRecords {
	readonly #limits: MemoryLimits;
	readonly #isHeld: (client: string) => boolean;
	readonly #records = new Map<string, MemoryRecord>();
	/** Each with the oldest commit first. */
	readonly #anonymous = new Set<MemoryRecord>();
	readonly #owned = new Set<MemoryRecord>();
	/**
	 * Revocations, popup handoffs and the like: a session that was ended must not come back because
	 * another record needs room.
	 */
	readonly #ownerless = new Set<MemoryRecord>();
	readonly #groups = new Map<string, Group>();
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
	 * @throws {StateError} `state_store_full` if nothing may be given up for them; the record is as
	 *   it was then.
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
		this.#sweep(this.#ownerless, now);
		const before = this.#records.get(client);
		const bytes = sizeAfter(client, before, changes);
		const groups = this.#groupsFor(before, keeping);
		for (const group of groups) this.#limit(group, before, bytes, keeping.anonymous);
		this.#makeRoom(bytes, before?.bytes ?? 0, groups, keeping.anonymous, now);

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
		record.owner = keeping.owner;
		record.groups = groups;
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
		this.#orderOf(record).add(record);
		for (const group of record.groups) {
			this.#groups.set(group.key, group);
			group.records.add(record);
			group.bytes += record.bytes;
		}
	}

	#orderOf({ isAnonymous, owner }: MemoryRecord): Set<MemoryRecord> {
		if (isAnonymous) return this.#anonymous;
		return owner === undefined ? this.#ownerless : this.#owned;
	}

	/** Takes a record out of all orders and sums; `#records` goes on knowing it. */
	#remove(record: MemoryRecord): void {
		this.#bytes -= record.bytes;
		this.#orderOf(record).delete(record);
		for (const group of record.groups) {
			group.records.delete(record);
			group.bytes -= record.bytes;
			if (group.records.size === 0) this.#groups.delete(group.key);
		}
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

	/**
	 * Reading an address costs more than the rest of a commit: for the same caller as before it is
	 * not read again.
	 */
	#groupsFor(
		before: MemoryRecord | undefined,
		{ anonymous, address, owner }: Keeping,
	): readonly Group[] {
		const isSame =
			before?.isAnonymous === anonymous && before.address === address && before.owner === owner;
		if (before && isSame) return before.groups;
		const { maxPerAddress, maxPerPerson } = this.#limits;
		if (!anonymous)
			return owner === undefined ? [] : [this.#group(`person ${owner}`, maxPerPerson)];
		if (address === undefined) return [];
		const [network, site] = [networkOf(address), siteOf(address)];
		const own = this.#group(`network ${network}`, maxPerAddress);
		// proven: records-of-site
		return site === network
			? [own]
			: [own, this.#group(`network ${site}`, maxPerAddress * NETWORKS_OF_SITE)];
	}

	#group(key: string, most: number): Group {
		return this.#groups.get(key) ?? { key, most, records: new Set(), bytes: 0 };
	}

	/** Of one that has too many records, or too large ones, the oldest of its own go. */
	#limit(
		group: Group,
		before: MemoryRecord | undefined,
		bytes: number,
		isAnonymous: boolean,
	): void {
		const { maxBytes } = this.#limits;
		const share = Math.min(maxBytes, Math.max(LEAST_SHARE, maxBytes * SHARE));
		const own = before?.groups.includes(group) ? before : undefined;
		let tooMany = own ? 0 : group.records.size + 1 - group.most;
		let tooLarge = bytes > (own?.bytes ?? 0) ? group.bytes - (own?.bytes ?? 0) + bytes - share : 0;
		if (tooMany <= 0 && tooLarge <= 0) return; // proven: no-share
		if (tooLarge > 0 && bytes > share)
			throw fullError("the record alone is larger than one caller may have", "record");
		for (const record of group.records) {
			if (record === own || this.#isHeld(record.client)) continue;
			tooMany--;
			tooLarge -= record.bytes;
			this.#drop(record);
			if (tooMany <= 0 && tooLarge <= 0) return;
		}
		if (isAnonymous)
			throw fullError("too many anonymous clients of one address are being worked on", "address");
		throw fullError("too many clients of one person are being worked on", "person");
	}

	#makeRoom(
		bytes: number,
		bytesBefore: number,
		groups: readonly Group[],
		isAnonymous: boolean,
		now: number,
	): void {
		const { maxBytes } = this.#limits;
		let excess = this.#bytes - bytesBefore + bytes - maxBytes;
		if (excess <= 0 || bytes <= bytesBefore) return;
		// No record is dropped for one that would not fit even then.
		if (bytes > maxBytes) throw fullError("the record alone is larger than maxBytes", "record");
		const giveUp = (
			records: Iterable<MemoryRecord>,
			isDue: (record: MemoryRecord) => boolean,
		): boolean => {
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
		// The owner that needs the room gives up their own records before others of the same kind lose
		// theirs.
		const giveUpOwn = (): boolean => groups.some(({ records }) => giveUp(records, () => true));
		if (isAnonymous && giveUpOwn()) return;
		if (giveUp(this.#anonymous, () => true)) return;
		if (!isAnonymous && giveUpOwn()) return; // proven: own-records-last
		// An anonymous caller never displaces records of people who have signed in, and a person never
		// displaces what the gate itself keeps.
		if (!isAnonymous && giveUp(this.#owned, () => true)) return;
		if (!isAnonymous && groups.length === 0 && giveUp(this.#ownerless, () => true)) return; // proven: revocations-go
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
		owner: undefined,
		groups: [],
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

function fullError(why: string, reason: string): StateError {
	return new StateError("state_store_full", `The store has no room for the record: ${why}`, {
		reason,
	});
}
