import { StateError } from "../base/errors.ts";
import { isPromise } from "../base/maybe-promise.ts";
import { networkGroup, siteGroup } from "../store/groups.ts";
import type { Caller } from "./caller.ts";
import type { ClientHost, Turn } from "./client-host.ts";
import { deltaText } from "./lines.ts";
import type { LiveClient } from "./live-client.ts";
import type { StateType } from "./registry.ts";
import type { SharedTopic } from "./topic.ts";
import { type ViewLog, viewStates } from "./view.ts";

/** How often rules are looked at again though nothing has changed. Milliseconds. */
const RECHECK = 60_000;
/** Empty lines that keep proxies from closing a silent stream. Milliseconds. */
const HEARTBEAT = 15_000;
/**
 * A browser that does not read loses its stream when so much waits for it, and gets everything anew
 * with the next one. What it has missed meanwhile counts as well. Bytes.
 */
const MAX_UNREAD = 1_048_576;
/**
 * While so much is unread, no more is looked at: changes come as fast as the browser reads, several
 * of them as one. Bytes.
 */
const ENOUGH_UNREAD = 65_536;
/** What a stream that was ended still holds is dropped after so long. Milliseconds. */
const LAST_READ_WITHIN = 10_000;
/**
 * Streams of one session or, for anonymous callers, of one network at once, and tabs on them; the
 * oldest gives way.
 */
const MAX_STREAMS_OF_ONE = 32;
const MAX_CLIENTS_OF_ONE = 400;
/** Tabs on one stream of an anonymous caller; of further ones nothing is said. */
const MAX_CLIENTS_OF_STREAM = 50;
/**
 * Tabs on all streams of anonymous callers in this process. Of more, the network with the most
 * gives way; where hosts know no addresses, this is what there is.
 */
const MAX_ANONYMOUS_CLIENTS = 4000;
/** Tabs on all streams of this process: of more, anonymous callers give way first. */
const MAX_CLIENTS = 20_000;
/** Longest delay that timers take. */
const MAX_DELAY = 2_147_483_647;

/** The last line of a stream that the server ends: the browser opens another one. */
const BYE = '{"type":"bye"}\n';

/** A tab on a stream. */
export interface StreamedClient {
	/** `undefined` for one that is not the caller's, or not known. */
	readonly id: string | undefined;
	readonly rev: number;
	readonly types: readonly StateType[];
}

/** Those of the tabs that a caller names which a stream looks after. */
export function listedTabs<T>(clients: readonly T[], caller: Caller): readonly T[] {
	return caller.owner === "" ? clients.slice(0, MAX_CLIENTS_OF_STREAM) : clients; // proven: tabs-of-stream
}

/** What streams need to know of their surroundings. */
export interface StreamSurroundings {
	readonly host: ClientHost;
	readonly log: ViewLog;
	readonly now: () => number;
	readonly onError: (error: unknown) => void;
}

/** The open streams of this process: one for each browser, for all of its tabs. */
export class Streams {
	readonly #at: StreamSurroundings;
	readonly #open = new Set<Stream>();
	readonly #counts = new StreamCounts();
	/** The newest place of each client. */
	readonly #entries = new Map<string, Entry>();
	/** Streams that a topic has been said to have changed for, until they have been looked at. */
	#due = new Set<Entry>();
	#isPushing = false;
	#isDraining = false;

	constructor(surroundings: StreamSurroundings) {
		this.#at = surroundings;
	}

	get size(): number {
		return this.#open.size;
	}

	/**
	 * Opens a stream: first what is new for each client, then whatever changes, until the session
	 * ends.
	 */
	open(clients: readonly StreamedClient[], caller: Caller): ReadableStream<Uint8Array> {
		// A browser that opens another stream reads the one before no longer, whether the connection
		// has ended yet or not.
		for (const { id } of clients) {
			const former = id === undefined ? undefined : this.#entries.get(id);
			if (!former || former.isStale) continue;
			former.isStale = true;
			// Until its connection ends, a stream that has lost all of its tabs still counts as one.
			if (former.stream.counted > 1) this.#counts.change(former.stream, -1); // proven: moved-tabs
		}
		const group = groupOf(caller);
		for (let giving = this.#counts.excess(group, clients.length); giving; ) {
			giving.end(BYE);
			giving = this.#counts.excess(group, clients.length);
		}
		const stream = new Stream(
			this.#at,
			clients,
			caller,
			group,
			(closed) => {
				if (!this.#open.delete(closed)) return;
				this.#counts.remove(closed);
				for (const entry of closed.entries)
					if (this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
			},
			(entry) => this.#push(entry),
		);
		this.#open.add(stream);
		this.#counts.add(stream);
		for (const entry of stream.entries) this.#entries.set(entry.id, entry);
		if (this.#isDraining) stream.end(BYE);
		return stream.body;
	}

	/** Looks again at the clients with values that depend on the topic. */
	topicChanged(topic: SharedTopic): void {
		for (const stream of this.#open) {
			for (const entry of stream.entries) if (entry.topics.has(topic)) this.#push(entry);
		}
	}

	/** Ends the streams of a session. */
	endSession(owner: string): void {
		for (const stream of [...this.#open])
			if (owner !== "" && stream.caller.owner === owner) stream.end('{"type":"session"}\n');
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
	#push(entry: Entry): void {
		this.#due.add(entry);
		if (this.#isPushing) return;
		this.#isPushing = true;
		setTimeout(() => void this.#pushAll());
	}

	async #pushAll(): Promise<void> {
		while (this.#due.size > 0) {
			const due = this.#due;
			this.#due = new Set();
			let count = 0;
			for (const entry of due) {
				// A client that is busy with a slow event holds up nobody else.
				void entry.stream.push(entry);
				// Requests come in between.
				if (++count % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
			}
		}
		this.#isPushing = false;
	}
}

/** Streams that count together: of a session, or of an anonymous network. */
interface StreamGroup {
	readonly key: string;
	readonly isAnonymous: boolean;
	/** Where no addresses are known, all anonymous callers are in one. */
	readonly isEverybody: boolean;
	/** All networks of one site have this in common. */
	readonly site: string;
	/** The oldest first. */
	readonly streams: Set<Stream>;
	clients: number;
}

/** How many streams there are, of whom, with how many tabs on them. */
class StreamCounts {
	readonly #groups = new Map<string, StreamGroup>();
	#clients = 0;
	#anonymous = 0;

	add(stream: Stream): void {
		const { key } = stream.group;
		const group = this.#groups.get(key) ?? { ...stream.group, streams: new Set(), clients: 0 };
		this.#groups.set(key, group);
		group.streams.add(stream);
		this.change(stream, stream.counted);
	}

	remove(stream: Stream): void {
		const group = this.#groups.get(stream.group.key);
		this.change(stream, -stream.counted);
		group?.streams.delete(stream);
		if (group?.streams.size === 0) this.#groups.delete(group.key);
	}

	/** Tabs have come or gone. */
	change(stream: Stream, by: number): void {
		const group = this.#groups.get(stream.group.key);
		if (!group) return;
		group.clients += by;
		this.#clients += by;
		if (group.isAnonymous) this.#anonymous += by;
		if (by === -1) stream.counted--;
	}

	/** The stream that has to give way before one more is opened; `undefined` if there is room. */
	excess({ key, isAnonymous, isEverybody }: StreamGroupName, clients: number): Stream | undefined {
		const own = this.#groups.get(key);
		const isTooMuch = (count: number, most: number): boolean => count + Math.max(1, clients) > most;
		// proven: streams-of-one
		if (
			own &&
			!isEverybody &&
			(own.streams.size >= MAX_STREAMS_OF_ONE || isTooMuch(own.clients, MAX_CLIENTS_OF_ONE))
		)
			return oldestOf(own);
		// proven: anonymous-tabs
		if (isAnonymous && isTooMuch(this.#anonymous, MAX_ANONYMOUS_CLIENTS))
			return oldestOf(this.#largest(true));
		if (isTooMuch(this.#clients, MAX_CLIENTS))
			return oldestOf(this.#largest(true) ?? this.#largest(false));
		return undefined;
	}

	/**
	 * Of the site with the most tabs, the network with the most: who has many networks is no better
	 * off for it.
	 */
	#largest(isAnonymous: boolean): StreamGroup | undefined {
		const groups = [...this.#groups.values()].filter((group) => group.isAnonymous === isAnonymous);
		const sites = new Map<string, number>();
		for (const { site, clients } of groups) sites.set(site, (sites.get(site) ?? 0) + clients);
		const ofSite = ({ site }: StreamGroup): number => sites.get(site) ?? 0;
		let largest: StreamGroup | undefined;
		for (const group of groups) {
			const more = largest ? ofSite(group) - ofSite(largest) || group.clients - largest.clients : 1; // proven: largest-network
			if (more > 0) largest = group; // proven: oldest-network
		}
		return largest;
	}
}

type StreamGroupName = Pick<StreamGroup, "key" | "isAnonymous" | "isEverybody" | "site">;

function groupOf({ owner, address }: Caller): StreamGroupName {
	const session = `session ${owner}`;
	if (owner !== "") return { key: session, isAnonymous: false, isEverybody: false, site: session };
	const everybody = "everybody";
	if (address === undefined)
		return { key: everybody, isAnonymous: true, isEverybody: true, site: everybody };
	return {
		key: networkGroup(address) ?? "",
		isAnonymous: true,
		isEverybody: false,
		site: siteGroup(address),
	};
}

function oldestOf(group: StreamGroup | undefined): Stream | undefined {
	const [oldest] = group?.streams ?? [];
	return oldest;
}

/** A tab on a stream, with what is known of it here. */
interface Entry {
	readonly stream: Stream;
	readonly index: number;
	readonly id: string;
	readonly types: readonly StateType[];
	readonly topics: ReadonlySet<SharedTopic>;
	readonly live: LiveClient;
	browserRev: number;
	isBusy: boolean;
	isDue: boolean;
	isStale: boolean;
	/** Of the last delta, about. Bytes. */
	size: number;
	/** Nothing was looked at for it yet. */
	isNew: boolean;
	/** For a value that is being worked out. */
	isWaiting: boolean;
}

const encoder = new TextEncoder();

/** One open stream. */
class Stream {
	readonly caller: Caller;
	readonly group: StreamGroupName;
	/** Tabs that count: one at least, since a stream without tabs takes a connection as well. */
	counted: number;
	readonly body: ReadableStream<Uint8Array>;
	readonly entries: readonly Entry[];
	readonly #at: StreamSurroundings;
	readonly #onClose: (stream: Stream) => void;
	readonly #timers: ReturnType<typeof setInterval>[] = [];
	/** Tabs that are looked at when there is room again. */
	readonly #heldBack = new Set<Entry>();
	/** What changes that came while there was no room would have taken. Bytes. */
	#missed = 0;
	#controller!: ReadableStreamDefaultController<Uint8Array>;
	#isClosed = false;
	#dropping: ReturnType<typeof setTimeout> | undefined;

	constructor(
		surroundings: StreamSurroundings,
		clients: readonly StreamedClient[],
		caller: Caller,
		group: StreamGroupName,
		onClose: (stream: Stream) => void,
		schedule: (entry: Entry) => void,
	) {
		this.#at = surroundings;
		this.caller = caller;
		this.group = group;
		this.counted = Math.max(1, clients.length);
		this.#onClose = onClose;
		this.body = new ReadableStream<Uint8Array>(
			{
				start: (controller) => {
					this.#controller = controller;
				},
				pull: () => this.#lookAtHeldBack(),
				cancel: () => {
					clearTimeout(this.#dropping);
					this.#close();
				},
			},
			{ highWaterMark: MAX_UNREAD, size: (chunk) => chunk.byteLength },
		);
		this.#write('{"type":"open"}\n');
		this.entries = clients.flatMap(({ id, rev, types }, index) => {
			if (id === undefined) {
				this.#writeStale(index);
				return [];
			}
			const topics = new Set(types.flatMap((type) => [...type.topics]));
			const live = surroundings.host.pin(id, caller);
			const flags = { isBusy: false, isDue: false, isStale: false, isNew: true, isWaiting: false };
			return [{ stream: this, index, id, types, topics, live, browserRev: rev, size: 0, ...flags }];
		});
		for (const entry of this.entries) schedule(entry);
		const interval = Math.min(
			...this.entries.flatMap(({ types }) => types.map((type) => type.interval ?? RECHECK / 1000)),
		);
		this.#every(HEARTBEAT, () => this.#write("\n"));
		this.#every(Math.min(RECHECK, interval * 1000), () => {
			for (const entry of this.entries) schedule(entry);
		});
		const left = caller.expiresAt - surroundings.now();
		if (left < MAX_DELAY)
			this.#timers.push(setTimeout(() => this.end('{"type":"session"}\n'), Math.max(0, left)));
	}

	/**
	 * Sends what is new for a client. One look at a time; a change in the meantime is one more look.
	 */
	async push(entry: Entry): Promise<void> {
		if (this.#isClosed || entry.isStale) return;
		if (entry.isBusy) {
			entry.isDue = true;
			return;
		}
		entry.isBusy = true;
		try {
			do {
				entry.isDue = false;
				await this.#pushOnce(entry);
			} while (entry.isDue && !this.#isClosed);
		} catch (error) {
			this.#failed(entry, error);
		} finally {
			entry.isBusy = false;
		}
	}

	/** Ends the stream with a last line. */
	end(line: string): void {
		if (this.#isClosed) return;
		this.#write(line);
		if (this.#isClosed) return;
		this.#close();
		this.#controller.close();
		// It counts no longer, so a browser that does not read must not be able to keep what is in it.
		if (this.#unread === 0) return;
		this.#dropping = setTimeout(() => this.#drop(), LAST_READ_WITHIN); // proven: ended-unread
		(this.#dropping as { unref?(): void }).unref?.();
	}

	async #pushOnce(entry: Entry): Promise<void> {
		const { host, log, now } = this.#at;
		if (this.caller.expiresAt <= now() || host.hasEnded(this.caller))
			return this.end('{"type":"session"}\n');
		const later = await host.workAsOwner(entry.id, this.caller, async (turn) => {
			const { live } = turn;
			if (this.#isClosed || this.#mustWait(entry)) return {};
			const isUnknown = live.version === 0 && host.store.isShared;
			// At first the browser may lack an answer that was lost; later on answers that it has not
			// read yet are on their way.
			const isBehind = entry.isNew
				? entry.browserRev !== live.sentRev
				: entry.browserRev > live.sentRev;
			const isFull = isUnknown || live.sentRev === 0 || isBehind;
			const { generation } = live;
			const seen = generation.settledCount;
			const viewed = viewStates(live, entry.types, this.caller, isFull, log);
			const delta = isPromise(viewed) ? await viewed : viewed;
			// Closed or filled up while the checks ran: this did not go out, and what the browser has is
			// known no longer.
			if (this.#isClosed || (isPromise(viewed) && this.#mustWait(entry))) {
				live.sentRev = 0;
				return {};
			}
			if (!delta.isEmpty)
				await this.#deliver(entry, turn, deltaText(delta, live.nextRev(), isFull));
			entry.isNew = false;
			return { settled: generation.nextSettled(seen) };
		});
		if (!later.settled || entry.isWaiting) return;
		entry.isWaiting = true;
		// Values that were being worked out are sent when they are there; the turn is not kept for
		// them.
		void later.settled.then(() => {
			entry.isWaiting = false;
			return this.push(entry);
		});
	}

	async #deliver(entry: Entry, { live, lease, keeping }: Turn, delta: string): Promise<void> {
		live.sentRev = live.rev;
		entry.browserRev = live.rev;
		const line = `{"type":"delta","client":${entry.index},"delta":${delta},"epoch":${live.epoch}}\n`;
		entry.size = line.length;
		this.#write(line);
		// Other processes learn that the browser has something newer than what they sent.
		if (this.#at.host.store.isShared) await live.touch(lease, keeping);
	}

	/**
	 * A tab is not looked at while its browser has enough to read. One that misses change after
	 * change does not read at all.
	 */
	#mustWait(entry: Entry): boolean {
		if (this.#unread < ENOUGH_UNREAD) return false; // proven: stream-overrun
		// proven: never-overrun
		if (this.#heldBack.has(entry)) this.#missed += entry.size;
		else this.#heldBack.add(entry);
		if (this.#missed > MAX_UNREAD) this.#giveUp();
		return true;
	}

	/** Looks at one tab that had to wait; the next one follows it, if there is room still. */
	#lookAtHeldBack(): void {
		if (this.#heldBack.size === 0 || this.#unread >= ENOUGH_UNREAD) return;
		this.#missed = 0;
		const [entry] = this.#heldBack;
		if (!entry) return;
		this.#heldBack.delete(entry);
		void this.push(entry).then(() => this.#lookAtHeldBack());
	}

	get #unread(): number {
		return MAX_UNREAD - (this.#controller.desiredSize ?? MAX_UNREAD);
	}

	#failed(entry: Entry, error: unknown): void {
		if (!(error instanceof StateError)) this.#at.onError(error);
		// Somebody else's, or a store that is away: the browser finds out what it is by hydrating.
		entry.isStale = true;
		this.#writeStale(entry.index);
	}

	#writeStale(index: number): void {
		this.#write(`{"type":"stale","client":${index}}\n`);
	}

	#write(line: string): void {
		if (this.#isClosed) return;
		this.#controller.enqueue(encoder.encode(line));
		if (this.#unread > MAX_UNREAD) this.#giveUp();
	}

	#giveUp(): void {
		this.#close();
		this.#drop();
	}

	/** Forgets what was not read; the connection ends. */
	#drop(): void {
		this.#controller.error(new Error("The browser does not read its stream"));
	}

	#every(milliseconds: number, work: () => void): void {
		this.#timers.push(setInterval(work, milliseconds));
	}

	#close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#heldBack.clear();
		for (const timer of this.#timers) clearInterval(timer);
		for (const { live } of this.entries) this.#at.host.unpin(live);
		this.#onClose(this);
	}
}
