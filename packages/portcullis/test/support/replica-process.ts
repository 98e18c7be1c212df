import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { assertFreshBuild } from "./built-package.ts";
import { failIfItEnds } from "./fail-if-it-ends.ts";
import { SECRET } from "./gate-fixture.ts";
import { freePort } from "./proxies.ts";
import { packageFolder } from "./source-tree.ts";

/** One process of the app in `app-process.ts`. */
export interface ReplicaProcess {
	readonly port: number;
	/** Everything that it wrote. */
	log(): string;
	/** Sets its clock so many seconds ahead. Also counts after a restart. */
	setAhead(seconds: number): Promise<void>;
	/**
	 * Sends `SIGTERM` and waits for its end. Returns its exit code and how long it took, in
	 * milliseconds.
	 */
	stop(): Promise<{ readonly code: number | null; readonly milliseconds: number }>;
	/** Starts it again on the same port; `env` is merged into its variables. */
	start(env?: Readonly<Record<string, string>>): Promise<void>;
	close(): Promise<void>;
}

/**
 * Starts one process and waits until it listens on a port of 127.0.0.1.
 *
 * @param env Variables of the app, the identity provider's among them.
 * @throws {Error} with what it wrote if it does not start.
 */
export async function startReplica(env: Readonly<Record<string, string>>): Promise<ReplicaProcess> {
	assertFreshBuild();
	const port = await freePort();
	const replica = new Replica(port, {
		NODE_ENV: "production",
		PORTCULLIS_SECRET: SECRET,
		...env,
		PORT: String(port),
	});
	await replica.start();
	return replica;
}

class Replica implements ReplicaProcess {
	readonly port: number;
	#env: Readonly<Record<string, string>>;
	#process: ChildProcess | undefined;
	#log = "";
	#ahead = 0;
	/** A test run that is ended leaves no process behind. */
	readonly #kill = (): void => void this.#process?.kill("SIGKILL");

	constructor(port: number, env: Readonly<Record<string, string>>) {
		this.port = port;
		this.#env = env;
		process.on("exit", this.#kill);
	}

	log(): string {
		return this.#log;
	}

	async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
		this.#env = { ...this.#env, ...env };
		const { PATH = "" } = process.env;
		const child = spawn(process.execPath, [join(packageFolder, "test/support/app-process.ts")], {
			env: { PATH, ...this.#env, AHEAD: String(this.#ahead) },
			stdio: ["ignore", "pipe", "pipe", "ipc"],
		});
		this.#process = child;
		for (const stream of [child.stdout, child.stderr])
			stream?.setEncoding("utf8").on("data", (text: string) => {
				this.#log += text;
			});
		const ended = once(child, "close").then(([code]) => {
			throw new Error(`The app ended with ${code}\n${this.#log}`);
		});
		ended.catch(() => {});
		await Promise.race([once(child, "message"), ended]);
		failIfItEnds(child, () => this.#process === child, this.log.bind(this));
	}

	async setAhead(seconds: number): Promise<void> {
		this.#ahead = seconds;
		if (!this.#process) return;
		const heard = once(this.#process, "message");
		this.#process.send({ ahead: seconds });
		await heard;
	}

	async stop(): Promise<{ readonly code: number | null; readonly milliseconds: number }> {
		const child = this.#process;
		this.#process = undefined;
		if (!child || child.exitCode !== null || child.signalCode !== null)
			return { code: null, milliseconds: 0 };
		const since = performance.now();
		const ended = once(child, "close");
		child.kill("SIGTERM");
		const [code] = (await ended) as [number | null];
		return { code, milliseconds: performance.now() - since };
	}

	async close(): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		process.off("exit", this.#kill);
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, "close");
		child.kill("SIGKILL");
		await ended;
	}
}
