import type { Embedding } from "../../config/embedding.ts";
import type { RecordLease } from "../../store/contract.ts";

/**
 * Prefix of the record of one popup handoff. Browsers name clients by sealed names, so that none
 * can name this one.
 */
const RECORD = "handoff.";
const SEALED = "sealed";
const USED = "used";
/** No popup handoff opens any more after so long, nor has to be known as used. Seconds. */
const HANDOFF_TTL = 150;
/** How long the store may take. Milliseconds. */
const TIMEOUT = 5000;

/** What became of a claim at the store. */
export type Taken = { readonly sealed: string } | "pending" | "used";

/**
 * Leaves a popup handoff in the store, for an opener that the popup cannot reach.
 *
 * @throws {StateError} if the store does not answer.
 */
export async function leavePopupHandoff(
	embedding: Embedding,
	challenge: string,
	sealed: string,
): Promise<void> {
	const lease = await acquire(embedding, challenge);
	try {
		if (lease.version !== 0) return; // proven: handoff-overwritten
		await lease.commit([[SEALED, sealed]], 1, { ttl: HANDOFF_TTL, anonymous: false });
	} finally {
		await lease.release();
	}
}

/**
 * Takes a popup handoff, once in all processes on one store: of many claims at the same time, one
 * gets it.
 *
 * @param sent What the claim brought; without it what was left in the store.
 * @param isGood Whether it opens. One that does not leaves everything as it is: a caller without
 *   the verifier spoils nothing.
 * @throws {StateError} if the store does not answer.
 */
export async function takePopupHandoff(
	embedding: Embedding,
	challenge: string,
	sent: string | undefined,
	isGood: (sealed: string) => Promise<boolean>,
): Promise<Taken> {
	const lease = await acquire(embedding, challenge);
	try {
		if (lease.entries?.has(USED)) return "used"; // proven: handoff-twice
		const sealed = sent ?? lease.entries?.get(SEALED);
		if (sealed === undefined) return "pending";
		if (await isGood(sealed)) {
			const changes = [
				[SEALED, undefined],
				[USED, "1"],
			] as const;
			await lease.commit(changes, lease.version + 1, { ttl: HANDOFF_TTL, anonymous: false });
		}
		return { sealed };
	} finally {
		await lease.release();
	}
}

async function acquire({ store }: Embedding, challenge: string): Promise<RecordLease> {
	return store.acquire(RECORD + challenge, 0, AbortSignal.timeout(TIMEOUT));
}
