import type { StateStore } from "../store/contract.ts";

const TOPICS = "topics";
const SESSIONS = "sessions";

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
			this.#listen(TOPICS, (name) => events.topicChanged(name)),
			this.#listen(SESSIONS, (owner) => events.sessionEnded(owner)),
		];
	}

	topicChanged(name: string): void {
		this.#store.publish(TOPICS, `${this.#sender} ${name}`);
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
