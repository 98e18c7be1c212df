import { isPromise } from "../base/maybe-promise.ts";
import { Repeats } from "../base/repeats.ts";
import type { Purpose, UnsealFailed } from "../crypto/key-ring.ts";
import type { ProviderCall } from "../protocol/types.ts";
import type { TelemetryEvent } from "./audit.ts";
import type { Log } from "./log.ts";

/**
 * Routes of the gate whose answers are worth a span. The others are pages, or asked for all the
 * time.
 */
export type TelemetryRoute =
	| "login"
	| "callback"
	| "claim"
	| "refresh"
	| "logout"
	| "backchannel_logout";

/**
 * What measures a gate. It only observes: what it throws is logged, what it returns is ignored, and
 * `run` runs exactly once and keeps its own result, no matter what the telemetry does with it.
 * `openTelemetry()` of `portcullis/opentelemetry` is one.
 */
export interface Telemetry {
	/** Something happened. */
	record(event: TelemetryEvent): void;
	/**
	 * A sealed value, as a cookie holds it, did not open. `keyId` is there if the key is one of ours:
	 * the value is damaged, or was sealed for something else.
	 */
	recordUnsealFailure(purpose: Exclude<Purpose, "form">, keyId: string | undefined): void;
	/** Surrounds one of the gate's own routes. */
	route(name: TelemetryRoute, run: () => Promise<Response>): unknown;
	/**
	 * Surrounds one call to a provider; what `run` rejects with has a `reason`, such as `timeout` or
	 * `status_503`.
	 */
	providerCall(call: ProviderCall, run: () => Promise<Response>): unknown;
}

/** The same complaint about an observer is logged once in so long. Milliseconds. */
const LOG_AGAIN = 60_000;

/** Keeps what an observer does away from what is observed. */
export class GuardedTelemetry {
	readonly #telemetry: Telemetry;
	readonly #log: Log;
	readonly #complaints: Repeats;

	/** @param now milliseconds since the epoch. */
	constructor(telemetry: Telemetry, log: Log, now: () => number) {
		this.#telemetry = telemetry;
		this.#log = log;
		this.#complaints = new Repeats(1, LOG_AGAIN, now);
	}

	record(event: TelemetryEvent): void {
		this.#safely(() => this.#telemetry.record(event));
	}

	recordUnsealFailure(...value: Parameters<UnsealFailed>): void {
		this.#safely(() => this.#telemetry.recordUnsealFailure(...value));
	}

	route(name: TelemetryRoute, run: () => Promise<Response>): Promise<Response> {
		return this.#around(run, (once) => this.#telemetry.route(name, once));
	}

	providerCall(call: ProviderCall, run: () => Promise<Response>): Promise<Response> {
		return this.#around(run, (once) => this.#telemetry.providerCall(call, once));
	}

	/**
	 * Runs it once, within the observer if that runs it at once, and answers with what came of it.
	 */
	#around(
		run: () => Promise<Response>,
		observe: (once: () => Promise<Response>) => unknown,
	): Promise<Response> {
		let running: Promise<Response> | undefined;
		const once = () => {
			running ??= run();
			return running;
		};
		this.#safely(() => observe(once));
		return once();
	}

	#safely(observe: () => unknown): void {
		try {
			const result = observe();
			// Its promise may reject because what it watched did, which is answered elsewhere.
			if (isPromise(result)) result.catch(() => {});
		} catch (cause) {
			if (this.#complaints.take("telemetry") === undefined) return;
			const message = "Telemetry failed; what it was to measure is unharmed";
			this.#log({
				level: "error",
				code: "internal_error",
				reason: "telemetry_failed",
				message,
				cause,
			});
		}
	}
}
