import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import {
	command,
	type RedisCluster,
	startRedisCluster,
} from "../../../test/support/redis-cluster.ts";
import type { RedisServer } from "../../../test/support/redis-server.ts";
import {
	describeStore,
	increment,
	KEEPING,
	newClient,
	read,
	untilHeard,
	write,
} from "../../../test/support/store-contract.ts";
import type { StateStore } from "../contract.ts";
import { keysOf } from "./lease.ts";
import { redis } from "./store.ts";

let nodes: RedisCluster;
let servers: readonly RedisServer[] = [];

beforeAll(async () => {
	nodes = await startRedisCluster(3);
	servers = nodes.servers;
}, 30_000);
afterAll(() => nodes.close());

function openCluster(): StateStore {
	const client = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
	return redis({ client });
}

describeStore("redis cluster", { open: openCluster, passTime: () => {} });

test("clients are spread over the nodes, and messages reach all of them", async () => {
	const [a, b] = [openCluster(), openCluster()];
	onTestFinished(async () => void (await Promise.all([a.close(), b.close()])));
	for (let i = 0; i < 60; i++) await increment(a, newClient());
	for (const { url } of servers) {
		const node = await createClient({ url }).connect();
		expect(await node.dbSize()).toBeGreaterThan(5);
		node.destroy();
	}
	const heard: string[] = [];
	b.subscribe("channel", (message) => heard.push(message));
	await untilHeard(a, "channel", heard);
});

test("the oldest record of a person gives way, on whichever node it is", async () => {
	const client = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
	const store = redis({ client, maxPerPerson: 10 });
	onTestFinished(() => store.close());
	const keeping = { ...KEEPING, owner: newClient() };
	const clients = Array.from({ length: 40 }, newClient);
	for (const one of clients) {
		await write(store, one, { a: "1" }, keeping);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	const versions = await Promise.all(clients.map(async (one) => (await read(store, one)).version));
	expect(versions).toEqual(clients.map((_, i) => (i < 30 ? 0 : 1)));
});

test("an open cluster client of the app's own is left open, without our subscriptions", async () => {
	const client = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
	await client.connect();
	onTestFinished(() => client.destroy());
	const store = redis({ client });
	const heard: string[] = [];
	store.subscribe("channel", (message) => heard.push(message));
	await untilHeard(store, "channel", heard);
	await store.close();
	expect(client.isOpen).toBe(true);
	await vi.waitFor(async () => expect(await subscriptions("channel")).toEqual([]));
});

test("a channel is on the node of its slot alone, and channels are spread over the nodes", async () => {
	const store = openCluster();
	onTestFinished(() => store.close());
	const places = new Set<string>();
	for (let i = 0; i < 12; i++) {
		const heard: string[] = [];
		store.subscribe(`spread ${i}`, (message) => heard.push(message));
		await untilHeard(store, `spread ${i}`, heard);
		const found = await subscriptions(`spread ${i}`);
		expect(found).toHaveLength(1);
		places.add(found[0] as string);
	}
	expect(places.size).toBe(3);
	for (const server of servers) {
		expect(await command(server, ["PUBSUB", "CHANNELS"])).toBe("");
		const info = await command(server, ["CLUSTER", "INFO"]);
		expect(info).not.toContain("cluster_stats_messages_publish_sent");
	}
});

test("all keys of a client lie in one slot, those of others elsewhere", async () => {
	const [server] = servers as [RedisServer];
	const slots = new Set<string>();
	for (const client of [...Array.from({ length: 20 }, newClient), "}{", "{a}b", "%7B"]) {
		const keys = Object.values(keysOf("portcullis:", client));
		expect(keys).toHaveLength(3);
		const own = await Promise.all(keys.map((key) => command(server, ["CLUSTER", "KEYSLOT", key])));
		expect(new Set(own).size).toBe(1);
		slots.add(own[0] as string);
	}
	expect(slots.size).toBeGreaterThan(15);
});

/** Servers with a subscription to the channel. */
async function subscriptions(channel: string): Promise<string[]> {
	const name = `portcullis:channel:${channel}`;
	const lists = await Promise.all(
		servers.map((server) => command(server, ["PUBSUB", "SHARDCHANNELS"])),
	);
	return servers.flatMap(({ url }, i) => (lists[i]?.split("\n").includes(name) ? [url] : []));
}
