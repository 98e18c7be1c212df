import { networkOf, siteOf } from "../base/ip.ts";

/**
 * Longer than any network is written: of what is no address, no more than tells callers apart.
 * Characters.
 */
const MAX_NETWORK_TEXT = 64;

/** What anonymous callers count with; `undefined` where there is no address to count by. */
export function networkGroup(address: string | undefined): string | undefined {
	// proven: exact-address
	return address === undefined
		? undefined
		: `network ${networkOf(address).slice(0, MAX_NETWORK_TEXT)}`;
}

/** All networks of one site; the same as the network where that is no IPv6 one. */
export function siteGroup(address: string): string {
	return `network ${siteOf(address).slice(0, MAX_NETWORK_TEXT)}`;
}
