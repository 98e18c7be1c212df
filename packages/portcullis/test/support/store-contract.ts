import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Keeping, RecordLease, StateStore } from "../../src/store/contract.ts";

/** How the contract gets at stores of one kind. */
export interface StoreKind {
	/**
	 * A store on the same records as all others that are opened in a test; the contract closes it.
	 */
	open(): StateStore;
	/** Lets time go by for the store, in seconds; nothing where the store has a clock of its own. */
	passTime(seconds: number): void;
}

/** A day, as somebody who has signed in. */
export const KEEPING: Keeping = { ttl: 86_400, anonymous: false };

/** A client that no other test has. */
export function newClient(): string {
	return crypto.randomUUID();
}

/** Runs `work` with the lease of a client, and gives it back. */
export async function withLease<T>(
	store: StateStore,
	client: string,
	work: (lease: RecordLease) => T | Promise<T>,
	knownVersion = 0,
): Promise<T> {
	const lease = await store.acquire(client, knownVersion);
	try {
		return await work(lease);
	} finally {
		await lease.release();
	}
}

/** Reads a record: its version and entries. */
export function read(
	store: StateStore,
	client: string,
): Promise<{ version: number; entries: Record<string, string> }> {
	return withLease(store, client, ({ version, entries }) => ({
		version,
		entries: Object.fromEntries(entries ?? []),
	}));
}

/** Writes a record as the next version. */
export function write(
	store: StateStore,
	client: string,
	changes: Record<string, string | undefined>,
	keeping: Keeping = KEEPING,
): Promise<void> {
	return withLease(store, client, (lease) =>
		lease.commit(Object.entries(changes), lease.version + 1, keeping),
	);
}

/** Adds one to a counter, as an event would: read, then write. */
export function increment(store: StateStore, client: string): Promise<void> {
	return withLease(store, client, (lease) => {
		const count = Number(lease.entries?.get("count") ?? 0);
		return lease.commit([["count", String(count + 1)]], lease.version + 1, KEEPING);
	});
}

/** The code that a call fails with; `undefined` if it does not. */
export async function codeOf(call: () => unknown): Promise<string | undefined> {
	try {
		await call();
		return undefined;
	} catch (error) {
		if (!(error instanceof Error) || error.name !== "StateError") throw error;
		return (error as unknown as { code: string }).code;
	}
}

/** What every store has to do, as tests. */
export function describeStore(name: string, kind: StoreKind): void {
	const open = (): StateStore => {
		const store = kind.open();
		onTestFinished(() => store.close());
		return store;
	};

	describe(`${name}: records`, () => {
		test("a client that nobody has written has version 0 and no entries", async () => {
			const lease = await open().acquire(newClient(), 0);
			expect([lease.version, lease.entries]).toEqual([0, undefined]);
			await lease.release();
		});

		test("entries come back as they were written, replaced and removed", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1", b: "2", c: "" });
			await write(store, client, { a: undefined, b: "3", d: "4", never: undefined });
			expect(await read(store, client)).toEqual({ version: 2, entries: { b: "3", c: "", d: "4" } });
		});

		test("no entries are sent for the version that the caller has", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" });
			const seen = (known: number) =>
				withLease(store, client, ({ version, entries }) => [version, entries?.size], known);
			expect(await seen(1)).toEqual([1, undefined]);
			expect(await seen(0)).toEqual([1, 1]);
			expect(await seen(7)).toEqual([1, 1]);
		});

		test("one lease commits several times, each time from where it left off", async () => {
			const store = open();
			const client = newClient();
			await withLease(store, client, async (lease) => {
				await lease.commit([["a", "1"]], 1_763_000_000_000_123, KEEPING);
				await lease.commit([["b", "2"]], 1_763_000_000_000_124, KEEPING);
				await lease.commit([], 1_763_000_000_000_130, KEEPING);
			});
			expect(await read(store, client)).toEqual({
				version: 1_763_000_000_000_130,
				entries: { a: "1", b: "2" },
			});
		});

		test("a commit has to have a greater version, or nothing is written", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" });
			await withLease(store, client, async (lease) => {
				for (const version of [1, 0, -1, Number.NaN])
					expect(await codeOf(() => lease.commit([["a", "2"]], version, KEEPING))).toBe(
						"state_conflict",
					);
			});
			expect(await read(store, client)).toEqual({ version: 1, entries: { a: "1" } });
		});

		test("a lease that was given back neither commits nor removes", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" });
			const lease = await store.acquire(client, 0);
			await lease.release();
			expect(await codeOf(() => lease.commit([["a", "2"]], 2, KEEPING))).toBe("state_conflict");
			expect(await codeOf(() => lease.remove())).toBe("state_conflict");
			expect(await read(store, client)).toEqual({ version: 1, entries: { a: "1" } });
		});

		test("changes may come from what can be read once, and the last one of a key counts", async () => {
			const store = open();
			const client = newClient();
			function* changes(): Generator<[string, string | undefined]> {
				yield ["a", "1"];
				yield ["b", "2"];
				yield ["a", undefined];
				yield ["b", "3"];
			}
			await withLease(store, client, (lease) => lease.commit(changes(), 1, KEEPING));
			expect((await read(store, client)).entries).toEqual({ b: "3" });
		});

		test("a record that was removed is gone, and another one may begin under the same lease", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" });
			await withLease(store, client, (lease) => lease.remove());
			expect(await read(store, client)).toEqual({ version: 0, entries: {} });
			await write(store, client, { a: "1" });
			await withLease(store, client, async (lease) => {
				await lease.remove();
				await lease.commit([["b", "2"]], 9, KEEPING);
			});
			expect(await read(store, client)).toEqual({ version: 9, entries: { b: "2" } });
		});

		test("a record is gone some time after its last commit", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" }, { ttl: 0.05, anonymous: false });
			await write(store, client, { b: "2" }, { ttl: 1, anonymous: false });
			kind.passTime(0.8);
			expect((await read(store, client)).version).toBe(2);
			kind.passTime(0.3);
			await vi.waitFor(
				async () => expect(await read(store, client)).toEqual({ version: 0, entries: {} }),
				5000,
			);
		});

		test("whose record it is may be said, and one person's records push out nobody else's", async () => {
			const store = open();
			const [victim, gates] = [newClient(), newClient()];
			const of = (owner: string): Keeping => ({ ...KEEPING, owner });
			await write(store, victim, { a: "1" }, of("https://idp bob"));
			await write(store, gates, { a: "1" });
			const own = Array.from({ length: 50 }, () => newClient());
			for (const client of own)
				await write(store, client, { a: "x".repeat(10_000) }, of("https://idp ada"));
			for (const client of [victim, gates, own.at(-1) ?? ""])
				expect((await read(store, client)).version).toBe(1);
		});

		test("clients do not share anything", async () => {
			const store = open();
			const clients = ["a", "}", "a}", "{a}", "a%7D", "a:lease", "a:next", "{a", "v"].map(
				(name) => name + newClient(),
			);
			for (const [index, client] of clients.entries())
				await write(store, client, { index: String(index) });
			for (const [index, client] of clients.entries())
				expect((await read(store, client)).entries).toEqual({ index: String(index) });
		});
	});

	describe(`${name}: texts`, () => {
		test.each([
			["every character of the basic plane, each surrogate alone", everyCodeUnit()],
			["characters beyond it", "\u{1F600}\u{10FFFF}\u{10000}"],
			["a surrogate that has lost its other half", "a\uD83D"],
			["halves in the wrong order", "\uDE00\uD83D"],
			["zeros and line ends", "\u0000\r\n\u0000"],
			["what looks like an escape", '\u0000"\\ud83d"'],
			["nothing", ""],
		])("%s come back as they were, in entries and their names", async (_, text) => {
			const store = open();
			const client = newClient();
			await write(store, client, { text, [`key ${text}`]: "1" });
			const { entries } = await read(store, client);
			expect(Object.keys(entries).length).toBe(2);
			expect(entries.text === text).toBe(true);
			expect(entries[`key ${text}`]).toBe("1");
			await write(store, client, { [`key ${text}`]: undefined });
			expect(Object.keys((await read(store, client)).entries)).toEqual(["text"]);
		});

		test("no name of an entry means anything to the store", async () => {
			const store = open();
			const client = newClient();
			const names = ["v", "", "__proto__", "constructor", "toString", ":v", "version"];
			const changes = names.map((name) => [name, `text of ${name}`] as const);
			await withLease(store, client, (lease) => lease.commit(changes, 1, KEEPING));
			const found = await withLease(store, client, ({ version, entries }) => [
				version,
				[...(entries ?? [])].sort(),
			]);
			expect(found).toEqual([1, [...changes].sort()]);
		});

		test("large texts and many entries", async () => {
			const store = open();
			const client = newClient();
			const large = "\u00e4bc".repeat(1_500_000);
			const many = Array.from({ length: 5000 }, (_, i) => [`key ${i}`, String(i)] as const);
			await withLease(store, client, (lease) =>
				lease.commit([["large", large], ...many], 1, KEEPING),
			);
			await withLease(store, client, ({ entries }) => {
				expect(entries?.size).toBe(5001);
				expect(entries?.get("large") === large).toBe(true);
				expect(entries?.get("key 4999")).toBe("4999");
			});
			const removals = many.slice(1).map(([key]) => [key, undefined] as const);
			await withLease(store, client, (lease) =>
				lease.commit([["large", undefined], ...removals], 2, KEEPING),
			);
			expect(await read(store, client)).toEqual({ version: 2, entries: { "key 0": "0" } });
		});
	});

	describe(`${name}: turns`, () => {
		test("come one after the other, in the order in which they were asked for", async () => {
			const store = open();
			const client = newClient();
			const order: number[] = [];
			let working = 0;
			const turns = Array.from({ length: 20 }, async (_, index) => {
				await withLease(store, client, async (lease) => {
					expect(++working).toBe(1);
					order.push(index);
					await lease.commit([["index", String(index)]], lease.version + 1, KEEPING);
					working--;
				});
			});
			await Promise.all(turns);
			expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
			expect(await read(store, client)).toEqual({ version: 20, entries: { index: "19" } });
		});

		test("of different clients do not wait for each other", async () => {
			const store = open();
			const held = await store.acquire(newClient(), 0);
			await write(store, newClient(), { a: "1" });
			await held.release();
		});

		test("a lease that is given back twice lets one in", async () => {
			const store = open();
			const client = newClient();
			const first = await store.acquire(client, 0);
			const second = Promise.resolve(store.acquire(client, 0));
			let isThirdIn = false;
			const third = Promise.resolve(store.acquire(client, 0)).then((lease) => {
				isThirdIn = true;
				return lease;
			});
			await first.release();
			await first.release();
			const lease = await second;
			// A turn of another client takes at least as long as the third would have needed.
			await read(store, newClient());
			expect(isThirdIn).toBe(false);
			await lease.release();
			await (await third).release();
		});

		test("whoever gives up waiting leaves the line; the others keep their places", async () => {
			const store = open();
			const client = newClient();
			const held = await store.acquire(client, 0);
			const controller = new AbortController();
			const gone = codeOf(() => store.acquire(client, 0, controller.signal));
			const next = Promise.resolve(store.acquire(client, 0, new AbortController().signal));
			controller.abort();
			expect(await gone).toBe("state_busy");
			await held.release();
			await (await next).release();
			expect(await codeOf(() => store.acquire(client, 0, AbortSignal.abort()))).toBe("state_busy");
			await read(store, client);
		});

		test("a lease that is held is not lost", async () => {
			const store = open();
			await withLease(store, newClient(), ({ signal }) => expect(signal.aborted).toBe(false));
		});

		test("1,000 increments by two instances lose nothing", async () => {
			// Where nothing is shared there is but one.
			const first = open();
			const stores = [first, first.isShared ? open() : first];
			const client = newClient();
			const hammer = async (store: StateStore) => {
				for (let i = 0; i < 250; i++)
					await Promise.all([increment(store, client), increment(store, client)]);
			};
			await Promise.all(stores.map(hammer));
			expect(await read(first, client)).toEqual({ version: 1000, entries: { count: "1000" } });
		}, 30_000);
	});

	describe(`${name}: messages`, () => {
		test("reach every listener of a channel and nobody else, whatever is in them", async () => {
			const store = open();
			const [channel, other] = [newClient(), newClient()];
			const heard: string[] = [];
			store.subscribe(other, (message) => heard.push(`other ${message}`));
			store.subscribe(channel, () => {
				throw new Error("a listener of its own mind");
			});
			store.subscribe(channel, (message) => heard.push(`first ${message}`));
			store.subscribe(channel, (message) => heard.push(`second ${message}`));
			await untilHeard(store, channel, heard);
			const message = "\u0000 \uD83D \u{1F600} ".repeat(3);
			store.publish(channel, message);
			await vi.waitFor(() => expect(heard).toEqual([`first ${message}`, `second ${message}`]));
		});

		test("come in order, and stop when the listener does", async () => {
			const store = open();
			const channel = newClient();
			const heard: string[] = [];
			const kept: string[] = [];
			const listener = (message: string) => heard.push(message);
			const stop = store.subscribe(channel, listener);
			store.subscribe(channel, (message) => kept.push(message));
			await untilHeard(store, channel, heard);
			kept.length = 0;
			for (let i = 0; i < 50; i++) store.publish(channel, String(i));
			await vi.waitFor(() => expect(kept.length).toBe(50));
			expect(heard).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
			stop();
			stop();
			store.publish(channel, "last");
			await vi.waitFor(() => expect(kept.at(-1)).toBe("last"));
			expect(heard.length).toBe(50);
			const again: string[] = [];
			store.subscribe(channel, (message) => again.push(message));
			await untilHeard(store, channel, again);
		});
	});

	describe(`${name}: closing`, () => {
		test("sends everybody away who waits, and works for nobody any more", async () => {
			const store = open();
			const client = newClient();
			await write(store, client, { a: "1" });
			const held = await store.acquire(client, 0);
			const waiting = codeOf(() => store.acquire(client, 0));
			await store.close();
			expect(await waiting).toBe("state_store_unavailable");
			expect(await codeOf(() => held.commit([["a", "2"]], 2, KEEPING))).toBe(
				"state_store_unavailable",
			);
			await held.release();
			expect(await codeOf(() => store.acquire(client, 0))).toBe("state_store_unavailable");
			store.publish("channel", "message");
			store.subscribe("channel", () => {})();
			await store.close();
		});
	});
}

/**
 * Publishes until a subscription that takes a moment is there, and forgets what was heard
 * meanwhile.
 */
export async function untilHeard(
	store: StateStore,
	channel: string,
	heard: unknown[],
): Promise<void> {
	let published = 0;
	await vi.waitFor(
		() => {
			store.publish(channel, `probe ${published++}`);
			expect(heard.length).toBeGreaterThan(0);
		},
		{ timeout: 8000, interval: 20 },
	);
	// What is still under way comes before this one.
	const end = `end ${newClient()}`;
	store.publish(channel, end);
	await vi.waitFor(() => expect(heard.some((message) => String(message).endsWith(end))).toBe(true));
	// Listeners that were there first have heard it first; those behind them hear it in the same
	// turn.
	heard.length = 0;
}

function everyCodeUnit(): string {
	let text = "";
	for (let unit = 0; unit <= 0xffff; unit++) text += `${String.fromCharCode(unit)} `;
	return text;
}
