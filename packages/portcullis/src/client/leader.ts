import type { StreamLine, StreamRequest } from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { Member, TabMessage } from "./messages.ts";

/** How long to wait for more changes of the list before a new stream is opened. Milliseconds. */
const SETTLE = 50;
/**
 * How long a stream that was replaced is still read: the server may have sent something by it.
 * Milliseconds.
 */
const DROP_AFTER = 250;
/**
 * Without a byte for this long the connection is dead: a living stream has an empty line every 15
 * seconds. Milliseconds.
 */
const SILENCE = 45_000;
/** A stream that lived this long counts as one that worked. Milliseconds. */
const WORKED = 5000;
/** Tabs that the server takes on one stream. */
const MAX_MEMBERS = 200;

interface OpenStream {
	readonly abort: () => void;
	/** The tabs on it; empty if it has to be replaced. */
	signature: string;
	heardAt: number;
}

/** The tab that has the browser's stream: opens it for all tabs, and hands on what comes. */
export class Leader {
	readonly #connection: Connection;
	readonly #say: (message: TabMessage) => void;
	readonly #hydrate: () => Promise<void>;
	readonly #members = new Map<string, Member>();
	readonly #stale = new Set<string>();
	#current: OpenStream | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#hasGap = false;
	#isClosed = false;

	/**
	 * @param say Tells all tabs, this one included.
	 * @param hydrate Fetches everything of this tab anew.
	 */
	constructor(
		connection: Connection,
		say: (message: TabMessage) => void,
		hydrate: () => Promise<void>,
	) {
		this.#connection = connection;
		this.#say = say;
		this.#hydrate = hydrate;
	}

	/** Asks which tabs are there; those that answer are on the next stream. */
	begin(): void {
		if (this.#isClosed) return;
		this.#members.clear();
		this.#say({ type: "ask" });
	}

	join({ tab, client, rev, states }: Member): void {
		const before = this.#members.get(tab);
		this.#members.set(tab, { tab, client, rev, states });
		if (this.#stale.delete(tab)) this.#plan(this.#nextPause());
		else if (!before || before.client !== client || String(before.states) !== String(states))
			this.#plan(SETTLE);
	}

	leave(tab: string): void {
		if (this.#members.delete(tab)) this.#plan(SETTLE);
	}

	/** Looks whether the stream is alive: the machine may have slept. */
	check(): void {
		if (this.#current && Date.now() - this.#current.heardAt > SILENCE) this.#current.abort();
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		this.#current?.abort();
	}

	#plan(milliseconds: number): void {
		clearTimeout(this.#timer);
		if (this.#isClosed) return;
		this.#timer = setTimeout(() => {
			const members = [...this.#members.values()].slice(0, MAX_MEMBERS);
			const signature = JSON.stringify(
				members.map(({ tab, client, states }) => [tab, client, states]),
			);
			if (members.length === 0) this.#current?.abort();
			else if (this.#current?.signature !== signature) void this.#read(members, signature);
		}, milliseconds);
	}

	async #read(members: readonly Member[], signature: string): Promise<void> {
		const abort = new AbortController();
		const former = this.#current;
		const openedAt = Date.now();
		const stream: OpenStream = { abort: () => abort.abort(), signature, heardAt: openedAt };
		this.#current = stream;
		let silence: ReturnType<typeof setTimeout> | undefined;
		const heard = () => {
			stream.heardAt = Date.now();
			clearTimeout(silence);
			silence = setTimeout(stream.abort, SILENCE);
		};
		heard();
		let ending: "lost" | "session" | "bye" = "lost";
		try {
			const request: StreamRequest = {
				clients: members.map(({ client, rev, states }) => ({ client, rev, states })),
			};
			const response = await this.#connection.post("stream", JSON.stringify(request), abort.signal);
			if (response.ok && response.body) {
				for await (const line of this.#connection.lines<StreamLine>(response.body, heard)) {
					if (line.type === "session" || line.type === "bye") ending = line.type;
					else if (line.type === "open") this.#opened(former);
					else this.#forward(line, members, stream);
				}
			}
		} catch {
			// How it ended is in `ending`.
		}
		clearTimeout(silence);
		if (this.#current !== stream) return;
		this.#current = undefined;
		former?.abort();
		if (Date.now() - openedAt > WORKED) this.#failures = 0;
		await this.#ended(ending);
	}

	#opened(former: OpenStream | undefined): void {
		if (former) setTimeout(former.abort, DROP_AFTER);
		if (!this.#hasGap) return;
		this.#hasGap = false;
		// What was on its way when the last one broke is lost.
		this.#say({ type: "hydrate" });
	}

	#forward(
		line: Extract<StreamLine, { readonly client: number }>,
		members: readonly Member[],
		stream: OpenStream,
	): void {
		const member = members[line.client];
		if (!member) return;
		const { tab, client, states } = member;
		if (line.type === "stale") {
			stream.signature = "";
			this.#stale.add(tab);
			this.#say({ type: "stale", tab, client });
			return;
		}
		const { delta, epoch } = line;
		const now = this.#members.get(tab);
		if (now?.client === client && now.rev < delta.rev)
			this.#members.set(tab, { ...now, rev: delta.rev });
		this.#say({ type: "delta", tab, client, states, delta, epoch });
	}

	async #ended(ending: "lost" | "session" | "bye"): Promise<void> {
		if (this.#isClosed || (this.#members.size === 0 && ending === "lost")) return;
		if (ending === "session") {
			this.#say({ type: "hydrate" });
			await this.#hydrate().catch(() => {});
		}
		if (ending === "lost") this.#hasGap = true;
		// After a goodbye, or a server that is gone, not all browsers are to come at the same moment.
		await this.#connection.pause(
			ending === "lost"
				? this.#connection.backOff(this.#failures++)
				: this.#nextPause(ending === "bye"),
		);
		this.begin();
	}

	/** At once after a stream that worked, but never in a loop that is tight. */
	#nextPause(isRandom = false): number {
		return this.#failures++ === 0
			? SETTLE + (isRandom ? Math.random() * 1000 : 0)
			: this.#connection.backOff(this.#failures - 2);
	}
}
