import { TRANSACTION_LIFETIME } from "./transaction-cookies.ts";

/** Attempts remembered at once: far more than one process completes in ten minutes. */
const CAPACITY = 100_000;

/**
 * Remembers which attempts this process has redeemed, so that a callback repeated at the same
 * moment never causes a second token request. Between replicas the provider's own single-use rule
 * for codes decides (RFC 6749 section 4.1.2).
 */
export class UsedTransactions {
	readonly #usedAt = new Map<string, number>();

	/**
	 * Takes the attempt; false if it was taken before. `now` in seconds. Synchronous: of many at
	 * once, exactly one wins.
	 */
	take(id: string, now: number): boolean {
		if (this.#usedAt.has(id)) return false; // proven: attempt-twice
		for (const [oldest, usedAt] of this.#usedAt) {
			if (now - usedAt <= TRANSACTION_LIFETIME && this.#usedAt.size < CAPACITY) break;
			this.#usedAt.delete(oldest);
		}
		this.#usedAt.set(id, now);
		return true;
	}
}
