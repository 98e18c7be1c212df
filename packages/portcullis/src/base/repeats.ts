/** Of more kinds than this, the one that was heard of longest ago is forgotten. */
const MAX_KINDS = 2000;

interface Kind {
	/** Milliseconds saved up: each thing that comes through costs one interval. */
	saved: number;
	/** When that was worked out. Milliseconds. */
	at: number;
	/** How many were kept back since the last that came through. */
	keptBack: number;
}

/**
 * Keeps things that repeat themselves within bounds: of each kind some come through at once, then
 * one per interval. It is the one limit of everything that would be said again and again, such as
 * lines in the log.
 */
export class Repeats {
	readonly #burst: number;
	readonly #interval: number;
	readonly #now: () => number;
	readonly #kinds = new Map<string, Kind>();

	/**
	 * @param burst How many of a kind come through at once.
	 * @param interval After so many milliseconds there is one more.
	 * @param now Milliseconds since the epoch.
	 */
	constructor(burst: number, interval: number, now: () => number) {
		this.#burst = burst;
		this.#interval = interval;
		this.#now = now;
	}

	/**
	 * How many of a kind were kept back since the last that came through; `undefined` to keep this
	 * one back, too.
	 */
	take(key: string): number | undefined {
		const now = this.#now();
		const known = this.#kinds.get(key);
		const kind = known ?? { saved: this.#burst * this.#interval, at: now, keptBack: 0 };
		// A clock that was set back gives nothing, and takes nothing.
		kind.saved = Math.min(this.#burst * this.#interval, kind.saved + Math.max(0, now - kind.at));
		kind.at = now;
		// The order is that of use.
		if (known) this.#kinds.delete(key);
		else this.#forgetOldest();
		this.#kinds.set(key, kind);
		if (kind.saved < this.#interval) {
			kind.keptBack++;
			return undefined;
		}
		kind.saved -= this.#interval;
		const { keptBack } = kind;
		kind.keptBack = 0;
		return keptBack;
	}

	#forgetOldest(): void {
		if (this.#kinds.size < MAX_KINDS) return;
		const [oldest] = this.#kinds.keys();
		if (oldest !== undefined) this.#kinds.delete(oldest);
	}
}
