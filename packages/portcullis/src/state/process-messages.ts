import type { StateStore } from "../store/contract.ts";

const SESSIONS = "sessions";
/**
 * Topics are spread over so many channels, which a cluster of Redis spreads over its nodes: more
 * nodes carry more messages.
 */
const TOPIC_CHANNELS = 16;

/** What another process has said. */
export interface MessageEvents {
	topicChanged(name: string): void;
	sessionEnded(owner: string): void;
}

/** What the processes on one store tell each other. */
export class ProcessMessages {
	readonly #store: StateStore;
	readonly #unsubscribe: readonly (() => void)[];
	/** Messages of our own come back: those are not heard. */
	readonly #sender = crypto.randomUUID();

	constructor(store: StateStore, events: MessageEvents) {
		this.#store = store;
		this.#unsubscribe = [
			...Array.from({ length: TOPIC_CHANNELS }, (_, place) =>
				this.#listen(topicChannel(place), (name) => events.topicChanged(name)),
			),
			this.#listen(SESSIONS, (owner) => events.sessionEnded(owner)),
		];
	}

	topicChanged(name: string): void {
		this.#store.publish(topicChannel(placeOf(name)), `${this.#sender} ${name}`);
	}

	sessionEnded(owner: string): void {
		this.#store.publish(SESSIONS, `${this.#sender} ${owner}`);
	}

	close(): void {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
	}

	#listen(channel: string, act: (text: string) => void): () => void {
		return this.#store.subscribe(channel, (message) => {
			const space = message.indexOf(" ");
			if (message.slice(0, space) !== this.#sender) act(message.slice(space + 1));
		});
	}
}

function topicChannel(place: number): string {
	return `topics:${place}`;
}

/** The same in every process. */
function placeOf(name: string): number {
	let hash = 0;
	for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0;
	return Math.abs(hash % TOPIC_CHANNELS);
}
