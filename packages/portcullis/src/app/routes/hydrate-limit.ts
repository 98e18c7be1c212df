import { TokenBucket } from "../../protocol/token-bucket.ts";
import type { Caller } from "../../state/caller.ts";
import { createAddressLimit } from "./login-limit.ts";

/**
 * Of one session, or of one network without a session. A person who clicks without pause asks once
 * a second.
 */
const PER_MINUTE = 1200;
/**
 * Of all anonymous callers together, in this process: where hosts know no addresses, this is what
 * there is.
 */
const ANONYMOUS_PER_MINUTE = 60_000;
/** Sessions that are remembered; the one that was heard of first is forgotten. */
const MAX_SESSIONS = 10_000;
const MINUTE = 60_000;
/** When the next may come. Seconds. */
const RETRY_AFTER = 1;

/**
 * How often values may be asked for in full: each time all that the caller may see is worked out,
 * which is what an anonymous caller can make dearest.
 */
export class HydrateLimit {
	readonly #now: () => number;
	readonly #networks: ReturnType<typeof createAddressLimit>;
	readonly #anonymous: TokenBucket;
	readonly #sessions = new Map<string, TokenBucket>();

	/** @param now milliseconds since the epoch. */
	constructor(now: () => number) {
		this.#now = now;
		this.#networks = createAddressLimit(PER_MINUTE, now);
		this.#anonymous = new TokenBucket(ANONYMOUS_PER_MINUTE, MINUTE / ANONYMOUS_PER_MINUTE, now);
	}

	/** Seconds until it makes sense to ask again; `undefined` if the caller may now. */
	take({ owner, address }: Pick<Caller, "owner" | "address">): number | undefined {
		if (owner !== "") return this.#session(owner).take() ? undefined : RETRY_AFTER; // proven: hydrates-of-session
		const limited = this.#networks(address);
		if (!limited.isAllowed) return limited.retryAfter; // proven: hydrates-of-network
		return this.#anonymous.take() ? undefined : RETRY_AFTER;
	}

	#session(owner: string): TokenBucket {
		const known = this.#sessions.get(owner);
		if (known) return known;
		const [oldest] = this.#sessions.keys();
		if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
		const bucket = new TokenBucket(PER_MINUTE, MINUTE / PER_MINUTE, this.#now);
		this.#sessions.set(owner, bucket);
		return bucket;
	}
}
