import { createClient } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type RedisServer, startRedisServer } from "../../../test/support/redis-server.ts";
import {
	KEEPING,
	newClient,
	read,
	withLease,
	write,
} from "../../../test/support/store-contract.ts";
import type { Keeping, StateStore } from "../contract.ts";
import type { RedisOptions } from "./options.ts";
import { redis } from "./store.ts";

let server: RedisServer;
let admin: ReturnType<typeof createClient>;

beforeAll(async () => {
	server = await startRedisServer();
	admin = createClient({ url: server.url });
	await admin.connect();
});
afterAll(async () => {
	admin?.destroy();
	await server?.close();
});

/** A store as another process would have it; closed after the test. */
function open(options: Partial<RedisOptions> = {}): StateStore {
	const store = redis({ url: server.url, ...options });
	onTestFinished(() => store.close());
	return store;
}

const kept = async (store: StateStore, clients: readonly string[]): Promise<number[]> => {
	const found: number[] = [];
	for (const [i, client] of clients.entries())
		if ((await read(store, client)).version > 0) found.push(i);
	return found;
};
const begin = async (
	store: StateStore,
	count: number,
	keeping: Partial<Keeping>,
): Promise<string[]> => {
	const clients = Array.from({ length: count }, newClient);
	for (const client of clients) {
		await write(store, client, { a: "1" }, { ...KEEPING, ...keeping });
		// The order is that of Redis's clock, in milliseconds.
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	return clients;
};

test("the oldest of a person gives way, over all processes, and nobody else's", async () => {
	const prefix = `${newClient()}:`;
	const [a, b] = [open({ prefix, maxPerPerson: 3 }), open({ prefix, maxPerPerson: 3 })];
	const others = await begin(a, 3, { owner: "bea.example" });
	const [first, second] = [
		await begin(a, 2, { owner: "ada.example" }),
		await begin(b, 3, { owner: "ada.example" }),
	];
	expect(await kept(a, [...first, ...second])).toEqual([2, 3, 4]);
	expect(await kept(a, others)).toEqual([0, 1, 2]);
	const own = await begin(a, 5, {});
	expect(await kept(a, own)).toEqual([0, 1, 2, 3, 4]);
	for (const name of await admin.keys(`${prefix}*`)) expect(name).not.toMatch(/example/);
});

test("anonymous ones count by network, by site, and all together where no address is known", async () => {
	const prefix = `${newClient()}:`;
	const store = open({ prefix, maxPerAddress: 2 });
	const keeping = (address?: string) => ({ anonymous: true, address });
	const network = await begin(store, 4, keeping("2001:db8:1:1::1"));
	const same = await begin(store, 1, keeping("2001:db8:1:1:ffff::2"));
	expect(await kept(store, [...network, ...same])).toEqual([3, 4]);
	const site: string[] = [];
	for (let i = 2; i < 40; i++) site.push(...(await begin(store, 1, keeping(`2001:db8:1:${i}::1`))));
	expect((await kept(store, site)).length).toBe(32);
	expect(await kept(store, same)).toEqual([]);
	expect((await kept(store, await begin(store, 20, keeping()))).length).toBe(20);
	expect((await kept(store, await begin(store, 4, keeping("203.0.113.7")))).length).toBe(2);
});

test("one that is being worked on stays, and goes with the next one that is too many", async () => {
	const store = open({ prefix: `${newClient()}:`, maxPerPerson: 2 });
	const [oldest = "", ...later] = await begin(store, 2, { owner: "ada" });
	await withLease(store, oldest, async (lease) => {
		await begin(store, 1, { owner: "ada" });
		await lease.commit([["a", "2"]], lease.version + 1, { ...KEEPING, owner: "ada" });
	});
	expect(await kept(store, [oldest, ...later])).toEqual([0, 1]);
	await begin(store, 1, { owner: "ada" });
	expect(await kept(store, [oldest, ...later])).toEqual([]);
});

test("one that another person works with by now does not go for the one before", async () => {
	const store = open({ prefix: `${newClient()}:`, maxPerPerson: 2 });
	const [shared = ""] = await begin(store, 1, { owner: "ada" });
	await write(store, shared, { a: "2" }, { ...KEEPING, owner: "bea" });
	await begin(store, 5, { owner: "ada" });
	expect(await kept(store, [shared])).toEqual([0]);
	await begin(store, 2, { owner: "bea" });
	expect(await kept(store, [shared])).toEqual([]);
});

test("50 at once leave no more than there may be", async () => {
	const store = open({ prefix: `${newClient()}:`, maxPerPerson: 5 });
	const clients = Array.from({ length: 50 }, newClient);
	await Promise.all(
		clients.map((client) => write(store, client, { a: "1" }, { ...KEEPING, owner: "ada" })),
	);
	await begin(store, 1, { owner: "ada" });
	expect((await kept(store, clients)).length).toBeLessThanOrEqual(5);
});

test("one round trip more for the first commit alone", async () => {
	const store = open({ prefix: `${newClient()}:` });
	const client = newClient();
	await write(store, client, { a: "1" }, { ...KEEPING, owner: "ada" });
	await admin.configResetStat();
	for (let i = 0; i < 5; i++)
		await write(store, client, { a: `${i}` }, { ...KEEPING, owner: "ada" });
	expect(await admin.info("commandstats")).not.toContain("zadd");
});
