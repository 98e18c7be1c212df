import { ConfigError, type ConfigProblem } from "../../base/errors.ts";

/** Where Redis or Valkey is, and how the store uses it. Either `url` or `client`. */
export interface RedisOptions {
	/**
	 * `redis://` or, over TLS, `rediss://`, as the npm package `redis` reads it:
	 * `rediss://name:password@host:6379/0`.
	 */
	readonly url?: string;
	/**
	 * A client of the npm package `redis`, 5 or later, from `createClient` or `createCluster`. It is
	 * connected if it is not, and closed only if it was connected here. It has to reconnect by
	 * itself, as it does by default, or subscriptions end with the first connection.
	 */
	readonly client?: RedisClient;
	/**
	 * Starts the names of all keys and channels. Apps with different prefixes do not see each other.
	 * Default `portcullis:`.
	 */
	readonly prefix?: string;
	/**
	 * Seconds that a client stays locked after the process that worked on it has died. Renewed while
	 * the process lives. Default 10.
	 */
	readonly leaseTime?: number;
	/** Seconds that Redis may take to answer, from 0.1 to 60. Default 5. */
	readonly timeout?: number;
	/**
	 * Records of anonymous clients that one address may have. An IPv6 address counts by its /64, and
	 * all networks of a /48 have 16 times as many; all clients of unknown addresses have 1,000 times
	 * as many. The oldest gives way. Default 100.
	 */
	readonly maxPerAddress?: number;
	/**
	 * Records that one signed-in person may have, over all sessions. The oldest gives way. Default
	 * 1,000.
	 */
	readonly maxPerPerson?: number;
}

/** What the store needs of a client of the npm package `redis`. */
export interface RedisClient {
	readonly isOpen: boolean;
	connect(): Promise<unknown>;
	duplicate(): unknown;
	withCommandOptions(options: { timeout: number; typeMapping: Record<never, never> }): unknown;
	// biome-ignore-start lint/suspicious/noExplicitAny: overloads and generics differ between versions, and between client and cluster
	evalSha(...args: any[]): Promise<unknown>;
	eval(...args: any[]): Promise<unknown>;
	subscribe(...args: any[]): Promise<unknown>;
	unsubscribe(...args: any[]): Promise<unknown>;
	/** Of a cluster. */
	sSubscribe?(...args: any[]): Promise<unknown>;
	sUnsubscribe?(...args: any[]): Promise<unknown>;
	on(event: string, listener: (...args: any[]) => void): unknown;
	off(event: string, listener: (...args: any[]) => void): unknown;
	// biome-ignore-end lint/suspicious/noExplicitAny: as above
	/** Ends the connection once what is under way is done. */
	close(): Promise<unknown>;
	/** Ends it at once. */
	destroy(): unknown;
}

/** `RedisOptions` looked at, with the defaults in them. Times in milliseconds. */
export interface RedisSettings {
	readonly url: string | undefined;
	readonly client: RedisClient | undefined;
	readonly prefix: string;
	readonly leaseTime: number;
	readonly timeout: number;
	readonly maxPerAddress: number;
	readonly maxPerPerson: number;
}

const NAMES = ["url", "client", "prefix", "leaseTime", "timeout", "maxPerAddress", "maxPerPerson"];
const METHODS = [
	"connect",
	"duplicate",
	"withCommandOptions",
	"evalSha",
	"subscribe",
	"on",
] as const;

/**
 * Looks at the options of `redis`.
 *
 * @throws {ConfigError} with every mistake. Never shows a URL: there may be a password in it.
 */
export function readOptions(options: string | RedisOptions): RedisSettings {
	const given: RedisOptions = typeof options === "string" ? { url: options } : { ...options };
	const { url, client, prefix = "portcullis:", leaseTime = 10, timeout = 5 } = given;
	const { maxPerAddress = 100, maxPerPerson = 1000 } = given;
	const problems: ConfigProblem[] = [];
	const complain = (problem: string, remedy: string): void =>
		void problems.push({ problem, remedy });

	for (const name of Object.keys(given).filter((name) => !NAMES.includes(name)))
		complain(`redis() has no option ${name}`, `Use ${NAMES.join(", ")}`);
	if ((url === undefined) === (client === undefined))
		complain(
			"redis() needs either url or client",
			'Write redis("redis://localhost:6379") or redis({ client })',
		);
	if (url !== undefined && !isRedisUrl(url))
		complain(
			"url of redis() is no URL of Redis",
			"Give it the form redis://name:password@host:6379/0, or rediss:// for TLS; escape special characters of the password",
		);
	if (client !== undefined && !METHODS.every((name) => typeof client?.[name] === "function"))
		complain(
			"client of redis() is no client of the package redis, 5 or later",
			"Make it with createClient or createCluster",
		);
	if (typeof prefix !== "string")
		complain("prefix of redis() is no text", "Give it a text such as my-app:");
	if (!isBetween(leaseTime, 0.1, 3600))
		complain(
			"leaseTime of redis() is not between 0.1 and 3600 seconds",
			"Give a number of seconds; the default is 10",
		);
	if (!isBetween(timeout, 0.1, 60))
		complain(
			"timeout of redis() is not between 0.1 and 60 seconds",
			"Give a number of seconds; the default is 5",
		);
	for (const [name, value] of Object.entries({ maxPerAddress, maxPerPerson }))
		if (!isBetween(value, 1, Number.POSITIVE_INFINITY))
			complain(`${name} of redis() is no number of at least 1`, "Give a number, or leave it out");
	if (problems.length > 0) throw new ConfigError(problems);
	return {
		url,
		client,
		prefix,
		leaseTime: leaseTime * 1000,
		timeout: timeout * 1000,
		maxPerAddress,
		maxPerPerson,
	};
}

function isRedisUrl(url: unknown): boolean {
	if (typeof url !== "string") return false;
	try {
		const { protocol, username, password } = new URL(url);
		// The client decodes them, and its error would quote them.
		decodeURIComponent(username + password);
		return protocol === "redis:" || protocol === "rediss:";
	} catch {
		return false;
	}
}

function isBetween(value: unknown, least: number, most: number): boolean {
	return typeof value === "number" && value >= least && value <= most;
}
