import { networkOf } from "../base/address-range.ts";
import { classifyHost } from "../base/host.ts";

/** Networks that are counted at once; of more, the one that was heard of longest ago is forgotten. */
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
			/** What counts as one caller: an IPv4 address, or the /64 of an IPv6 address. */
			readonly network: string;
			/** True if this network was not said to be refused within the last minute. */
			readonly isNews: boolean;
	  };

/** Says whether one more may come from an address. */
export type AddressLimit = (address: string | undefined, isDirectPeer: boolean) => Limited;

/**
 * Limits how often something is done from one address, in this process: a bucket for each network that holds a minute's worth and fills up
 * steadily. Without an address nothing is limited, nor for a direct peer in a private network: that is a proxy as a rule, and everybody
 * would share its bucket.
 *
 * @param perMinute 0 limits nothing.
 * @param now Milliseconds since the epoch.
 */
export function createAddressLimit(perMinute: number, now: () => number): AddressLimit {
	const buckets = new Map<string, Bucket>();

	return (address, isDirectPeer) => {
		if (perMinute === 0 || address === undefined || (isDirectPeer && !isPublic(address))) return ALLOWED;
		// Of what is no address, no more than a caller needs to be told from others.
		const network = networkOf(address).slice(0, MAX_NAME);
		const time = now();
		const known = buckets.get(network);
		const bucket = known ?? { left: perMinute, at: time, loggedAt: Number.NEGATIVE_INFINITY };
		// A clock that was set back must not empty it.
		const elapsed = Math.max(0, time - bucket.at);
		bucket.left = Math.min(perMinute, bucket.left + (elapsed * perMinute) / MINUTE);
		bucket.at = time;
		// The order is that of use.
		if (known) buckets.delete(network);
		else forgetOldest(buckets);
		buckets.set(network, bucket);
		if (bucket.left >= 1) {
			bucket.left--;
			return ALLOWED;
		}
		const isNews = time - bucket.loggedAt >= LOG_AGAIN;
		if (isNews) bucket.loggedAt = time;
		const retryAfter = Math.max(1, Math.ceil(((1 - bucket.left) * MINUTE) / perMinute / 1000));
		return { isAllowed: false, retryAfter, network, isNews };
	};
}

const ALLOWED: Limited = { isAllowed: true };

interface Bucket {
	left: number;
	at: number;
	loggedAt: number;
}

function forgetOldest(buckets: Map<string, Bucket>): void {
	if (buckets.size < MAX_NETWORKS) return;
	const [oldest] = buckets.keys();
	if (oldest !== undefined) buckets.delete(oldest);
}

/** False for what is no address at all, too. */
function isPublic(address: string): boolean {
	const bare = address.replace(/%.*$/, "");
	const url = URL.parse(`http://${bare.includes(":") ? `[${bare}]` : bare}`);
	return url !== null && /^[[\d]/.test(url.hostname) && classifyHost(url.hostname) === "public";
}
