import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { LOAD_CORE, nextMessage, SERVER_CORE, startProcess } from "./processes.ts";
import type { StateJob, StateLoad } from "./state-load.ts";
import type { StateOrder } from "./state-server.ts";

/** A server of the state benchmark, in a process of its own. */
export interface StateServer {
	readonly port: number;
	/** CPU time used so far, in microseconds. */
	cpu(): Promise<NodeJS.CpuUsage>;
	/** Bytes in use after a garbage collection. */
	heap(): Promise<number>;
	/** Changes the shared data to this number. */
	change(count: number): Promise<void>;
	/** Sets the gate's clock forward. Milliseconds. */
	advance(milliseconds: number): Promise<void>;
	/** Resolves when its port is free again. */
	stop(): Promise<void>;
}

export async function startStateServer(
	name: "bare" | "gate",
	env: Record<string, string>,
): Promise<StateServer> {
	const child = startProcess("state-server.ts", [name, env.PORT ?? "0"], SERVER_CORE, env, [
		"--expose-gc",
	]);
	const port = await nextMessage<number>(child);
	const ask = <T>(order: StateOrder): Promise<T> => {
		const answer = nextMessage<T>(child);
		child.send(order);
		return answer;
	};
	return {
		port,
		cpu: () => ask({ kind: "cpu" }),
		heap: () => ask({ kind: "heap" }),
		change: (count) => ask({ kind: "change", count }),
		advance: (milliseconds) => ask({ kind: "advance", milliseconds }),
		stop: () => stop(child),
	};
}

/**
 * The load generator of the state benchmark. A job that goes wrong ends it, and the benchmark with
 * it.
 */
export interface StateLoadProcess {
	run(job: StateJob): Promise<StateLoad>;
	/** Resolves when its connections are gone. */
	stop(): Promise<void>;
}

export function startStateLoad(): StateLoadProcess {
	const child = startProcess("state-load.ts", [], LOAD_CORE, {});
	return {
		run(job) {
			const answer = nextMessage<StateLoad>(child);
			child.send(job);
			return answer;
		},
		stop: () => stop(child),
	};
}

async function stop(child: ChildProcess): Promise<void> {
	const exited = once(child, "exit");
	child.disconnect();
	await exited;
}
