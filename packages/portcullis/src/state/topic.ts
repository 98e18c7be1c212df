import { type Signal, signal } from "@preact/signals-core";
import { markCopy } from "../base/copies.ts";

/**
 * Something that many tabs see and that changes outside of their own state, such as a table of a
 * database.
 */
export interface Topic {
	readonly name: string;
	/**
	 * Says that it changed: computed values with this topic in their `on` are worked out anew, for
	 * each tab as far as it may see them, in this process and in every other on the same store.
	 */
	changed(): void;
}

/** A topic as the gate sees it. */
export class SharedTopic implements Topic {
	readonly name: string;
	/** Grows with each change; computed values read it. */
	readonly version: Signal<number> = signal(0);
	readonly #onChange: (topic: SharedTopic) => void;

	static {
		// As with cells: one of another copy is refused by name.
		markCopy(SharedTopic);
	}

	/** @param onChange Hears of each change that is said in this process. */
	constructor(name: string, onChange: (topic: SharedTopic) => void) {
		this.name = name;
		this.#onChange = onChange;
	}

	changed(): void {
		this.invalidate();
		this.#onChange(this);
	}

	/**
	 * Another process said that it changed: values here are out of date, and no other process is
	 * told.
	 */
	invalidate(): void {
		this.version.value++;
	}
}

/** The topics of one app: one for each name. */
export class Topics {
	readonly #byName = new Map<string, SharedTopic>();
	readonly #listeners = new Set<(topic: SharedTopic) => void>();

	get(name: string): SharedTopic {
		let topic = this.#byName.get(name);
		if (!topic) {
			topic = new SharedTopic(name, (changed) => {
				for (const listener of this.#listeners) listener(changed);
			});
			this.#byName.set(name, topic);
		}
		return topic;
	}

	find(name: string): SharedTopic | undefined {
		return this.#byName.get(name);
	}

	/**
	 * Hears of each change that is said in this process, of topics made later too. Returns how to
	 * stop.
	 */
	listen(listener: (topic: SharedTopic) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}
