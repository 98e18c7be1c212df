import type { SessionAnswer } from "../wire/session-answer.ts";
import type {
	EventInfo,
	HydrateRequest,
	Snapshot,
	StateDelta,
	StateProblem,
} from "../wire/state.ts";
import type { Connection } from "./connection.ts";
import type { TabRecord } from "./tab-record.ts";
import { Values } from "./values.ts";

/** Longest wait for the answer to a hydrate. Milliseconds. */
const HYDRATE_TIMEOUT = 30_000;

/** What changed, told once all of it is in place. */
export interface CoreListeners {
	readonly states: (changed: ReadonlySet<string>) => void;
	readonly session: () => void;
	/** The values were fetched again. `isOther` is true if the person is not the one known before. */
	readonly hydrated: (isOther: boolean) => void;
}

/** What the tab knows: its name, who the person is, values and events of the states in use. */
export interface Core {
	/** Sealed by the server; the newest counts. */
	readonly client: string | undefined;
	/** The newest that came with `rev`. */
	readonly epoch: number;
	readonly rev: number;
	readonly session: SessionAnswer | undefined;
	/** Tells people apart; empty for an anonymous person, `undefined` while it is not known. */
	readonly person: string | undefined;
	/** Whether it talks to the server. */
	readonly isStarted: boolean;
	readonly isClosed: boolean;
	readonly values: Values;
	/** States that the tab uses. */
	readonly used: Set<string>;
	/** Events of a state by name; `undefined` while nothing is known of it. */
	events(state: string): Readonly<Record<string, EventInfo>> | undefined;
	/** Takes what came with the page, unless there is something newer. */
	seed(snapshot: Snapshot): void;
	/** Begins to talk to the server: takes up what this tab kept. Once. */
	start(): Promise<void>;
	/** Takes up again what the tab kept, after it was let go of. */
	restart(): void;
	/** Resolves once the values are those of the client whose name the tab has. */
	settled(): Promise<void>;
	/** Marks a state as used and fetches what is not there yet. */
	use(state: string): void;
	/** Waits for what is under way; fetches everything if what is asked for is not there then. */
	fetch(isThere: () => boolean): Promise<void>;
	/**
	 * Fetches everything again. One request runs at a time: a call made meanwhile waits for the next
	 * one. Retries for as long as the server cannot be reached.
	 *
	 * @throws {Error} if the server refuses, or the client is closed.
	 */
	hydrate(): Promise<void>;
	/**
	 * Asks once, without trying again.
	 *
	 * @throws {Error} if there is no answer, or a refusal; `isFinal` tells that to ask again makes no
	 *   sense.
	 */
	ask(request: HydrateRequest): Promise<Snapshot>;
	/**
	 * Takes a delta that came for a client, over any connection, about the states that were asked
	 * for.
	 */
	receive(client: string, delta: StateDelta, epoch: number, asked: readonly string[]): void;
	close(): void;
}

export function createCore(
	connection: Connection,
	record: TabRecord,
	listeners: CoreListeners,
): Core {
	const values = new Values();
	const used = new Set<string>();
	const events = new Map<string, Readonly<Record<string, EventInfo>>>();
	const closed = new AbortController();
	let client: string | undefined;
	/** Client that the values came from: deltas for any other are not for them. */
	let source: string | undefined;
	let epoch = 0;
	let rev = 0;
	let session: SessionAnswer | undefined;
	let claimed: Promise<void> | undefined;
	let running: Promise<void> | undefined;
	let next: Promise<void> | undefined;

	const person = () =>
		session && (session.signedIn ? `${session.user.provider} ${session.user.sub}` : "");

	const moveTo = (newRev: number, newEpoch: number) => {
		rev = Math.max(rev, newRev);
		// Both only grow: a line that was overtaken says nothing new.
		epoch = Math.max(epoch, newEpoch);
	};

	const accept = (snapshot: Snapshot, asked: Iterable<string>) => {
		const former = person();
		const isAnew = snapshot.client !== source;
		source = client = snapshot.client;
		if (claimed) record.keep(client);
		if (isAnew) rev = epoch = 0;
		moveTo(snapshot.rev, snapshot.epoch);
		const isSameSession = JSON.stringify(snapshot.session) === JSON.stringify(session);
		if (!isSameSession) session = snapshot.session;
		const changed = values.apply(snapshot, asked, isAnew);
		for (const [state, infos] of Object.entries(snapshot.events)) {
			// The first time there is something to see even if no value came.
			if (!events.has(state)) changed.add(state);
			events.set(state, infos);
		}
		listeners.states(changed);
		if (!isSameSession) listeners.session();
		listeners.hydrated(former !== person());
	};

	const start = () => {
		claimed ??= record.claim().then((kept) => {
			if (kept !== undefined) client = kept;
			else if (client !== undefined) record.keep(client);
			// Values that came with the page belong to a new client: this tab has one already.
			if (kept !== undefined && session) void hydrate().catch(() => {});
		});
		return claimed;
	};

	const ask = async (request: HydrateRequest): Promise<Snapshot> => {
		const signal = AbortSignal.any([closed.signal, AbortSignal.timeout(HYDRATE_TIMEOUT)]);
		const named = client === undefined ? request : { client, ...request };
		const response = await connection.post("hydrate", JSON.stringify(named), signal);
		if (response.ok) return response.json();
		const { status } = response;
		const problem: Partial<StateProblem> = await response.json().catch(() => ({}));
		const isFinal = status < 500 && status !== 429;
		throw Object.assign(new Error(`The server refused: ${problem.code ?? status}`), { isFinal });
	};

	const hydrateNow = async () => {
		for (let failures = 0; ; failures++) {
			if (closed.signal.aborted) throw new Error("Closed");
			const states = [...used];
			try {
				const snapshot = await ask({ states });
				if (!closed.signal.aborted) accept(snapshot, states);
				return;
			} catch (error) {
				if ((error as { isFinal?: boolean }).isFinal) throw error;
			}
			await connection.pause(connection.backOff(failures));
		}
	};

	const hydrate = (): Promise<void> => {
		const before = running;
		next ??= (async () => {
			await start();
			await before?.catch(() => {});
			running = next;
			next = undefined;
			await hydrateNow();
		})();
		return next;
	};

	const fetch = async (isThere: () => boolean) => {
		// Several states that are used at the same time are one request.
		await start();
		const pending = next ?? running;
		if (pending && !isThere()) await pending.catch(() => {});
		if (!isThere()) await hydrate();
	};

	return {
		get client() {
			return client;
		},
		get epoch() {
			return epoch;
		},
		get rev() {
			return rev;
		},
		get session() {
			return session;
		},
		get person() {
			return person();
		},
		get isStarted() {
			return claimed !== undefined;
		},
		get isClosed() {
			return closed.signal.aborted;
		},
		...{ values, used, start, hydrate, fetch, ask },
		events: (state) => events.get(state),
		seed: (snapshot) => {
			for (const state of Object.keys(snapshot.events)) used.add(state);
			accept(snapshot, used);
		},
		restart: () => {
			claimed = client = undefined;
			void start();
		},
		settled: async () => {
			await start();
			while (client === undefined || client !== source) await hydrate();
		},
		use: (state) => {
			if (used.has(state)) return;
			used.add(state);
			void fetch(() => events.has(state)).catch(() => {});
		},
		receive: (name, delta, newEpoch, asked) => {
			if (name !== source || name !== client) return;
			moveTo(delta.rev, newEpoch);
			const changed = values.apply(delta, asked, false);
			if (changed.size > 0) listeners.states(changed);
		},
		close: () => {
			closed.abort();
			connection.wake();
		},
	};
}
