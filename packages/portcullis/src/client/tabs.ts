import type { Connection } from "./connection.ts";
import type { Core } from "./core.ts";
import { Leader } from "./leader.ts";
import { isTabMessage, type TabMessage } from "./messages.ts";
import type { TabChannel } from "./platform.ts";
import type { TabRecord } from "./tab-record.ts";

/**
 * This tab among the tabs of its browser: one of them has the stream, all of them hear what
 * concerns them.
 */
export class Tabs {
	readonly #core: Core;
	readonly #connection: Connection;
	readonly #record: TabRecord;
	readonly #name: string;
	#channel: TabChannel | undefined;
	#leader: Leader | undefined;
	#isOpen = false;
	#isListed = false;
	#resign: (() => void) | undefined;

	/** @param name Of the channel and of the lock of who has the stream. */
	constructor(core: Core, connection: Connection, record: TabRecord, name: string) {
		this.#core = core;
		this.#connection = connection;
		this.#record = record;
		this.#name = name;
	}

	/** Hears the other tabs from now on. */
	open(): void {
		if (this.#isOpen) return;
		this.#isOpen = true;
		this.#channel = this.#connection.platform.openChannel(this.#name);
		if (this.#channel)
			this.#channel.onmessage = ({ data }) => isTabMessage(data) && this.#hear(data);
	}

	/** Says who this tab is, and from the first time on stands for the stream. */
	join(): void {
		const { client, rev, used } = this.#core;
		if (!this.#isOpen || client === undefined || used.size === 0) return;
		const isFirst = !this.#isListed;
		this.#isListed = true;
		this.#say({ type: "join", tab: this.#record.tab, client, rev, states: [...used] });
		if (isFirst) this.#resign = this.#stand();
	}

	/** Tells the others who the person is now. */
	announcePerson(): void {
		const { person } = this.#core;
		if (person !== undefined)
			this.#channel?.postMessage({ type: "hydrate", person } satisfies TabMessage);
	}

	/** Makes all other tabs fetch everything anew. */
	announceChange(): void {
		this.#channel?.postMessage({ type: "hydrate" } satisfies TabMessage);
	}

	/** Looks whether the stream is alive. */
	check(): void {
		this.#leader?.check();
	}

	/** Leaves the others: the page is being left. `open` and `join` come back. */
	close(): void {
		if (this.#isListed)
			this.#channel?.postMessage({ type: "leave", tab: this.#record.tab } satisfies TabMessage);
		this.#isOpen = this.#isListed = false;
		this.#resign?.();
		this.#resign = undefined;
		this.#channel?.close();
		this.#channel = undefined;
	}

	/** Waits for its turn to have the stream. Returns how to stop. */
	#stand(): () => void {
		const { locks } = this.#connection.platform;
		const abort = new AbortController();
		let release = () => {};
		const lead = () => {
			this.#leader = new Leader(
				this.#connection,
				(message) => this.#say(message),
				() => this.#core.hydrate(),
			);
			this.#leader.begin();
		};
		// A tab that cannot talk to the others has a stream of its own.
		if (!locks || !this.#channel) queueMicrotask(() => abort.signal.aborted || lead());
		else {
			const held = () => {
				if (abort.signal.aborted) return undefined;
				lead();
				return new Promise<void>((resolve) => {
					release = resolve;
				});
			};
			locks
				.request(this.#name, { signal: abort.signal }, held)
				.catch(() => abort.signal.aborted || lead());
		}
		return () => {
			abort.abort();
			this.#leader?.close();
			this.#leader = undefined;
			release();
		};
	}

	#say(message: TabMessage): void {
		this.#channel?.postMessage(message);
		this.#hear(message);
	}

	#hear(message: TabMessage): void {
		const core = this.#core;
		const hydrate = () => void core.hydrate().catch(() => {});
		if (message.type === "ask") this.join();
		else if (message.type === "join") this.#leader?.join(message);
		else if (message.type === "leave") this.#leader?.leave(message.tab);
		else if (message.type === "hydrate") {
			if (message.person === undefined || message.person !== core.person) hydrate();
		} else if (message.tab === this.#record.tab && message.client === core.client) {
			if (message.type === "stale") hydrate();
			else core.receive(message.client, message.delta, message.epoch, message.states);
		}
	}
}
