import { StateError } from "../../base/errors.ts";
import { isPromise } from "../../base/maybe-promise.ts";
import type { Caller } from "../caller.ts";
import { deltaText } from "../lines.ts";
import type { LeasedTab, TabHost } from "../tabs/tab-host.ts";
import { type ViewLog, viewStates } from "../view.ts";
import { MAX_UNREAD, StreamBody } from "./stream-body.ts";
import { type StreamGroup, streamGroupOf } from "./stream-counts.ts";
import type { PlacedStream, StreamedTab, StreamPlace } from "./stream-place.ts";

/** How often rules are looked at again though nothing has changed. Milliseconds. */
const RECHECK = 60_000;
/** Empty lines that keep proxies from closing a silent stream. Milliseconds. */
const HEARTBEAT = 15_000;
/**
 * While so much is unread, no more is looked at: changes come as fast as the browser reads, several
 * of them as one. Bytes.
 */
const ENOUGH_UNREAD = 65_536;
/** Longest delay that timers take. */
const MAX_DELAY = 2_147_483_647;

/** The last line of a stream whose session has ended. */
const SESSION = '{"type":"session"}\n';

/** What streams need from outside. */
export interface StreamDeps {
	readonly host: TabHost;
	readonly log: ViewLog;
	readonly now: () => number;
	readonly onError: (error: unknown) => void;
}

/** What a stream tells the ones around it. */
export interface StreamEvents {
	closed(stream: Stream): void;
	/** The place is to be looked at soon. */
	schedule(place: StreamPlace): void;
}

/** One open stream. */
export class Stream implements PlacedStream {
	readonly caller: Caller;
	readonly group: StreamGroup;
	counted: number;
	readonly places: readonly StreamPlace[];
	readonly #deps: StreamDeps;
	readonly #body: StreamBody;
	readonly #timers: ReturnType<typeof setInterval>[] = [];
	/** Tabs that are looked at when there is room again. */
	readonly #heldBack = new Set<StreamPlace>();
	/** What changes that came while there was no room would have taken. Bytes. */
	#missed = 0;

	constructor(
		deps: StreamDeps,
		tabs: readonly StreamedTab[],
		caller: Caller,
		events: StreamEvents,
	) {
		this.#deps = deps;
		this.caller = caller;
		this.group = streamGroupOf(caller);
		this.counted = Math.max(1, tabs.length);
		this.#body = new StreamBody({
			room: () => this.#lookAtHeldBack(),
			closed: () => {
				this.#stop();
				events.closed(this);
			},
		});
		this.#body.write('{"type":"open"}\n');
		this.places = tabs.flatMap((tab, index) => this.#placeOf(tab, index) ?? []);
		const lookAtAll = () => {
			for (const place of this.places) events.schedule(place);
		};
		lookAtAll();
		const interval = Math.min(
			...this.places.flatMap(({ types }) => types.map((type) => type.interval ?? RECHECK / 1000)),
		);
		this.#every(HEARTBEAT, () => this.#body.write("\n"));
		this.#every(Math.min(RECHECK, interval * 1000), lookAtAll);
		const left = caller.expiresAt - deps.now();
		if (left < MAX_DELAY) this.#timers.push(setTimeout(() => this.endSession(), Math.max(0, left)));
	}

	get body(): ReadableStream<Uint8Array> {
		return this.#body.readable;
	}

	#placeOf({ id, rev, types }: StreamedTab, index: number): StreamPlace | undefined {
		if (id === undefined) {
			this.#writeStale(index);
			return undefined;
		}
		const topics = new Set(types.flatMap((type) => [...type.topics]));
		const tab = this.#deps.host.pin(id, this.caller);
		const flags = { isBusy: false, isDue: false, isStale: false, isNew: true, isWaiting: false };
		return { stream: this, index, id, types, topics, tab, browserRev: rev, size: 0, ...flags };
	}

	/** Sends what is new for a tab. One look at a time; a change in the meantime is one more look. */
	async push(place: StreamPlace): Promise<void> {
		if (this.#body.isClosed || place.isStale) return;
		if (place.isBusy) {
			place.isDue = true;
			return;
		}
		place.isBusy = true;
		try {
			do {
				place.isDue = false;
				await this.#pushOnce(place);
			} while (place.isDue && !this.#body.isClosed);
		} catch (error) {
			this.#failed(place, error);
		} finally {
			place.isBusy = false;
		}
	}

	/** Ends the stream with a last line. */
	end(line: string): void {
		this.#body.end(line);
	}

	endSession(): void {
		this.end(SESSION);
	}

	async #pushOnce(place: StreamPlace): Promise<void> {
		const { host, now } = this.#deps;
		if (this.caller.expiresAt <= now() || host.hasEnded(this.caller)) return this.endSession();
		const { settled } = await host.workAsOwner(place.id, this.caller, (leased) =>
			this.#look(place, leased),
		);
		if (!settled || place.isWaiting) return;
		place.isWaiting = true;
		// Values that were being worked out are sent when they are there; the lease is not kept for
		// them.
		void settled.then(() => {
			place.isWaiting = false;
			return this.push(place);
		});
	}

	/** Sends what is new. Returns when to look again, if values are still being worked out. */
	async #look(
		place: StreamPlace,
		leased: LeasedTab,
	): Promise<{ readonly settled?: Promise<void> | undefined }> {
		const { tab } = leased;
		if (this.#body.isClosed || this.#mustWait(place)) return {};
		const isUnknown = tab.version === 0 && this.#deps.host.store.isShared;
		// At first the browser may lack an answer that was lost; later on answers that it has not read
		// yet are on their way.
		const isBehind = place.isNew
			? place.browserRev !== tab.sentRev
			: place.browserRev > tab.sentRev;
		const isFull = isUnknown || tab.sentRev === 0 || isBehind;
		const { scope } = tab;
		const seen = scope.settledCount;
		const viewed = viewStates(tab, place.types, this.caller, isFull, this.#deps.log);
		const delta = isPromise(viewed) ? await viewed : viewed;
		// Closed or filled up while the checks ran: this did not go out, and what the browser has is
		// known no longer.
		if (this.#body.isClosed || (isPromise(viewed) && this.#mustWait(place))) {
			tab.sentRev = 0;
			return {};
		}
		if (!delta.isEmpty) await this.#deliver(place, leased, deltaText(delta, tab.nextRev(), isFull));
		place.isNew = false;
		return { settled: scope.nextSettled(seen) };
	}

	async #deliver(
		place: StreamPlace,
		{ tab, lease, keeping }: LeasedTab,
		delta: string,
	): Promise<void> {
		tab.sentRev = tab.rev;
		place.browserRev = tab.rev;
		const line = `{"type":"delta","client":${place.index},"delta":${delta},"epoch":${tab.epoch}}\n`;
		place.size = line.length;
		this.#body.write(line);
		// Other processes learn that the browser has something newer than what they sent.
		if (this.#deps.host.store.isShared) await tab.touch(lease, keeping);
	}

	/**
	 * A tab is not looked at while its browser has enough to read. One that misses change after
	 * change does not read at all.
	 */
	#mustWait(place: StreamPlace): boolean {
		if (this.#body.unread < ENOUGH_UNREAD) return false; // proven: stream-overrun
		// proven: never-overrun
		if (this.#heldBack.has(place)) this.#missed += place.size;
		else this.#heldBack.add(place);
		if (this.#missed > MAX_UNREAD) this.#body.giveUp();
		return true;
	}

	/** Looks at one tab that had to wait; the next one follows it, if there is room still. */
	#lookAtHeldBack(): void {
		if (this.#heldBack.size === 0 || this.#body.unread >= ENOUGH_UNREAD) return;
		this.#missed = 0;
		const [place] = this.#heldBack;
		if (!place) return;
		this.#heldBack.delete(place);
		void this.push(place).then(() => this.#lookAtHeldBack());
	}

	#failed(place: StreamPlace, error: unknown): void {
		if (!(error instanceof StateError)) this.#deps.onError(error);
		// Another owner's, or a store that is away: the browser finds out which by hydrating.
		place.isStale = true;
		this.#writeStale(place.index);
	}

	#writeStale(index: number): void {
		this.#body.write(`{"type":"stale","client":${index}}\n`);
	}

	#every(milliseconds: number, work: () => void): void {
		this.#timers.push(setInterval(work, milliseconds));
	}

	/** Its body has ended. */
	#stop(): void {
		this.#heldBack.clear();
		for (const timer of this.#timers) clearInterval(timer);
		for (const { tab } of this.places) this.#deps.host.unpin(tab);
	}
}
