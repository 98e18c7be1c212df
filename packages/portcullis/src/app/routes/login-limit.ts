import { NETWORKS_OF_SITE, networkOf, siteOf } from "../../base/ip.ts";

/**
 * Networks that are counted at once; of more, the one that was heard of longest ago is forgotten.
 */
const MAX_NETWORKS = 10_000;
/** A network that is refused is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;
const MINUTE = 60_000;
/** Longer than any network is written. Characters. */
const MAX_NAME = 64;

/** What becomes of one attempt. */
export type Limited =
	| { readonly isAllowed: true }
	| {
			readonly isAllowed: false;
			/** Seconds until the next may come. */
			readonly retryAfter: number;
			/**
			 * What counts as one caller: an IPv4 address, the /64 of an IPv6 address, or all networks of
			 * its /48.
			 */
			readonly network: string;
			/** True if this network was not said to be refused within the last minute. */
			readonly isFirst: boolean;
	  };

/** Says whether one more may come from an address. */
export type AddressLimit = (address: string | undefined) => Limited;

/**
 * Limits how often something is done from one address, in this process: a bucket for each network
 * that holds a minute's worth and fills up steadily, and a larger one for each site of networks.
 * Without an address that limits count by nothing is limited.
 *
 * @param perMinute 0 limits nothing.
 * @param now Milliseconds since the epoch.
 */
export function createAddressLimit(perMinute: number, now: () => number): AddressLimit {
	const networks = new Buckets(perMinute);
	const sites = new Buckets(perMinute * NETWORKS_OF_SITE);

	return (address) => {
		if (perMinute === 0 || address === undefined) return ALLOWED;
		// Of what is no address, no more than a caller needs to be told from others.
		const network = networkOf(address).slice(0, MAX_NAME);
		const site = siteOf(address).slice(0, MAX_NAME);
		const time = now();
		const ofNetwork = networks.find(network, time);
		if (ofNetwork.left < 1) return networks.deny(network, ofNetwork, time);
		if (site !== network) {
			const ofSite = sites.find(site, time);
			if (ofSite.left < 1) return sites.deny(site, ofSite, time); // proven: site-limit
			ofSite.left--;
		}
		ofNetwork.left--;
		return ALLOWED;
	};
}

const ALLOWED: Limited = { isAllowed: true };

interface Bucket {
	left: number;
	at: number;
	loggedAt: number;
}

/** Those of networks, or those of sites: many networks of one site make no site be forgotten. */
class Buckets {
	readonly #perMinute: number;
	readonly #buckets = new Map<string, Bucket>();

	constructor(perMinute: number) {
		this.#perMinute = perMinute;
	}

	/** The bucket, with what has come back since. */
	find(name: string, now: number): Bucket {
		const known = this.#buckets.get(name);
		const bucket = known ?? { left: this.#perMinute, at: now, loggedAt: Number.NEGATIVE_INFINITY };
		// A clock that was set back must not empty it.
		const elapsed = Math.max(0, now - bucket.at);
		bucket.left = Math.min(this.#perMinute, bucket.left + (elapsed * this.#perMinute) / MINUTE);
		bucket.at = now;
		// The order is that of use.
		if (known) this.#buckets.delete(name);
		else this.#forgetOldest();
		this.#buckets.set(name, bucket);
		return bucket;
	}

	deny(network: string, bucket: Bucket, now: number): Limited {
		const isFirst = now - bucket.loggedAt >= LOG_AGAIN;
		if (isFirst) bucket.loggedAt = now;
		const retryAfter = Math.max(
			1,
			Math.ceil(((1 - bucket.left) * MINUTE) / this.#perMinute / 1000),
		);
		return { isAllowed: false, retryAfter, network, isFirst };
	}

	#forgetOldest(): void {
		if (this.#buckets.size < MAX_NETWORKS) return;
		const [oldest] = this.#buckets.keys();
		if (oldest !== undefined) this.#buckets.delete(oldest);
	}
}
