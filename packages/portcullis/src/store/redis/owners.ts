import { NETWORKS_OF_SITE } from "../../base/ip.ts";
import type { Keeping } from "../contract.ts";
import { networkGroup, siteGroup } from "../groups.ts";
import type { RedisConnection } from "./connection.ts";
import { EVICT, FORGET, NOTE } from "./scripts.ts";

/**
 * What all anonymous clients may have whose address is not known, by what one network may. They are
 * many.
 */
const NETWORKS_OF_EVERYBODY = 1000;
/**
 * A record that is in use is said anew to be in use so often: its place in the order of use is no
 * more exact. Seconds.
 */
export const NOTE_AGAIN = 600;
/** More than there ever are; scripts know no infinity. */
const MOST = 1e15;
/** Names that are remembered, so that few commits work one out. */
const MAX_NAMES = 1000;

/** How many records of one there may be. */
export interface RedisLimits {
	readonly maxPerAddress: number;
	readonly maxPerPerson: number;
}

/** Those whose records are limited together. */
export interface RedisOwner {
	/** A digest: no address and no name of a person is in the names of keys. */
	readonly name: string;
	readonly most: number;
}

/**
 * Holds one person, and one network without a session, to so many records: the oldest gives way.
 *
 * Each of them has a sorted set of clients by time beside the records, on any node of a cluster. A
 * record says whose it is, so that none goes that has changed hands meanwhile. One that is being
 * worked on stays.
 */
export class RedisOwners {
	readonly #connection: RedisConnection;
	readonly #prefix: string;
	readonly #limits: RedisLimits;
	readonly #known = new Map<string, Promise<readonly RedisOwner[]>>();

	constructor(connection: RedisConnection, prefix: string, limits: RedisLimits) {
		this.#connection = connection;
		this.#prefix = prefix;
		this.#limits = limits;
	}

	/** With whom a record counts; none for what the gate itself keeps. */
	find({
		anonymous,
		address,
		owner,
	}: Keeping): Promise<readonly RedisOwner[]> | readonly RedisOwner[] {
		if (!anonymous && owner === undefined) return NO_OWNERS;
		const text = anonymous ? `network ${address ?? ""}` : `person ${owner}`;
		const known = this.#known.get(text);
		if (known) return known;
		const found = Promise.all(this.#groupsOf(anonymous, address, owner).map(withDigest));
		const [oldest] = this.#known.keys();
		if (this.#known.size >= MAX_NAMES && oldest !== undefined) this.#known.delete(oldest);
		this.#known.set(text, found);
		return found;
	}

	/**
	 * Counts a record that was just written, and gives up the oldest where there are too many. Never
	 * throws: it is written.
	 */
	async note(
		client: string,
		owners: readonly RedisOwner[],
		ttl: number,
		recordOf: (client: string) => RecordKeys,
	): Promise<void> {
		await Promise.all(
			owners.map((owner) => this.#noteWith(client, owner, ttl, recordOf).catch(() => {})),
		);
	}

	async #noteWith(
		client: string,
		{ name, most }: RedisOwner,
		ttl: number,
		recordOf: (client: string) => RecordKeys,
	): Promise<void> {
		const index = `${this.#prefix}{${name}}:clients`;
		const kept = String(Math.ceil(ttl) + NOTE_AGAIN);
		const tooMany = await this.#connection.run(
			NOTE,
			[index],
			[client, String(Math.min(most, MOST)), kept],
		);
		if (!Array.isArray(tooMany) || tooMany.length === 0) return; // proven: redis-any-records
		const gone: string[] = [];
		const giveUp = async (oldest: string, time: string): Promise<void> => {
			const { record, lease } = recordOf(oldest);
			const answer = await this.#connection.run(EVICT, [record, lease], [name]);
			// One that is being worked on is the first to be asked for with the next one that is too
			// many.
			if (answer !== "held") gone.push(oldest, time);
		};
		const pairs = tooMany.flatMap((oldest: string, i) =>
			i % 2 ? [] : [giveUp(oldest, String(tooMany[i + 1]))],
		);
		await Promise.all(pairs);
		if (gone.length > 0) await this.#connection.run(FORGET, [index], gone);
	}

	#groupsOf(
		anonymous: boolean,
		address: string | undefined,
		owner: string | undefined,
	): RedisOwner[] {
		const { maxPerAddress, maxPerPerson } = this.#limits;
		if (!anonymous) return [{ name: `person ${owner}`, most: maxPerPerson }];
		const network = networkGroup(address);
		if (address === undefined || network === undefined)
			return [{ name: "everybody", most: maxPerAddress * NETWORKS_OF_EVERYBODY }];
		const site = siteGroup(address);
		const one = { name: network, most: maxPerAddress };
		// proven: redis-sites
		return site === network ? [one] : [one, { name: site, most: maxPerAddress * NETWORKS_OF_SITE }];
	}
}

/** The keys of a client that giving it up takes. */
interface RecordKeys {
	readonly record: string;
	readonly lease: string;
}

const NO_OWNERS: readonly RedisOwner[] = [];

async function withDigest({ name, most }: RedisOwner): Promise<RedisOwner> {
	const digest = new Uint8Array(
		await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name)),
	);
	return {
		name: Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(""),
		most,
	};
}
