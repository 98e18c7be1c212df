/**
 * Runs one job at a time: callers that arrive while it runs get the same promise, so that a
 * thousand first requests cost one call.
 */
export class SingleFlight<T> {
	readonly #job: () => Promise<T>;
	#running: Promise<T> | undefined;

	constructor(job: () => Promise<T>) {
		this.#job = job;
	}

	/** The run under way, if there is one. It may have started long before the caller came. */
	get running(): Promise<T> | undefined {
		return this.#running;
	}

	/** Joins the run under way or starts one. */
	run(): Promise<T> {
		this.#running ??= this.#job().finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}
}
