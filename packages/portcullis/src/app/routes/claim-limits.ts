import { NETWORKS_OF_SITE, networkOf, siteOf } from "../../base/ip.ts";
import { TokenBucket } from "../../protocol/token-bucket.ts";

/**
 * Claims for one hash: a few at once, for messages and for tabs that woke up, then one each second,
 * for three minutes.
 */
const HASH_BURST = 5;
const HASH_INTERVAL = 1000;
const HASH_CLAIMS = 190;
/** Claims from one network: an office behind one address, each of whom asks once a second. */
const ADDRESS_BURST = 300;
const ADDRESS_INTERVAL = 20;
/** Of all whose address is not known together. */
const EVERYBODY_BURST = 3000;
const EVERYBODY_INTERVAL = 2;
/** Of what is no address, no more than a caller needs to be told from others. Characters. */
const MAX_NETWORK_TEXT = 64;
/** Hashes, and networks, that are remembered. The oldest go first. */
const CAPACITY = 10_000;

/** How often popup handoffs may be asked for, in one process. */
export class ClaimLimits {
	readonly #hashes = new Map<string, { readonly bucket: TokenBucket; left: number }>();
	readonly #addresses = new Map<string, TokenBucket>();
	readonly #sites = new Map<string, TokenBucket>();
	readonly #everybody: TokenBucket;
	readonly #now: () => number;

	/** @param now milliseconds since the epoch. */
	constructor(now: () => number) {
		this.#now = now;
		this.#everybody = new TokenBucket(EVERYBODY_BURST, EVERYBODY_INTERVAL, now);
	}

	/**
	 * False once the network of the address, or its site, has asked too often; all requests without
	 * an address count together.
	 */
	takeAddress(address: string | undefined): boolean {
		if (address === undefined) return this.#everybody.take();
		// proven: claims-of-address
		const [network, site] = [networkOf(address), siteOf(address)].map((name) =>
			name.slice(0, MAX_NETWORK_TEXT),
		);
		// proven: claims-of-site
		return (
			this.#take(this.#addresses, network, 1) &&
			(site === network || this.#take(this.#sites, site, NETWORKS_OF_SITE))
		);
	}

	#take(buckets: Map<string, TokenBucket>, name = "", times: number): boolean {
		const create = (): TokenBucket =>
			new TokenBucket(ADDRESS_BURST * times, ADDRESS_INTERVAL / times, this.#now);
		return recall(buckets, name, create).take();
	}

	/**
	 * `never` once the hash was asked for as often as polling takes in three minutes: by then no
	 * window waits for it any more.
	 */
	takeHash(challenge: string): "yes" | "later" | "never" {
		const entry = recall(this.#hashes, challenge, () => ({
			bucket: new TokenBucket(HASH_BURST, HASH_INTERVAL, this.#now),
			left: HASH_CLAIMS,
		}));
		if (entry.left <= 0) return "never";
		entry.left--;
		return entry.bucket.take() ? "yes" : "later";
	}
}

function recall<T>(map: Map<string, T>, key: string, create: () => T): T {
	let value = map.get(key);
	if (value === undefined) {
		const [oldest] = map.keys();
		if (map.size >= CAPACITY && oldest !== undefined) map.delete(oldest);
		value = create();
		map.set(key, value);
	}
	return value;
}
