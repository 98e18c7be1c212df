import type { Platform, TabChannel, TabLocks, TabStorage } from "./platform.ts";

// A browser with tabs, as far as the client uses one: locks, channels, storage and windows in
// memory.

type Listener = (event: { readonly persisted?: boolean }) => void;

interface Waiting {
	readonly held: (lock: unknown) => Promise<void> | undefined;
	readonly done: (value: unknown) => void;
}

/** What all tabs of a browser share. */
export class FakeBrowser {
	readonly #channels = new Map<string, Set<FakeChannel>>();
	readonly #held = new Set<string>();
	readonly #waiting = new Map<string, Waiting[]>();
	/** Messages between tabs. */
	readonly messages: unknown[] = [];

	/** @param fetch Answers the requests of all tabs. */
	constructor(fetch: Platform["fetch"]) {
		this.fetch = fetch;
	}

	readonly fetch: Platform["fetch"];

	tab(
		options: { storage?: TabStorage; without?: readonly ("locks" | "channel" | "storage")[] } = {},
	): FakeTab {
		return new FakeTab(this, options.storage ?? fakeStorage(), options.without ?? []);
	}

	readonly locks: TabLocks = {
		request: async (name, { ifAvailable, signal }, held) => {
			if (signal?.aborted) throw signal.reason;
			if (this.#held.has(name)) {
				if (ifAvailable) return held(null);
				return new Promise((done, reject) => {
					const waiting = { held, done };
					const queue = this.#waiting.get(name) ?? [];
					this.#waiting.set(name, queue);
					queue.push(waiting);
					signal?.addEventListener("abort", () => {
						const at = queue.indexOf(waiting);
						if (at < 0) return;
						queue.splice(at, 1);
						reject(signal.reason);
					});
				});
			}
			return this.#hold(name, held);
		},
	};

	openChannel(name: string): TabChannel {
		const channels = this.#channels.get(name) ?? new Set();
		this.#channels.set(name, channels);
		const channel = new FakeChannel(channels, this.messages);
		channels.add(channel);
		return channel;
	}

	async #hold(name: string, held: Waiting["held"]): Promise<unknown> {
		this.#held.add(name);
		try {
			return await held({ name });
		} finally {
			this.#held.delete(name);
			const next = this.#waiting.get(name)?.shift();
			if (next) void this.#hold(name, next.held).then(next.done);
		}
	}
}

/** One tab; `platform` is what its client gets. */
export class FakeTab {
	readonly browser: FakeBrowser;
	readonly storage: TabStorage;
	readonly platform: Platform;
	/** Where it was sent. */
	readonly visited: string[] = [];
	isHidden = false;
	isOffline = false;
	/** As in a frame. */
	openWindow: Platform["openWindow"] | undefined;
	readonly #listeners = new Map<string, Set<Listener>>();

	constructor(browser: FakeBrowser, storage: TabStorage, without: readonly string[]) {
		this.browser = browser;
		this.storage = storage;
		this.platform = {
			fetch: (path, init) => browser.fetch(path, init),
			storage: without.includes("storage") ? undefined : storage,
			locks: without.includes("locks") ? undefined : browser.locks,
			openChannel: (name) => (without.includes("channel") ? undefined : browser.openChannel(name)),
			href: () => "https://app.example/notes?a=1#top",
			assign: (href) => this.visited.push(href),
			listen: (type, listener, signal) => {
				const listeners = this.#listeners.get(type) ?? new Set();
				this.#listeners.set(type, listeners.add(listener));
				signal.addEventListener("abort", () => listeners.delete(listener));
			},
			isVisible: () => true,
			isOffline: () => this.isOffline,
			openWindow: () => this.openWindow?.() ?? false,
			hide: (isHidden) => {
				this.isHidden = isHidden;
			},
		};
	}

	fire(type: string, event: { readonly persisted?: boolean } = {}): void {
		for (const listener of [...(this.#listeners.get(type) ?? [])]) listener(event);
	}
}

class FakeChannel implements TabChannel {
	onmessage: TabChannel["onmessage"] = null;
	readonly #all: Set<FakeChannel>;
	readonly #log: unknown[];

	constructor(all: Set<FakeChannel>, log: unknown[]) {
		this.#all = all;
		this.#log = log;
	}

	postMessage(message: unknown): void {
		const data = structuredClone(message);
		this.#log.push(data);
		for (const other of this.#all)
			if (other !== this) queueMicrotask(() => other.onmessage?.({ data }));
	}

	close(): void {
		this.#all.delete(this);
		this.onmessage = null;
	}
}

/** Storage of a tab; `from` copies another's, as a duplicated tab does. */
export function fakeStorage(
	from: ReadonlyMap<string, string> = new Map(),
): TabStorage & { readonly items: Map<string, string> } {
	const items = new Map(from);
	return {
		items,
		getItem: (key) => items.get(key) ?? null,
		setItem: (key, value) => {
			items.set(key, value);
		},
	};
}
