import { type Platform, randomId } from "./platform.ts";

/** How long a page that is being left may take to let go of its lock. Milliseconds. */
const LET_GO_WAIT = 100;

/** What a tab keeps over a reload. */
interface Kept {
	/** Names the lock that the tab holds for its life. */
	readonly tab: string;
	client?: string;
	seq: number;
}

/**
 * The tab's own record: its sealed client name and where it is in its events. A duplicated tab gets
 * a record of its own.
 */
export interface TabRecord {
	/** Unguessable, this tab's alone. */
	readonly tab: string;
	/** Of the last event that was sent. */
	seq: number;
	/** Keeps the client's name. */
	keep(client: string): void;
	/**
	 * Takes up what this tab kept. A copy of it, in a duplicated tab, cannot: the lock is not free.
	 *
	 * @returns the name that was kept; `undefined` to begin without.
	 */
	claim(): Promise<string | undefined>;
	/** Lets go of the lock: the page is being left. */
	release(): void;
}

/** @param key Of the storage. */
export function createTabRecord({ storage, locks }: Platform, key: string): TabRecord {
	let kept: Kept = { tab: randomId(), seq: 0 };
	let releaseLock: (() => void) | undefined;

	const read = (): Kept | undefined => {
		try {
			const { tab, client, seq } = JSON.parse(storage?.getItem(key) ?? "{}");
			return tab && client ? { tab, client, seq: Number(seq) || 0 } : undefined;
		} catch {
			return undefined;
		}
	};

	const write = () => {
		try {
			storage?.setItem(key, JSON.stringify(kept));
		} catch {
			// Full or forbidden: after a reload the tab begins anew.
		}
	};

	const release = () => releaseLock?.();

	const hold = (tab: string) => {
		release();
		return new Promise<boolean>((resolve) => {
			// Without locks a reload cannot be told from a duplicate.
			if (!locks) return resolve(false);
			const held = (lock: unknown) => {
				resolve(lock !== null);
				if (lock === null) return undefined;
				return new Promise<void>((end) => {
					releaseLock = end;
				});
			};
			locks
				.request(`portcullis:tab:${tab}`, { ifAvailable: true }, held)
				.catch(() => resolve(false));
		});
	};

	const holdLater = (tab: string) =>
		new Promise<boolean>((resolve) => setTimeout(() => resolve(hold(tab)), LET_GO_WAIT));

	return {
		get tab() {
			return kept.tab;
		},
		get seq() {
			return kept.seq;
		},
		set seq(seq) {
			kept.seq = seq;
			write();
		},
		keep: (client) => {
			if (client === kept.client) return;
			kept.client = client;
			write();
		},
		claim: async () => {
			const before = read();
			// The page before a reload may not have let go yet.
			if (before && ((await hold(before.tab)) || (await holdLater(before.tab)))) {
				kept = before;
				return before.client;
			}
			// A duplicate writes a record of its own.
			kept = { tab: randomId(), seq: kept.seq };
			await hold(kept.tab);
			return undefined;
		},
		release,
	};
}
