import { allMarkers } from "./markers.ts";
import type { Mutation, PlacedMutation } from "./mutation.ts";
import { APP } from "./mutations-app.ts";
import { GUARD } from "./mutations-guard.ts";
import { HOSTS } from "./mutations-hosts.ts";
import { PROTOCOL } from "./mutations-protocol.ts";
import { SESSION } from "./mutations-session.ts";
import { STATE } from "./mutations-state.ts";

/** Everything that is switched off. */
export const MUTATIONS: readonly Mutation[] = [
	...PROTOCOL,
	...SESSION,
	...GUARD,
	...STATE,
	...APP,
	...HOSTS,
];

/** All of them, with the files that their markers are in. */
export function placedMutations(): PlacedMutation[] {
	const files = new Map(allMarkers().map(({ id, file }) => [id, file]));
	return MUTATIONS.map((mutation) => {
		const file = files.get(mutation.id);
		if (file === undefined) throw new Error(`No comment says "// proven: ${mutation.id}"`);
		return { ...mutation, file };
	});
}
