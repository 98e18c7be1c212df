import { createCluster } from "redis";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import {
	command,
	type RedisCluster,
	startRedisCluster,
	untilInfo,
} from "../../../test/support/redis-cluster.ts";
import type { RedisServer } from "../../../test/support/redis-server.ts";
import { type ReplicaProcess, startReplica } from "../../../test/support/replica-process.ts";
import { StateTab } from "../../../test/support/state-tab.ts";
import { codeOf, increment, newClient, untilHeard } from "../../../test/support/store-contract.ts";
import { type FaultyIdp, startFaultyIdp } from "../../testing/faulty-idp.ts";
import { keysOf } from "./lease.ts";
import { redis } from "./store.ts";

// A cluster of three nodes, which goes on with two; and two processes of an app on it.

let cluster: RedisCluster;
let idp: FaultyIdp;
const apps: ReplicaProcess[] = [];

beforeAll(async () => {
	cluster = await startRedisCluster(3, [
		...["--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no"],
		...["--cluster-allow-pubsubshard-when-down", "no"],
	]);
	idp = await startFaultyIdp();
	for (let i = 0; i < 2; i++)
		apps.push(
			await startReplica({
				...idp.env,
				REDIS_CLUSTER: cluster.servers.map(({ url }) => url).join(),
				PORTCULLIS_ORIGIN: "",
				NODE_ENV: "test",
			}),
		);
}, 60_000);

afterAll(async () => {
	await Promise.all(apps.map((app) => app.close()));
	await idp.close();
	await cluster.close();
});

function openStore() {
	const client = createCluster({ rootNodes: cluster.servers.map(({ url }) => ({ url })) });
	return redis({ client, timeout: 1 });
}

/** The server with the slot of a key. */
async function serverOf(key: string): Promise<RedisServer> {
	const [first] = cluster.servers as [RedisServer];
	const slot = Number(await command(first, ["CLUSTER", "KEYSLOT", key]));
	const index = Math.floor((slot * 3) / 16_384);
	return cluster.servers[index] as RedisServer;
}

/** Clients whose records are on the server, and ones whose are not. */
async function clientsOf(server: RedisServer): Promise<[on: string[], elsewhere: string[]]> {
	const [on, elsewhere]: [string[], string[]] = [[], []];
	while (on.length < 3 || elsewhere.length < 3) {
		const client = newClient();
		const { record } = keysOf("portcullis:", client);
		((await serverOf(record)) === server ? on : elsewhere).push(client);
	}
	return [on, elsewhere];
}

async function watch(app: ReplicaProcess) {
	const tab = new StateTab(`http://127.0.0.1:${app.port}`);
	await tab.hydrate();
	const stream = await tab.stream();
	onTestFinished(() => stream.close());
	return { tab, stream };
}

/** Says it in one process until both have heard it: what is said while a node is away is lost. */
async function untilTold(from: StateTab, watchers: readonly StateTab[]): Promise<void> {
	const before = watchers.map((tab) => tab.values["board.heardAt"]);
	await vi.waitFor(
		async () => {
			expect((await from.send("board.say")).outcome).toMatchObject({ status: "ok" });
			await new Promise((resolve) => setTimeout(resolve, 200));
			for (const [i, tab] of watchers.entries())
				expect(tab.values["board.heardAt"]).not.toBe(before[i]);
		},
		{ timeout: 20_000, interval: 100 },
	);
}

test("a topic that is said in one process reaches the streams of both", async () => {
	const [one, other] = apps as [ReplicaProcess, ReplicaProcess];
	const watchers = [(await watch(one)).tab, (await watch(other)).tab];
	for (const app of [one, other]) {
		const from = new StateTab(`http://127.0.0.1:${app.port}`);
		await from.hydrate();
		await untilTold(from, watchers);
	}
});

test("a node that is away takes its own clients along, and no others; all work when it is back", async () => {
	const store = openStore();
	onTestFinished(() => store.close());
	const [node] = cluster.servers as [RedisServer];
	const [on, elsewhere] = await clientsOf(node);
	for (const client of [...on, ...elsewhere]) await increment(store, client);
	await node.stop();
	const [, second] = cluster.servers as [RedisServer, RedisServer];
	await untilInfo(second, ["cluster_slots_fail:5462"]);
	for (const client of on)
		expect(await codeOf(() => increment(store, client))).toBe("state_store_unavailable");
	for (const client of elsewhere) await increment(store, client);
	await node.start();
	await untilInfo(second, ["cluster_slots_ok:16384"]);
	for (const client of [...on, ...elsewhere])
		await vi.waitFor(() => increment(store, client), { timeout: 20_000, interval: 100 });
});

test("subscriptions are there again when their node is back", async () => {
	const [teller, hearer] = [openStore(), openStore()];
	onTestFinished(async () => void (await Promise.all([teller.close(), hearer.close()])));
	const heard: string[] = [];
	hearer.subscribe("board", (message) => heard.push(message));
	await untilHeard(teller, "board", heard);
	const node = await serverOf("portcullis:channel:board");
	await node.stop();
	await node.start();
	await vi.waitFor(
		() => {
			teller.publish("board", "again");
			expect(heard).toContain("again");
		},
		{ timeout: 20_000, interval: 100 },
	);
});

test("a replica takes the place of a node that is gone, with its records and channels", async () => {
	const node = await serverOf("portcullis:channel:board");
	const replica = await cluster.addReplica(node);
	const [teller, hearer] = [openStore(), openStore()];
	onTestFinished(async () => void (await Promise.all([teller.close(), hearer.close()])));
	const [[client = ""]] = await clientsOf(node);
	await increment(teller, client);
	const heard: string[] = [];
	hearer.subscribe("board", (message) => heard.push(message));
	await untilHeard(teller, "board", heard);
	await command(node, ["WAIT", "1", "1000"]);
	await node.stop();
	await vi.waitFor(async () => expect(await command(replica, ["ROLE"])).toMatch(/^master/), {
		timeout: 20_000,
		interval: 100,
	});
	await vi.waitFor(
		async () => {
			const lease = await teller.acquire(client, 0);
			lease.release();
			expect(lease.entries?.get("count")).toBe("1");
		},
		{ timeout: 20_000, interval: 100 },
	);
	await vi.waitFor(
		() => {
			teller.publish("board", "from the replica");
			expect(heard).toContain("from the replica");
		},
		{ timeout: 30_000, interval: 200 },
	);
});
