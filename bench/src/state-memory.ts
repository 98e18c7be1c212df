import { sealPeople } from "./people.ts";
import { type StateLoadProcess, startStateServer } from "./state-processes.ts";

const CLIENTS = 10_000;
/** A session may ask for values 1,200 times a minute. */
const PEOPLE = 10;
/** Others that come first, so that the code is compiled and tables have their size. */
const WARM_UP = 300;
/** Instances are given up after a minute without use. Milliseconds. */
const LATER = 70_000;

/**
 * What a client that does nothing any more takes of the server's memory. Bytes, of the heap and of
 * buffers outside of it.
 */
export interface IdleMemory {
	readonly clients: number;
	/** Right after its event: its record and its instances. */
	readonly warm: number;
	/** A minute later: its record alone. */
	readonly cold: number;
}

/** Each of 10,000 tabs of ten people hydrates and sends one event, to a server of its own. */
export async function measureMemory(
	load: StateLoadProcess,
	env: Record<string, string>,
	cookie: string,
): Promise<IdleMemory> {
	const people = await sealPeople(PEOPLE, env);
	const server = await startStateServer("gate", env);
	const side = { port: server.port, cookie, eventPath: "/_portcullis/event" };
	await load.run({ kind: "tabs", server: side, count: WARM_UP });
	await server.advance(LATER);
	await load.run({ kind: "tabs", server: side, count: 1 });
	const before = await server.heap();
	for (const one of people)
		await load.run({ kind: "tabs", server: { ...side, cookie: one }, count: CLIENTS / PEOPLE });
	const warm = await server.heap();
	await server.advance(LATER);
	// The server looks for instances to give up when a request comes.
	await load.run({ kind: "tabs", server: side, count: 1 });
	const cold = await server.heap();
	await server.stop();
	return { clients: CLIENTS, warm: (warm - before) / CLIENTS, cold: (cold - before) / CLIENTS };
}
