import { StateError } from "../../base/errors.ts";
import { within } from "../../base/within.ts";
import { closedError } from "../errors.ts";
import type { RedisClient, RedisSettings } from "./options.ts";
import { digestOf, type RedisScript, SCRIPTS } from "./scripts.ts";

/** A client that is closed may finish what is under way for so long. Milliseconds. */
const TIME_TO_CLOSE = 1000;

/** A connection that is there. */
interface Opened {
	readonly client: RedisClient;
	/** The same, with the options of our commands. */
	readonly commands: RedisClient;
}

/** A connection that hears channels. */
export interface RedisSubscriber {
	readonly isOpen: boolean;
	subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
	unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

/**
 * A client of Redis that connects when it is first needed, and gives a StateError for everything
 * that goes wrong.
 */
export class RedisConnection {
	readonly #settings: RedisSettings;
	readonly #digests = new Map<RedisScript, string>();
	#client: RedisClient | undefined;
	/** True if the client was connected here, and is to be closed here. */
	#isOwn = false;
	#opening: Promise<Opened> | undefined;
	#opened: Opened | undefined;
	#subscriber: RedisClient | undefined;
	#isClosed = false;
	/** What a client said last about its connection: it does not say so to those who wait for it. */
	#trouble: unknown;
	/** A client without a listener for errors ends the process. */
	readonly #onError = (error: unknown): void => {
		this.#trouble = error;
	};

	constructor(settings: RedisSettings) {
		this.#settings = settings;
	}

	/** True for a cluster. */
	get isCluster(): boolean {
		const { client } = this.#settings;
		return client !== undefined && isCluster(client);
	}

	/**
	 * Runs a script. Once there is a connection, calls reach Redis in the order in which they were
	 * made.
	 *
	 * @param late Gets an answer that comes after the time-out, when no caller waits for it any more.
	 * @throws {StateError} `state_store_unavailable`, `state_store_full`.
	 */
	async run(
		script: RedisScript,
		keys: readonly string[],
		args: readonly string[],
		late?: (reply: unknown) => void,
	): Promise<unknown> {
		const { commands } = this.#usable() ?? (await this.#open());
		const call = { keys, arguments: args };
		const reply = commands.evalSha(this.#digests.get(script), call).catch((error: unknown) => {
			// Redis was started anew, or this is another node of the cluster. Nothing has been run.
			if (error instanceof Error && error.message.startsWith("NOSCRIPT"))
				return commands.eval(script.source, call);
			throw error;
		});
		return this.#inTime(reply, late);
	}

	/**
	 * The client for subscriptions: a connection that is subscribed can do little else.
	 *
	 * @throws {StateError} `state_store_unavailable`.
	 */
	async subscriber(): Promise<RedisSubscriber> {
		const { client } = this.#usable() ?? (await this.#open());
		if (this.#isClosed) throw closedError();
		// A cluster has connections for subscriptions of its own.
		if (isCluster(client)) return shardedSubscriber(client);
		this.#subscriber ??= client.duplicate() as RedisClient;
		if (!this.#subscriber.isOpen) {
			this.#subscriber.off("error", this.#onError);
			this.#subscriber.on("error", this.#onError);
			// What is asked of it meanwhile waits in its queue.
			this.#subscriber.connect().catch(this.#onError);
		}
		return this.#subscriber;
	}

	/** Ends the connections that were opened here. Never throws. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#opened = undefined;
		await Promise.all([
			this.#isOwn && this.#client ? end(this.#client) : undefined,
			end(this.#subscriber),
		]);
		// A client that ends may still have something to say, and without a listener that ends the
		// process.
		if (!this.#isOwn) this.#client?.off("error", this.#onError);
	}

	/** A client that gave up, by a strategy of its own, is not usable and is connected anew. */
	#usable(): Opened | undefined {
		return this.#opened?.client.isOpen ? this.#opened : undefined;
	}

	/** Waits for the connection, but no longer than for an answer. */
	#open(): Promise<Opened> {
		if (this.#isClosed) throw closedError();
		if (!this.#opening) {
			const opening = this.#openAnew().finally(() => {
				this.#opening = undefined;
			});
			// Perhaps no caller waits any more when it fails.
			opening.catch(this.#onError);
			this.#opening = opening;
		}
		return this.#inTime(this.#opening);
	}

	async #openAnew(): Promise<Opened> {
		for (const script of SCRIPTS) this.#digests.set(script, await digestOf(script));
		if (!this.#client) {
			this.#client = this.#settings.client ?? (await createClient(this.#settings.url as string));
			this.#client.on("error", this.#onError);
		}
		const client = this.#client;
		if (this.#isClosed) throw closedError();
		if (!client.isOpen) {
			this.#isOwn = true;
			await client.connect();
		}
		// A command that has not been sent by then is not sent any more; texts come as texts,
		// independent of the options that the client was made with.
		const options = { timeout: this.#settings.timeout, typeMapping: {} };
		this.#opened = { client, commands: client.withCommandOptions(options) as RedisClient };
		return this.#opened;
	}

	/** Waits for an answer, but not for ever: a connection that hangs is no better than none. */
	#inTime<T>(reply: Promise<T>, late?: (reply: T) => void): Promise<T> {
		const { timeout } = this.#settings;
		return new Promise((resolve, reject) => {
			let isLate = false;
			const timer = setTimeout(() => {
				isLate = true;
				reject(unavailableError(`it did not answer within ${timeout / 1000} s`, this.#trouble));
			}, timeout);
			reply.then(
				(value) => {
					clearTimeout(timer);
					this.#trouble = undefined;
					if (isLate) late?.(value);
					else resolve(value);
				},
				(error: unknown) => {
					clearTimeout(timer);
					reject(asStateError(error));
				},
			);
		});
	}
}

/** A client of a cluster can subscribe within a shard. */
type ClusterClient = RedisClient & Required<Pick<RedisClient, "sSubscribe" | "sUnsubscribe">>;

function isCluster(client: RedisClient): client is ClusterClient {
	return "nodeByAddress" in client;
}

/** The client has a connection for subscriptions to each node, and follows slots that move. */
function shardedSubscriber(client: ClusterClient): RedisSubscriber {
	return {
		get isOpen() {
			return client.isOpen;
		},
		subscribe: (channel, listener) => client.sSubscribe(channel, listener),
		unsubscribe: (channel, listener) => client.sUnsubscribe(channel, listener),
	};
}

/** The package is an optional peer of this one, loaded by those alone who name a URL. */
async function createClient(url: string): Promise<RedisClient> {
	let redis: { createClient(options: { url: string }): unknown };
	try {
		redis = await import("redis");
	} catch (cause) {
		throw new StateError(
			"state_store_unavailable",
			"redis() needs the npm package redis, 5 or later, and it cannot be loaded: run `npm install redis`",
			{ cause, reason: "package_missing" },
		);
	}
	return redis.createClient({ url }) as RedisClient;
}

/** Ends a client: gently for a moment, then for good. */
async function end(client: RedisClient | undefined): Promise<void> {
	if (!client?.isOpen) return;
	try {
		await within(TIME_TO_CLOSE, client.close(), undefined);
		client.destroy();
	} catch {
		// It was closed already.
	}
}

function asStateError(error: unknown): StateError {
	if (error instanceof StateError) return error;
	const message = error instanceof Error ? error.message : String(error);
	if (/\bOOM\b/.test(message))
		return new StateError(
			"state_store_full",
			"Redis has reached its maxmemory and takes nothing more",
			{
				cause: error,
			},
		);
	// The first word of a refusal is its code, such as NOAUTH; the rest stays with the cause.
	const refusal = /^[A-Z]{3,}(?= )/.exec(message)?.[0];
	return unavailableError(refusal ? `it answered ${refusal}` : "the connection failed", error);
}

function unavailableError(what: string, cause: unknown): StateError {
	return new StateError("state_store_unavailable", `Redis cannot be used: ${what}`, { cause });
}
