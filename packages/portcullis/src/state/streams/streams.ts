import type { Caller } from "../caller.ts";
import type { SharedTopic } from "../topic.ts";
import { Stream, type StreamDeps } from "./stream.ts";
import { StreamCounts, streamGroupOf } from "./stream-counts.ts";
import type { StreamedTab, StreamPlace } from "./stream-place.ts";

/** Tabs on one stream of an anonymous caller; of further ones nothing is said. */
const MAX_TABS_OF_STREAM = 50;

/** The last line of a stream that the server ends: the browser opens another one. */
const BYE = '{"type":"bye"}\n';

/** Those of the tabs that a caller names which a stream looks after. */
export function listedTabs<T>(tabs: readonly T[], caller: Caller): readonly T[] {
	return caller.owner === "" ? tabs.slice(0, MAX_TABS_OF_STREAM) : tabs; // proven: tabs-of-stream
}

/** The open streams of this process: one for each browser, for all of its tabs. */
export class Streams {
	readonly #deps: StreamDeps;
	readonly #open = new Set<Stream>();
	readonly #counts = new StreamCounts<Stream>();
	/** The newest place of each tab. */
	readonly #places = new Map<string, StreamPlace>();
	/** Places that are to be looked at. */
	#due = new Set<StreamPlace>();
	#isPushing = false;
	#isDraining = false;

	constructor(deps: StreamDeps) {
		this.#deps = deps;
	}

	get size(): number {
		return this.#open.size;
	}

	/** Opens a stream: first what is new for each tab, then each change, until the session ends. */
	open(tabs: readonly StreamedTab[], caller: Caller): ReadableStream<Uint8Array> {
		for (const { id } of tabs) if (id !== undefined) this.#leaveFormer(id);
		const group = streamGroupOf(caller);
		for (let giving = this.#counts.excess(group, tabs.length); giving; ) {
			giving.end(BYE);
			giving = this.#counts.excess(group, tabs.length);
		}
		const stream = new Stream(this.#deps, tabs, caller, {
			closed: (closed) => this.#closed(closed),
			schedule: (place) => this.#push(place),
		});
		this.#open.add(stream);
		this.#counts.add(stream);
		for (const place of stream.places) this.#places.set(place.id, place);
		if (this.#isDraining) stream.end(BYE);
		return stream.body;
	}

	/**
	 * A browser that opens another stream reads the one before no longer, whether the connection has
	 * ended yet or not.
	 */
	#leaveFormer(id: string): void {
		const former = this.#places.get(id);
		if (!former || former.isStale) return;
		former.isStale = true;
		this.#counts.tabMoved(former.stream);
	}

	#closed(stream: Stream): void {
		if (!this.#open.delete(stream)) return;
		this.#counts.remove(stream);
		for (const place of stream.places)
			if (this.#places.get(place.id) === place) this.#places.delete(place.id);
	}

	/** Looks again at the tabs with values that depend on the topic. */
	topicChanged(topic: SharedTopic): void {
		for (const stream of this.#open) {
			for (const place of stream.places) if (place.topics.has(topic)) this.#push(place);
		}
	}

	/** Ends the streams of a session. */
	endSession(owner: string): void {
		for (const stream of [...this.#open])
			if (owner !== "" && stream.caller.owner === owner) stream.endSession();
	}

	/** Sessions with streams here that were ended from outside. */
	revokedSessions(): Set<string> {
		const revoked = new Set<string>();
		for (const { caller } of this.#open) if (caller.isRevoked?.()) revoked.add(caller.owner);
		return revoked;
	}

	/** Says goodbye to all, those that are opened from now on too: the process is about to stop. */
	drain(): void {
		this.#isDraining = true;
		for (const stream of [...this.#open]) stream.end(BYE);
	}

	/** Several changes in a row are one look. */
	#push(place: StreamPlace): void {
		this.#due.add(place);
		if (this.#isPushing) return;
		this.#isPushing = true;
		setTimeout(() => void this.#pushAll());
	}

	async #pushAll(): Promise<void> {
		while (this.#due.size > 0) {
			const due = this.#due;
			this.#due = new Set();
			let count = 0;
			for (const place of due) {
				// A tab that is busy with a slow event holds up no other.
				void place.stream.push(place);
				// Requests come in between.
				if (++count % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
			}
		}
		this.#isPushing = false;
	}
}
