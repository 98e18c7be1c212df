import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { deepFreeze } from "../base/deep-freeze.ts";
import { isPromise } from "../base/maybe-promise.ts";
import { type AnyUser, ComputedCell } from "./cells.ts";
import type { AsyncComputedCall, ComputedCall, ComputedOptions } from "./surfaces.ts";

/** Worked out when it is looked at, and kept until something that it read has changed. */
export class SyncComputedCell<T = unknown> extends ComputedCell<T> {
	readonly #computed: ReadonlySignal<T>;

	constructor(work: (call: ComputedCall<AnyUser | undefined>) => T, options: ComputedOptions<T>) {
		super(options);
		this.#computed = computed(() => {
			this.track();
			const value = work(this.call());
			if (isPromise(value)) {
				value.catch(() => {});
				throw new TypeError(
					`${this.id} returns a promise: give what it depends on as a first function, and the work as a second one`,
				);
			}
			if (this.owner?.freezes) deepFreeze(value);
			return value;
		});
	}

	get value(): T {
		return this.#computed.value;
	}
}

/**
 * The first function is tracked; what the second one makes of its result arrives later, and
 * `initial` or the last value stands in until then.
 */
export class AsyncComputedCell<D = unknown, T = unknown> extends ComputedCell<T> {
	readonly #dependencies: ReadonlySignal<{ readonly value: D; readonly user: AnyUser | undefined }>;
	readonly #result: Signal<T>;
	readonly #work: (call: AsyncComputedCall<AnyUser | undefined, D>) => Promise<T>;
	#begun: unknown;
	#running: AbortController | undefined;

	constructor(
		dependencies: (call: ComputedCall<AnyUser | undefined>) => D,
		work: (call: AsyncComputedCall<AnyUser | undefined, D>) => Promise<T>,
		options: ComputedOptions<T>,
	) {
		super(options);
		this.#work = work;
		this.#result = signal(options.initial);
		this.#dependencies = computed(() => {
			this.track();
			return { value: dependencies(this.call()), user: this.owner?.user.value };
		});
	}

	get value(): T {
		const dependencies = this.#dependencies.value;
		if (this.#begun !== dependencies) {
			this.#begun = dependencies;
			this.#begin(dependencies.value, dependencies.user);
		}
		return this.#result.value;
	}

	#begin(dependencies: D, user: AnyUser | undefined): void {
		const { owner } = this;
		this.#running?.abort();
		if (!owner || owner.signal.aborted) return;
		const running = new AbortController();
		this.#running = running;
		const signal = AbortSignal.any([running.signal, owner.signal]);
		// The work begins after what is being worked out now, which must not be changed by it.
		const work = Promise.resolve()
			.then(() => (signal.aborted ? undefined : this.#work({ dependencies, user, signal })))
			.then((value) => {
				if (signal.aborted) return;
				if (owner.freezes) deepFreeze(value);
				this.#result.value = value as T;
			})
			// Also what goes wrong while the value is taken over: nothing else hears of it.
			.catch((error: unknown) => {
				if (!signal.aborted) owner.failed(this, error);
			});
		owner.started(work);
	}
}
