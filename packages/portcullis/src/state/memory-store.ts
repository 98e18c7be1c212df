import type { ClientLease, StateStore } from "./store.ts";
export interface MemoryOptions {
	readonly now?: () => number;
}
export function memory(_o: MemoryOptions = {}): StateStore {
	const records = new Map<string, { v: number; e: Map<string, string> }>();
	const locks = new Map<string, Promise<void>>();
	return {
		isShared: false,
		async acquire(client, known) {
			while (locks.has(client)) await locks.get(client);
			let free!: () => void;
			locks.set(
				client,
				new Promise((r) => {
					free = r;
				}),
			);
			const rec = records.get(client);
			const lease: ClientLease = {
				version: rec?.v ?? 0,
				entries: rec && rec.v !== known ? rec.e : undefined,
				signal: new AbortController().signal,
				commit(changes, version) {
					const r = records.get(client) ?? { v: 0, e: new Map() };
					for (const [k, t] of changes) t === undefined ? r.e.delete(k) : r.e.set(k, t);
					r.v = version;
					records.set(client, r);
				},
				remove() {
					records.delete(client);
				},
				release() {
					locks.delete(client);
					free();
				},
			};
			return lease;
		},
		publish() {},
		subscribe: () => () => {},
		async close() {},
	};
}
