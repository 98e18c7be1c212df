import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { vi } from "vitest";
import { repositoryFolder } from "./source-tree.ts";

/** What can stand in front of the app. */
export type ProxyName = "nginx" | "haproxy" | "caddy";

/** A proxy of this machine alone, with the configuration that is in docs/deployment.md. */
export interface RunningProxy {
	/** `https://localhost:<port>`. */
	readonly origin: string;
	/** `http://localhost:<port>`, where all is sent on to `origin`. */
	readonly plainOrigin: string;
	/**
	 * Takes another configuration without an interruption; nginx alone. Returns once it counts for
	 * new connections.
	 */
	reload(change: (config: string) => string): Promise<void>;
	/** What it wrote to its log so far. */
	log(): string;
	close(): Promise<void>;
}

export interface ProxyOptions {
	/** Where it listens: for https, and for plain http. */
	readonly ports: readonly [number, number];
	/** Ports of the app's processes on this machine; two of them, or one for both places. */
	readonly upstreams: readonly [number, number];
	/** Changes the documented configuration, for what is not documented on purpose. */
	readonly change?: ((config: string) => string) | undefined;
}

/** Each process and proxy is ended with this one. */
process.setMaxListeners(100);

const LANGUAGES = { nginx: "nginx", haproxy: "haproxy", caddy: "caddyfile" } as const;

/**
 * Path of the program; `undefined` where it is not installed: then its tests are skipped, but never
 * those of nginx on a build server.
 */
export function proxyProgram(name: ProxyName): string | undefined {
	const named = process.env[`PORTCULLIS_${name.toUpperCase()}`];
	const path =
		named ??
		["/usr/sbin", "/usr/bin", "/usr/local/bin"].map((folder) => join(folder, name)).find(isThere);
	if (path === undefined && name === "nginx" && process.env.CI === "true")
		throw new Error(
			"There is no nginx, and a build server must not skip its tests: node scripts/ensure-proxies.mjs",
		);
	return path;
}

/**
 * A port that nobody listens on, from below those that connections go out from: a process can give
 * it up and take it again.
 */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = 20_000 + Math.floor(Math.random() * 10_000);
		const server = createServer();
		const isFree = await new Promise<boolean>((resolve) => {
			server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
		});
		if (!isFree) continue;
		server.close();
		await once(server, "close");
		return port;
	}
}

let trusted: Promise<{ readonly cert: string; readonly private: string }> | undefined;

/** A certificate for localhost, which this process trusts from now on, also in `fetch`. */
function certificate(): Promise<{ readonly cert: string; readonly private: string }> {
	trusted ??= generate([{ name: "commonName", value: "localhost" }], {
		keyType: "ec",
		extensions: [
			{ name: "basicConstraints", cA: true },
			{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
		],
	}).then((made) => {
		setDefaultCACertificates([made.cert]);
		return made;
	});
	return trusted;
}

/**
 * Starts a proxy and waits until it answers.
 *
 * @throws {Error} with what it wrote if it does not start, or if the documented configuration lacks
 *   a place that has to be filled in.
 */
export async function startProxy(name: ProxyName, options: ProxyOptions): Promise<RunningProxy> {
	const { cert, private: key } = await certificate();
	const running = new Process(name, options.ports);
	try {
		await running.start(options, { cert, key });
		return running;
	} catch (error) {
		await running.close();
		throw error;
	}
}

class Process implements RunningProxy {
	readonly origin: string;
	readonly plainOrigin: string;
	readonly #name: ProxyName;
	readonly #ports: readonly [number, number];
	readonly #folder = mkdtempSync(join(tmpdir(), "proxy-"));
	#process: ChildProcess | undefined;
	#log = "";
	#config = "";
	/** A test run that is ended leaves no proxy behind. */
	readonly #kill = (): void => void this.#process?.kill("SIGTERM");

	constructor(name: ProxyName, ports: readonly [number, number]) {
		this.#name = name;
		this.#ports = ports;
		this.origin = `https://localhost:${ports[0]}`;
		this.plainOrigin = `http://localhost:${ports[1]}`;
		process.on("exit", this.#kill);
	}

	async start(
		{ upstreams, change }: ProxyOptions,
		{ cert, key }: { cert: string; key: string },
	): Promise<void> {
		const program = proxyProgram(this.#name);
		if (program === undefined) throw new Error(`There is no ${this.#name} here`);
		const places = { folder: this.#folder, ports: this.#ports, upstreams };
		writeFileSync(join(this.#folder, "app.crt"), cert);
		writeFileSync(join(this.#folder, "app.key"), key);
		writeFileSync(join(this.#folder, "app.pem"), `${cert}\n${key}`);
		this.#config = fill[this.#name](documentedConfig(LANGUAGES[this.#name]), places);
		const file = this.#write(change);
		const env = {
			...process.env,
			HOME: this.#folder,
			XDG_DATA_HOME: this.#folder,
			XDG_CONFIG_HOME: this.#folder,
		};
		const child = spawn(program, commandLine[this.#name](file, this.#folder), {
			env,
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#process = child;
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding("utf8").on("data", (text: string) => {
				this.#log += text;
			});
		const failed = new Promise<never>((_, reject) => {
			child.once("error", reject);
			child.once("close", (code) =>
				reject(new Error(`${this.#name} ended with ${code}\n${this.#log}`)),
			);
		});
		// Nobody waits for it once it has started.
		failed.catch(() => {});
		await Promise.race([failed, Promise.all(this.#ports.map(answers))]);
	}

	async reload(change: (config: string) => string): Promise<void> {
		this.#write(change);
		const before = this.#log.length;
		this.#process?.kill("SIGHUP");
		await vi.waitUntil(() => this.#log.slice(before).includes("gracefully shutting down"), 10_000);
	}

	log(): string {
		return this.#log;
	}

	async close(): Promise<void> {
		const child = this.#process;
		this.#process = undefined;
		if (child && child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
			const ended = once(child, "close");
			// All three end at once; nginx takes its workers along.
			child.kill("SIGTERM");
			await ended;
		}
		process.off("exit", this.#kill);
		rmSync(this.#folder, { recursive: true, force: true });
	}

	#write(change: (config: string) => string = (config) => config): string {
		const file = join(this.#folder, "config");
		writeFileSync(file, surround[this.#name](change(this.#config), this.#folder));
		return file;
	}
}

interface Places {
	readonly folder: string;
	readonly ports: readonly [number, number];
	readonly upstreams: readonly [number, number];
}

/**
 * The documented configuration, for this machine: names, addresses and ports are filled in, nothing
 * else is changed.
 */
const fill: Readonly<Record<ProxyName, (config: string, places: Places) => string>> = {
	nginx: (config, { folder, ports, upstreams }) =>
		replaceAll(upstreamsIn(config, upstreams), {
			"listen 443": `listen 127.0.0.1:${ports[0]}`,
			"listen 80": `listen 127.0.0.1:${ports[1]}`,
			"/etc/ssl/app.example.com": `${folder}/app`,
			"https://app.example.com": `https://localhost:${ports[0]}`,
			"app.example.com": "localhost",
		}),
	haproxy: (config, { folder, ports, upstreams }) =>
		replaceAll(upstreamsIn(config, upstreams), {
			"bind :443": `bind 127.0.0.1:${ports[0]}`,
			"bind :80": `bind 127.0.0.1:${ports[1]}`,
			"/etc/ssl/app.example.com": `${folder}/app`,
			"redirect scheme https": `redirect location https://localhost:${ports[0]}%[pathq]`,
			"app.example.com": "localhost",
		}),
	// Caddy gets a certificate by itself, and sends plain requests on; neither is possible here.
	caddy: (config, { folder, ports, upstreams }) => {
		const own = `tls ${folder}/app.crt ${folder}/app.key\n\tbind 127.0.0.1`;
		const plain = `http://localhost:${ports[1]} {\n\tbind 127.0.0.1\n\tredir https://localhost:${ports[0]}{uri} permanent\n}\n`;
		const site = { "app.example.com {": `https://localhost:${ports[0]} {\n\t${own}` };
		return plain + replaceAll(upstreamsIn(config, upstreams), site);
	},
};

/** What a machine has around the documented part. No limit of a proxy is touched. */
const surround: Readonly<Record<ProxyName, (config: string, folder: string) => string>> = {
	nginx: (config, folder) => {
		const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
			(kind) => `${kind}_temp_path ${folder}/${kind};`,
		);
		const user = process.getuid?.() === 0 ? "user root;" : "";
		return `${user} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr notice;
events {}
http {
access_log off;
${temporary.join("\n")}
${config}
}
`;
	},
	haproxy: (config) => `global\n\tlog stderr format raw local0\n${config}`,
	caddy: (config) => `{\n\tadmin off\n\tauto_https off\n}\n${config}`,
};

const commandLine: Readonly<
	Record<ProxyName, (file: string, folder: string) => readonly string[]>
> = {
	nginx: (file, folder) => ["-p", folder, "-e", "stderr", "-c", file],
	haproxy: (file) => ["-db", "-f", file],
	caddy: (file) => ["run", "--config", file, "--adapter", "caddyfile"],
};

/** The block of that language in docs/deployment.md: there is one of each. */
export function documentedConfig(language: string): string {
	const text = readFileSync(join(repositoryFolder, "docs/deployment.md"), "utf8");
	const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(
		([, tag]) => tag === language,
	);
	const [block] = blocks;
	if (blocks.length !== 1 || block?.[2] === undefined)
		throw new Error(
			`docs/deployment.md has ${blocks.length} blocks of ${language}, and one is expected`,
		);
	return block[2];
}

function upstreamsIn(config: string, [one, two]: readonly [number, number]): string {
	return replaceAll(config, {
		"10.0.0.11:3000": `127.0.0.1:${one}`,
		"10.0.0.12:3000": `127.0.0.1:${two}`,
	});
}

function replaceAll(config: string, replacements: Readonly<Record<string, string>>): string {
	return Object.entries(replacements).reduce((text, [from, to]) => {
		if (!text.includes(from)) throw new Error(`The documented configuration has no "${from}"`);
		return text.replaceAll(from, to);
	}, config);
}

/** Waits until something listens on the port. */
async function answers(port: number): Promise<void> {
	for (;;) {
		const isOpen = await new Promise<boolean>((resolve) => {
			const socket = new Socket().once("error", () => resolve(false));
			socket.connect(port, "127.0.0.1", () => {
				socket.destroy();
				resolve(true);
			});
		});
		if (isOpen) return;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

function isThere(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
