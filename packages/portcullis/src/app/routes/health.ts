import { within } from "../../base/within.ts";
import type { RuntimeLoader } from "../../config/runtime.ts";
import type { MaybePromise } from "../../crypto/aead.ts";
import type { StateStore } from "../../store/contract.ts";
import type { RevocationCheck } from "../sessions/revocation-list.ts";

/**
 * How long one answer is reused: the endpoint is open to everyone, and must not be a way to load
 * the store. Milliseconds.
 */
const RESULT_TTL = 1000;
/** How long the store may take. Milliseconds. */
const TIMEOUT = 2000;

export interface HealthParts {
	readonly loader: RuntimeLoader;
	readonly store: StateStore;
	readonly revocations: RevocationCheck;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

/**
 * `GET health` and `GET health/ready`, for the supervisor or load balancer that starts, restarts
 * and feeds the process. They answer one word, and look up no person.
 */
export class HealthRoutes {
	readonly #parts: HealthParts;
	/** A record of its own, so that processes do not wait for each other. */
	readonly #record: string = `health.${crypto.randomUUID()}`;
	#isDraining = false;
	#looked: { readonly isReady: Promise<boolean>; readonly until: number } | undefined;

	constructor(parts: HealthParts) {
		this.#parts = parts;
	}

	/** The process answers: 200. */
	live(): Response {
		return answer(200, "live");
	}

	/**
	 * Providers and keys are loaded, the store answers, and it is known who was logged out: 200, else
	 * 503.
	 */
	async ready(): Promise<Response> {
		const isReady = await this.#isReady();
		return answer(isReady ? 200 : 503, isReady ? "ready" : "unavailable");
	}

	/** Not ready any more, even if all other checks pass: the process is about to stop. */
	drain(): void {
		this.#isDraining = true;
	}

	#isReady(): MaybePromise<boolean> {
		if (this.#isDraining) return false;
		const now = this.#parts.now();
		if (!this.#looked || now >= this.#looked.until || now < this.#looked.until - RESULT_TTL)
			this.#looked = {
				isReady: within(TIMEOUT, this.#look(), false).catch(() => false),
				until: now + RESULT_TTL,
			};
		return this.#looked.isReady;
	}

	async #look(): Promise<boolean> {
		const { loader, store, revocations } = this.#parts;
		if (!loader.current) await loader.load();
		await revocations.ready();
		const lease = await store.acquire(this.#record, 0, AbortSignal.timeout(TIMEOUT));
		await lease.release();
		return true;
	}
}

function answer(status: number, word: string): Response {
	const headers = {
		"Content-Type": "application/json",
		"Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff",
		...(status === 503 ? { "Retry-After": "1" } : {}),
	};
	return new Response(JSON.stringify({ status: word }), { status, headers });
}
