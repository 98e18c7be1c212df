import type { RedisConnection, RedisSubscriber } from "./connection.ts";
import { PUBLISH, PUBLISH_IN_SHARD } from "./scripts.ts";
import { fromRedis, toRedis } from "./text.ts";

type Listener = (message: string) => void;

/** A channel with listeners in this process. */
interface Channel {
	readonly name: string;
	readonly listeners: Set<Listener>;
	readonly hear: Listener;
	/** Once it is subscribed. */
	subscriber?: RedisSubscriber;
}

/** Pause before a subscription is tried again. Milliseconds; doubled each time. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Messages between processes, by Redis pub/sub; on a cluster by sharded pub/sub, which takes each
 * channel to one node instead of all. Best effort: what is said while the connection is away is not
 * heard.
 */
export class RedisChannels {
	readonly #connection: RedisConnection;
	readonly #prefix: string;
	readonly #channels = new Map<string, Channel>();
	readonly #pauses = new Map<ReturnType<typeof setTimeout>, () => void>();

	/** @param prefix Starts the name of every channel. */
	constructor(connection: RedisConnection, prefix: string) {
		this.#connection = connection;
		this.#prefix = prefix;
	}

	/** Sends a message to all processes, this one included. Never rejects. */
	async publish(name: string, message: string): Promise<void> {
		const channel = this.#prefix + toRedis(name);
		const script = this.#connection.isCluster ? PUBLISH_IN_SHARD : PUBLISH;
		try {
			await this.#connection.run(script, [channel], [channel, toRedis(message)]);
		} catch {
			// Best effort: what has to be known for certain is in the records.
		}
	}

	/** Hears all messages of a channel, again after Redis was away. Returns how to stop. */
	subscribe(name: string, listener: Listener): () => void {
		let channel = this.#channels.get(name);
		if (!channel) {
			channel = newChannel(this.#prefix + toRedis(name));
			this.#channels.set(name, channel);
			void this.#attach(name, channel);
		}
		const { listeners } = channel;
		// A function of its own, so that one listener may subscribe twice.
		const own: Listener = (message) => listener(message);
		listeners.add(own);
		return () => {
			if (!listeners.delete(own) || listeners.size > 0) return;
			this.#channels.delete(name);
			unsubscribe(channel);
		};
	}

	/** Ends all subscriptions. */
	close(): void {
		for (const channel of this.#channels.values()) {
			channel.listeners.clear();
			unsubscribe(channel);
		}
		this.#channels.clear();
		for (const [timer, resolve] of this.#pauses) {
			clearTimeout(timer);
			resolve();
		}
	}

	/**
	 * Tries until it works or is not wanted any more. Once subscribed, the client subscribes anew by
	 * itself after a lost connection.
	 */
	async #attach(name: string, channel: Channel): Promise<void> {
		const isWanted = (): boolean => this.#channels.get(name) === channel;
		for (let pause = FIRST_PAUSE; isWanted(); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
			try {
				const subscriber = await this.#connection.subscriber();
				await subscriber.subscribe(channel.name, channel.hear);
				channel.subscriber = subscriber;
				if (!isWanted()) unsubscribe(channel);
				return;
			} catch {
				await this.#pause(pause);
			}
		}
	}

	#pause(milliseconds: number): Promise<void> {
		return new Promise((resolve) => {
			const done = (): void => {
				this.#pauses.delete(timer);
				resolve();
			};
			const timer = setTimeout(done, milliseconds);
			(timer as { unref?(): void }).unref?.();
			this.#pauses.set(timer, done);
		});
	}
}

function newChannel(name: string): Channel {
	const listeners = new Set<Listener>();
	const hear = (text: string): void => {
		for (const listener of [...listeners]) {
			if (!listeners.has(listener)) continue;
			try {
				listener(fromRedis(text));
			} catch {
				// Neither a message that is none of ours nor a listener that throws keeps the others from
				// hearing.
			}
		}
	};
	return { name, listeners, hear };
}

function unsubscribe({ name, hear, subscriber }: Channel): void {
	if (!subscriber?.isOpen) return;
	subscriber.unsubscribe(name, hear).catch(() => {
		// The connection is away; what it still brings is not handed on.
	});
}
