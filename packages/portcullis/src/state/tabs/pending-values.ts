/** Asynchronous values that are being worked out. */
export class PendingValues {
	/** Those that were worked out so far, or failed. */
	settledCount = 0;
	readonly #pending = new Set<Promise<void>>();
	#settled: PromiseWithResolvers | undefined;

	/** @param work Never rejects. */
	add(work: Promise<void>): void {
		this.#pending.add(work);
		void work.then(() => {
			this.#pending.delete(work);
			this.settledCount++;
			this.#settled?.resolve();
			this.#settled = undefined;
		});
	}

	/** The moment when all are there, or have failed; `undefined` if there are none. */
	all(): Promise<unknown> | undefined {
		return this.#pending.size === 0 ? undefined : Promise.all(this.#pending);
	}

	/**
	 * The moment when the next of them is there, or has failed: one that hangs holds up no other.
	 * `undefined` if there is none.
	 *
	 * @param seen `settledCount` before the values were looked at: what was there before they were
	 *   sent is no reason to wait.
	 */
	next(seen: number): Promise<void> | undefined {
		if (this.settledCount !== seen) return Promise.resolve();
		if (this.#pending.size === 0) return undefined;
		this.#settled ??= withResolvers();
		return this.#settled.promise;
	}
}

interface PromiseWithResolvers {
	readonly promise: Promise<void>;
	readonly resolve: () => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): PromiseWithResolvers {
	let resolve!: () => void;
	const promise = new Promise<void>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}
