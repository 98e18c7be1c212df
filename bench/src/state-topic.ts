import { sealPeople } from "./people.ts";
import { startStateLoad, startStateServer } from "./state-processes.ts";
import { median } from "./statistics.ts";

const STREAMS = 1000;
/** Changes before those that are measured. */
const WARM_UP = 5;
const CHANGES = 5;

/** What one `changed()` of a topic costs. */
export interface TopicCost {
	readonly streams: number;
	/**
	 * CPU milliseconds of the server, user and system, until every stream has its line: median, and
	 * the highest.
	 */
	readonly cpu: number;
	readonly highest: number;
	/** Milliseconds from the change to the last line, read by the clients. */
	readonly wall: number;
}

/** A list that all have on their page changes while a thousand people have a stream open each. */
export async function measureTopic(
	env: Record<string, string>,
	rounds: number,
): Promise<TopicCost> {
	const load = startStateLoad();
	const server = await startStateServer("gate", env);
	await load.run({ kind: "streams", port: server.port, cookies: await sealPeople(STREAMS, env) });
	const cpus: number[] = [];
	const walls: number[] = [];
	for (let count = 1; count <= WARM_UP + CHANGES * rounds; count++) {
		const before = await server.cpu();
		const started = performance.now();
		await server.change(count);
		await load.run({ kind: "change", count });
		const wall = performance.now() - started;
		const after = await server.cpu();
		if (count <= WARM_UP) continue;
		cpus.push((after.user + after.system - before.user - before.system) / 1000);
		walls.push(wall);
	}
	// First: a stream that is closed under it is an error.
	await load.stop();
	await server.stop();
	return { streams: STREAMS, cpu: median(cpus), highest: Math.max(...cpus), wall: median(walls) };
}
