/** A budget of actions that fills up again with time. Starts full. */
export class TokenBucket {
	readonly #capacity: number;
	readonly #interval: number;
	readonly #now: () => number;
	#tokens: number;
	#filledAt: number;

	/** `capacity` actions at once, then one more per `interval` milliseconds of `now`. */
	constructor(capacity: number, interval: number, now: () => number) {
		this.#capacity = capacity;
		this.#interval = interval;
		this.#now = now;
		this.#tokens = capacity;
		this.#filledAt = now();
	}

	/** Takes one; false if none is left. */
	take(): boolean {
		this.#fill();
		if (this.#tokens < 1) return false;
		this.#tokens -= 1;
		return true;
	}

	#fill(): void {
		const now = this.#now();
		// A clock that was set back must not empty the bucket for as long as it was set back.
		if (now < this.#filledAt) this.#filledAt = now;
		const gained = Math.floor((now - this.#filledAt) / this.#interval);
		this.#filledAt += gained * this.#interval;
		this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
		if (this.#tokens === this.#capacity) this.#filledAt = now;
	}
}
