import { networkOf, siteOf } from "../base/address-range.ts";
import type { User } from "../session/user.ts";

/** Who makes a request about state, as found from its cookies. */
export interface Caller {
	/** Session id; empty for an anonymous caller. A client belongs to a session: another login of the same person is another owner. */
	readonly owner: string;
	readonly user: User | undefined;
	/** The same for all sessions of one person, and for no other; `undefined` where nothing is kept for longer than a request. */
	readonly person?: string | undefined;
	/** From then on the caller is nobody. Milliseconds since the epoch; infinite for anonymous callers. */
	readonly expiresAt: number;
	/** True once the session was ended from outside, before `expiresAt`. Cheap. Absent for anonymous callers. */
	readonly isRevoked?: (() => boolean) | undefined;
	/** Requests that came later have a higher one. */
	readonly order: number;
	readonly request: Request;
	/** Milliseconds since the epoch, for checks. Default: `Date.now`. */
	readonly now?: (() => number) | undefined;
	/** What limits count by; `undefined` where the host does not know it, and for a proxy of one's own network. */
	readonly address: string | undefined;
}

/** Longer than any network is written: of what is no address, no more than tells callers apart. Characters. */
const MAX_NETWORK_TEXT = 64;

/** What anonymous callers count with; `undefined` where there is no address to count by. */
export function networkGroup(address: string | undefined): string | undefined {
	// proven: exact-address
	return address === undefined ? undefined : `network ${networkOf(address).slice(0, MAX_NETWORK_TEXT)}`;
}

/** All networks of one site; the same as the network where that is no IPv6 one. */
export function siteGroup(address: string): string {
	return `network ${siteOf(address).slice(0, MAX_NETWORK_TEXT)}`;
}
