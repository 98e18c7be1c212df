/** What the engine keeps: one record per code, token, grant, session and interaction. */
type Payload = Record<string, unknown> & { uid?: string; grantId?: string };

interface Entry {
	readonly payload: Payload;
	/** Milliseconds since the epoch. */
	readonly expiresAt: number;
}

/** The adapter interface of `oidc-provider`, for one kind of record. */
export interface StoreAdapter {
	upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
	find(id: string): Promise<Payload | undefined>;
	findByUid(uid: string): Promise<Payload | undefined>;
	findByUserCode(userCode: string): Promise<Payload | undefined>;
	consume(id: string): Promise<void>;
	destroy(id: string): Promise<void>;
	revokeByGrantId(grantId: string): Promise<void>;
}

/** A server-side memory that forgets what has expired, and everything when the process ends. */
export function createStore(): (kind: string) => StoreAdapter {
	const kinds = new Map<string, Map<string, Entry>>();
	return (kind) => {
		const entries = kinds.get(kind) ?? new Map<string, Entry>();
		kinds.set(kind, entries);
		return adapterOf(entries);
	};
}

function adapterOf(entries: Map<string, Entry>): StoreAdapter {
	let sweepAt = sweepEvery;

	function live(id: string): Payload | undefined {
		const entry = entries.get(id);
		if (entry === undefined || entry.expiresAt > Date.now()) return entry?.payload;
		entries.delete(id);
		return undefined;
	}

	function first(matches: (payload: Payload) => boolean): Payload | undefined {
		for (const [id, { payload }] of entries) if (matches(payload)) return live(id);
		return undefined;
	}

	function sweep(): void {
		if (entries.size < sweepAt) return;
		for (const id of entries.keys()) live(id);
		sweepAt = entries.size + sweepEvery;
	}

	return {
		async upsert(id, payload, expiresIn) {
			sweep();
			entries.set(id, {
				payload,
				expiresAt:
					expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000,
			});
		},
		find: async (id) => live(id),
		findByUid: async (uid) => first((payload) => payload.uid === uid),
		findByUserCode: async (userCode) => first((payload) => payload.userCode === userCode),
		async consume(id) {
			const payload = live(id);
			if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
		},
		async destroy(id) {
			entries.delete(id);
		},
		async revokeByGrantId(grantId) {
			for (const [id, { payload }] of entries) if (payload.grantId === grantId) entries.delete(id);
		},
	};
}

/** How many further records of a kind are written before those that have expired are looked for. */
const sweepEvery = 1000;
