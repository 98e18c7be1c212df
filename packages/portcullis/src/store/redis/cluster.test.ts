import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type RedisServer, startRedisServer } from "../../../test/support/redis-server.ts";
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
import { redis } from "./store.ts";

const SLOTS = 16_384;
const NODES = 3;
let servers: RedisServer[] = [];

beforeAll(async () => {
	const options = [
		"--cluster-enabled",
		"yes",
		"--cluster-announce-ip",
		"127.0.0.1",
		"--cluster-port",
	];
	servers = await Promise.all(
		Array.from({ length: NODES }, () => startRedisServer((port) => [...options, busPort(port)])),
	);
	const nodes = await Promise.all(servers.map(({ url }) => createClient({ url }).connect()));
	for (const [index, node] of nodes.entries()) {
		const first = Math.ceil((index * SLOTS) / NODES);
		const last = Math.ceil(((index + 1) * SLOTS) / NODES) - 1;
		await node.sendCommand(["CLUSTER", "ADDSLOTSRANGE", String(first), String(last)]);
		for (const { port } of servers)
			await node.sendCommand(["CLUSTER", "MEET", "127.0.0.1", String(port), busPort(port)]);
	}
	for (const node of nodes) {
		await vi.waitFor(
			async () => {
				const info = String(await node.sendCommand(["CLUSTER", "INFO"]));
				expect(info).toContain("cluster_state:ok");
				expect(info).toContain(`cluster_size:${NODES}`);
			},
			{ timeout: 20_000, interval: 100 },
		);
		node.destroy();
	}
}, 30_000);
afterAll(() => Promise.all(servers.map((server) => server.close())));

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
	await vi.waitFor(async () => {
		const counts = await Promise.all(
			client.masters.map(async (master) =>
				(await client.nodeClient(master)).pubSubNumSub(["portcullis:channel:channel"]),
			),
		);
		expect(counts.map((count) => count["portcullis:channel:channel"])).toEqual([0, 0, 0]);
	});
});

/**
 * Where the nodes of a cluster talk to each other; by default 10,000 above the port, which may be
 * above all ports.
 */
function busPort(port: number): string {
	return String(port > 40_000 ? port - 20_000 : port + 10_000);
}
