import { createClient } from "redis";
import { expect, vi } from "vitest";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

const SLOTS = 16_384;

/** A cluster of servers on this machine. */
export interface RedisCluster {
	/** The masters, each with a third of the slots if there are three. */
	readonly servers: readonly RedisServer[];
	/** Starts a replica of a master, which takes its place once the master is gone. */
	addReplica(master: RedisServer): Promise<RedisServer>;
	close(): Promise<void>;
}

/**
 * Starts a cluster and waits until all of its nodes know each other.
 *
 * @param options Of each server, such as `["--cluster-node-timeout", "1000"]`.
 */
export async function startRedisCluster(
	count: number,
	options: readonly string[] = [],
): Promise<RedisCluster> {
	const started: RedisServer[] = [];
	const start = async (): Promise<RedisServer> => {
		const server = await startRedisServer((port) => [
			...["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"],
			...["--cluster-port", busPort(port), ...options],
		]);
		started.push(server);
		return server;
	};
	const servers = await Promise.all(Array.from({ length: count }, start));
	for (const [index, server] of servers.entries()) {
		const first = Math.ceil((index * SLOTS) / count);
		const last = Math.ceil(((index + 1) * SLOTS) / count) - 1;
		await command(server, ["CLUSTER", "ADDSLOTSRANGE", String(first), String(last)]);
		for (const { port } of servers)
			await command(server, ["CLUSTER", "MEET", "127.0.0.1", String(port), busPort(port)]);
	}
	for (const server of servers)
		await untilInfo(server, ["cluster_state:ok", `cluster_size:${count}`]);
	return {
		servers,
		async addReplica(master) {
			const replica = await start();
			const { port } = master;
			await command(replica, ["CLUSTER", "MEET", "127.0.0.1", String(port), busPort(port)]);
			const id = await command(master, ["CLUSTER", "MYID"]);
			await vi.waitFor(() => command(replica, ["CLUSTER", "REPLICATE", id]), WAIT);
			await vi.waitFor(async () => {
				expect(await command(replica, ["INFO", "replication"])).toContain("master_link_status:up");
			}, WAIT);
			return replica;
		},
		close: async () => void (await Promise.all(started.map((server) => server.close()))),
	};
}

/** Sends one command to one server. */
export async function command(server: RedisServer, words: readonly string[]): Promise<string> {
	const node = await createClient({ url: server.url }).connect();
	try {
		const reply: unknown = await node.sendCommand([...words]);
		return Array.isArray(reply) ? reply.join("\n") : String(reply);
	} finally {
		node.destroy();
	}
}

const WAIT = { timeout: 20_000, interval: 100 };

/** Waits until `CLUSTER INFO` of a server has these lines. */
export function untilInfo(server: RedisServer, lines: readonly string[]): Promise<void> {
	return vi.waitFor(async () => {
		const info = await command(server, ["CLUSTER", "INFO"]);
		for (const line of lines) expect(info).toContain(line);
	}, WAIT);
}

/**
 * Where the nodes of a cluster talk to each other; by default 10,000 above the port, which may be
 * above all ports.
 */
function busPort(port: number): string {
	return String(port > 40_000 ? port - 20_000 : port + 10_000);
}
