import { busyError } from "./errors.ts";

/**
 * Turns by key within this process, first come first served. A free turn costs no promise and no
 * timer.
 */
export class LockQueue {
	/** Has a key while its turn is taken. The value is the callers that wait for it, in order. */
	readonly #turns = new Map<string, Set<Waiter> | undefined>();

	/** Takes the turn if it is free. False if it is taken: `wait` for it then. */
	take(key: string): boolean {
		if (this.#turns.has(key)) return false;
		this.#turns.set(key, undefined);
		return true;
	}

	/** True while the turn is taken. */
	isTaken(key: string): boolean {
		return this.#turns.has(key);
	}

	/**
	 * Waits in line until the turn is given on, and resolves with the turn taken.
	 *
	 * @param timeout Milliseconds.
	 * @throws {StateError} `state_busy` if the turn does not come in time or the signal aborts; what
	 *   `close` was given.
	 */
	wait(key: string, timeout: number, signal?: AbortSignal): Promise<void> {
		let waiting = this.#turns.get(key);
		if (!waiting) {
			waiting = new Set();
			this.#turns.set(key, waiting);
		}
		return new Waiter(waiting, timeout, signal).turn;
	}

	/** Hands the turn on to the next in line. */
	give(key: string): void {
		const next = this.#turns.get(key)?.values().next().value;
		// The key stays taken in between: no other caller can take it before the next in line.
		if (next) next.grant();
		else this.#turns.delete(key);
	}

	/**
	 * Rejects every caller in line with the error. Turns that are taken stay so until they are given.
	 */
	close(error: Error): void {
		for (const waiting of this.#turns.values())
			for (const waiter of [...(waiting ?? [])]) waiter.refuse(error);
	}
}

/** One place in a line. */
class Waiter {
	readonly turn: Promise<void>;
	readonly #line: Set<Waiter>;
	readonly #signal: AbortSignal | undefined;
	readonly #timer: ReturnType<typeof setTimeout>;
	readonly #giveUp = (): void => this.refuse(busyError());
	#resolve!: () => void;
	#reject!: (error: Error) => void;

	constructor(line: Set<Waiter>, timeout: number, signal: AbortSignal | undefined) {
		this.#line = line;
		this.#signal = signal;
		this.turn = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		this.#timer = setTimeout(this.#giveUp, timeout);
		signal?.addEventListener("abort", this.#giveUp);
		line.add(this);
		if (signal?.aborted) this.#giveUp();
	}

	grant(): void {
		this.#leave();
		this.#resolve();
	}

	refuse(error: Error): void {
		this.#leave();
		this.#reject(error);
	}

	#leave(): void {
		this.#line.delete(this);
		clearTimeout(this.#timer);
		this.#signal?.removeEventListener("abort", this.#giveUp);
	}
}
