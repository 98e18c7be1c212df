import { type BundleBytes, measureBundle } from "./bundle-bytes.ts";
import { compareEvents, type EventComparison } from "./state-events.ts";
import { type HydrateCost, measureHydrates } from "./state-hydrate.ts";
import { type IdleMemory, measureMemory } from "./state-memory.ts";
import { startStateLoad, startStateServer } from "./state-processes.ts";
import { measureTopic, type TopicCost } from "./state-topic.ts";

/** The figures of server state. */
export interface StateResults {
	readonly events: EventComparison;
	readonly hydrate: HydrateCost;
	readonly memory: IdleMemory;
	readonly topic: TopicCost;
	/** `portcullis/client`; `portcullis/react`, which has it in it. */
	readonly client: BundleBytes;
	readonly react: BundleBytes;
}

/**
 * Measures server state, one thing after the other.
 *
 * @param env Of a server, with the port that its origin names.
 * @param cookie The `Cookie` header of a person who is signed in.
 */
export async function measureState(
	env: Record<string, string>,
	cookie: string,
	extent: { readonly rounds: number; readonly seconds: number },
	note: (line: string) => void,
): Promise<StateResults> {
	const load = startStateLoad();
	const bare = await startStateServer("bare", { ...env, PORT: "0" });
	const gate = await startStateServer("gate", env);
	note("events and a bare JSON route");
	const events = await compareEvents(load, bare, gate, cookie, extent);
	note("hydrates");
	const hydrate = await measureHydrates(load, gate, cookie, extent.rounds);
	await Promise.all([bare.stop(), gate.stop()]);
	note("idle clients");
	const memory = await measureMemory(load, env, cookie);
	await load.stop();
	note("a topic and 1,000 streams");
	const topic = await measureTopic(env, extent.rounds);
	note("bundles");
	const client = await measureBundle("client");
	const react = await measureBundle("react");
	return { events, hydrate, memory, topic, client, react };
}
