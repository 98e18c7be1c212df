import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { AppName } from "./apps.ts";
import type { LoadJob, LoadResult } from "./load.ts";

/** Cores that servers and load generators are kept on. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** True where processes can be kept on a core of their own. */
export const pinned: boolean =
	availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;

/** A server in a process of its own. */
export interface ServerProcess {
	readonly origin: string;
	/** CPU time used so far, in microseconds. */
	cpu(): Promise<NodeJS.CpuUsage>;
	stop(): void;
}

export async function startServer(
	app: AppName,
	env: Record<string, string>,
): Promise<ServerProcess> {
	const child = startProcess("server.ts", [app, env.PORT ?? "0"], SERVER_CORE, env);
	const port = await nextMessage<number>(child);
	return {
		origin: `http://127.0.0.1:${port}`,
		cpu() {
			const answer = nextMessage<NodeJS.CpuUsage>(child);
			child.send("cpu");
			return answer;
		},
		stop: () => child.disconnect(),
	};
}

/** The load generator. */
export interface LoadProcess {
	run(job: LoadJob): Promise<LoadResult>;
	stop(): void;
}

export function startLoad(): LoadProcess {
	const child = startProcess("load.ts", [], LOAD_CORE, {});
	return {
		async run(job) {
			const answer = nextMessage<LoadResult>(child);
			child.send(job);
			const result = await answer;
			if (result.unexpected > 0)
				throw new Error(
					`${job.url}: ${result.unexpected} of ${result.requests} answers were not ${job.expectedStatus}`,
				);
			return result;
		},
		stop: () => child.disconnect(),
	};
}

/**
 * Runs a file of this folder in a process of its own, which ends when the channel to it is closed.
 */
export function startProcess(
	file: string,
	args: string[],
	core: number,
	env: Record<string, string>,
	nodeOptions: string[] = [],
): ChildProcess {
	const command = [process.execPath, ...nodeOptions, join(import.meta.dirname, file), ...args];
	const [program = "", ...rest] = pinned ? ["taskset", "-c", String(core), ...command] : command;
	return spawn(program, rest, {
		stdio: ["ignore", "inherit", "inherit", "ipc"],
		env: { ...process.env, ...env },
	});
}

/**
 * What a process sends next.
 *
 * @throws {Error} if it ends instead.
 */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
	const ended = new AbortController();
	const [answer] = await Promise.race([
		once(child, "message", { signal: ended.signal }),
		once(child, "exit", { signal: ended.signal }).then(([code]) => {
			throw new Error(`A process of the benchmark ended with ${code}`);
		}),
	]).finally(() => ended.abort());
	return answer as T;
}
