import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A Redis server of this machine alone, on a free port, that keeps nothing. */
export interface RedisServer {
	readonly port: number;
	/** `redis://127.0.0.1:<port>`. */
	readonly url: string;
	/** Ends it at once, as a crash would: connections are reset and everything is forgotten. */
	stop(): Promise<void>;
	/** Starts it again on the same port, empty. */
	start(): Promise<void>;
	/** Makes it hang with its connections open, until `resume`. */
	pause(): void;
	resume(): void;
	/** Ends it and removes its folder. */
	close(): Promise<void>;
}

const PROGRAM = process.env.PORTCULLIS_REDIS_SERVER ?? "/usr/bin/redis-server";
const ATTEMPTS = 5;

/**
 * Starts a server.
 *
 * @param options Further ones, such as `["--requirepass", "secret"]`; a function of the port where
 *   they depend on it.
 * @throws {Error} with what it wrote if it does not start, or if there is no Redis here: `node
 *   scripts/ensure-redis.mjs` gets one.
 */
export async function startRedisServer(
	options: readonly string[] | ((port: number) => readonly string[]) = [],
): Promise<RedisServer> {
	for (let attempt = 1; ; attempt++) {
		const port = await freePort();
		const server = new Server(port, typeof options === "function" ? options(port) : options);
		try {
			await server.start();
			return server;
		} catch (error) {
			await server.close();
			// Somebody else was given the port in between.
			if (attempt === ATTEMPTS || !/already in use/i.test(String(error))) throw error;
		}
	}
}

class Server implements RedisServer {
	readonly port: number;
	readonly url: string;
	readonly #options: readonly string[];
	readonly #folder = mkdtempSync(join(tmpdir(), "redis-"));
	#process: ChildProcess | undefined;
	/** A test run that is ended leaves no server behind. */
	readonly #kill = (): void => void this.#process?.kill("SIGKILL");

	constructor(port: number, options: readonly string[]) {
		this.port = port;
		this.url = `redis://127.0.0.1:${port}`;
		this.#options = options;
		process.on("exit", this.#kill);
	}

	async start(): Promise<void> {
		const fixed = [
			"--port",
			String(this.port),
			"--bind",
			"127.0.0.1",
			"--save",
			"",
			"--appendonly",
			"no",
		];
		const child = spawn(PROGRAM, [...fixed, "--dir", this.#folder, ...this.#options], {
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#process = child;
		const lines: string[] = [];
		const ready = new Promise<void>((resolve, reject) => {
			createInterface({ input: child.stdout }).on("line", (line) => {
				lines.push(line);
				if (line.includes("Ready to accept connections")) resolve();
			});
			createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
			child.on("error", (error) =>
				reject(
					new Error(`${PROGRAM} does not start: node scripts/ensure-redis.mjs gets one`, {
						cause: error,
					}),
				),
			);
			child.on("close", (code) =>
				reject(new Error(`${PROGRAM} ended with ${code}\n${lines.join("\n")}`)),
			);
		});
		await ready;
	}

	async stop(): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
			return;
		const ended = once(child, "close");
		child.kill("SIGKILL");
		await ended;
	}

	pause(): void {
		this.#process?.kill("SIGSTOP");
	}

	resume(): void {
		this.#process?.kill("SIGCONT");
	}

	async close(): Promise<void> {
		await this.stop();
		process.off("exit", this.#kill);
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}
