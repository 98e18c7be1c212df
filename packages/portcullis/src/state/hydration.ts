import { within } from "../base/within.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Caller } from "./caller.ts";
import { deltaText } from "./lines.ts";
import type { StateType } from "./state-types.ts";
import type { TabHost } from "./tabs/tab-host.ts";
import type { NamedTab, TabNames } from "./tabs/tab-names.ts";
import type { TabState } from "./tabs/tab-state.ts";
import { type ViewLog, viewStates } from "./view.ts";

/** How long a first page waits for values that are worked out asynchronously. Milliseconds. */
const FIRST_VALUES = 2000;

/**
 * What a hydrate gives, but for what the app adds. `values` and `withheld` are JSON already:
 * `delta` is the whole `StateDelta`.
 */
export interface Hydrated {
	/** The sealed name of the tab. */
	readonly client: string;
	readonly epoch: number;
	/** JSON of a full `StateDelta`. */
	readonly delta: string;
	readonly types: readonly StateType[];
}

/** Values of a known tab. The name says whose it is: it is sealed anew for another owner. */
export async function hydrateKnown(
	{ host, names, log }: HydrationDeps,
	ring: KeyRing,
	caller: Caller,
	known: NamedTab & { readonly name: string },
	types: readonly StateType[],
): Promise<Hydrated> {
	const view = () =>
		host.work(known.id, caller, async ({ tab, lease, keeping }) => {
			const delta = await viewStates(tab, types, caller, true, log);
			tab.sentRev = tab.nextRev();
			if (host.store.isShared) await tab.touch(lease, keeping);
			return {
				delta: deltaText(delta, tab.sentRev, true),
				epoch: tab.epoch,
				pending: tab.scope.pending(),
			};
		});
	let viewed = await view();
	if (viewed.pending) {
		await within(FIRST_VALUES, viewed.pending, undefined);
		viewed = await view();
	}
	const { delta, epoch } = viewed;
	// An event that was made for one person is never run for another.
	const client =
		known.owner === caller.owner ? known.name : await names.seal(ring, known.id, caller.owner); // proven: old-name
	return { client, epoch, delta, types };
}

/** What hydration needs. */
export interface HydrationDeps {
	readonly host: TabHost;
	readonly names: TabNames;
	readonly log: ViewLog;
}

/** Values of a new tab. */
export async function hydrateNew(
	{ host, names, log }: HydrationDeps,
	ring: KeyRing,
	caller: Caller,
	types: readonly StateType[],
): Promise<Hydrated> {
	const tab = host.fresh(caller);
	const delta = await firstValues(tab, types, caller, log);
	host.adopt(tab, caller);
	return { client: await names.seal(ring, tab.id, caller.owner), epoch: 0, delta, types };
}

/** JSON of all values that a caller may see of a fresh tab. */
export async function firstValues(
	tab: TabState,
	types: readonly StateType[],
	caller: Caller,
	log: ViewLog,
): Promise<string> {
	let delta = await viewStates(tab, types, caller, true, log);
	const pending = tab.scope.pending();
	if (pending) {
		await within(FIRST_VALUES, pending, undefined);
		delta = await viewStates(tab, types, caller, true, log);
	}
	tab.sentRev = tab.nextRev();
	return deltaText(delta, tab.sentRev, true);
}
