import { StateError } from "../base/errors.ts";

/** How long a turn is waited for. Milliseconds. */
export const TURN_TIMEOUT = 30_000;

/** The lease was not free in time, or the caller stopped waiting for it. */
export function busyError(): StateError {
	return new StateError(
		"state_busy",
		"The client is being worked on, and its turn did not come in time",
	);
}

/**
 * Nothing was written: the right to write was gone, or the record was not the one that had been
 * read.
 */
export function conflictError(
	reason: "lease_lost" | "lease_released" | "version_changed" | "version_not_newer",
): StateError {
	return new StateError("state_conflict", `Nothing was written: ${CONFLICTS[reason]}`, { reason });
}

/** The store was closed. */
export function closedError(): StateError {
	return new StateError("state_store_unavailable", "The store has been closed", {
		reason: "closed",
	});
}

const CONFLICTS = {
	lease_lost: "the lease on the client was lost before",
	lease_released: "the lease on the client had been given back",
	version_changed: "the record is not at the version that was read",
	version_not_newer: "a commit needs a version greater than the present one",
} as const;
