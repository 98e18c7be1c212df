import { SNAPSHOT_ELEMENT } from "../wire/snapshot-element.ts";
import type { Snapshot } from "../wire/state.ts";

/**
 * Takes the snapshot out of the page that `snapshotScript` of `portcullis/views` has put there:
 * nothing of a person stays in the document once they have signed out. Call it once.
 *
 * @returns `undefined` if there is none, as on a server.
 */
export function readSnapshot(): Snapshot | undefined {
	const element = globalThis.document?.getElementById(SNAPSHOT_ELEMENT);
	element?.remove();
	return element ? JSON.parse(element.textContent) : undefined;
}
