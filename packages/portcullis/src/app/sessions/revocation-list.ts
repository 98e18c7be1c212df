import type { LogEntry } from "../../audit/log.ts";
import { isPortcullisError } from "../../base/errors.ts";
import type { MaybePromise } from "../../crypto/aead.ts";
import {
	type EndedSession,
	type RevocableSession,
	type RevocationEntry,
	Revocations,
	signOutOf,
} from "../../session/revocations.ts";
import { MAX_SESSION_AGE } from "../../session/seal-session.ts";
import type { RecordLease, StateStore } from "../../store/contract.ts";

/**
 * Where all processes on one store keep their revocations. Browsers name clients by sealed names,
 * so that none can name this one.
 */
const RECORD = "revocations";
/** Tells the others what is new. */
const CHANNEL = "revocations";
/** Prefix of the record that says that a logout token was used. */
const USED = "logout-token.";
/** A message can be lost; what it said is known after so long all the same. Milliseconds. */
const READ_EVERY = 10_000;
/** How long the store may take. Milliseconds. */
const TIMEOUT = 5000;
/** Longer lists are read by each process instead of being sent to each. */
const MAX_SENT = 100;
/** The record outlives every revocation in it. Seconds. */
const RECORD_TTL = MAX_SESSION_AGE + 86_400;

export interface RevocationListOptions {
	readonly store: StateStore;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	/** Gives the entry its id. */
	readonly log: (entry: Omit<LogEntry, "id">) => void;
}

/**
 * Which sessions have been ended though their cookies are good: by a provider, or by their person
 * in another copy of them.
 */
export interface RevocationCheck {
	/** Moves on whenever the answer about some session may have changed. */
	readonly revision: number;
	/**
	 * Until this is done no revocation is known, and no session may be let in.
	 *
	 * @throws {StateError} if the store does not answer; the next call asks again.
	 */
	ready(): MaybePromise<void>;
	/** @param cookie Name of the access cookie that the session was opened from. */
	isRevoked(cookie: string, session: RevocableSession): boolean;
	/**
	 * A session is over: a copy of its cookies is worth nothing from now on. Never waits, and never
	 * fails.
	 */
	signOut(cookie: string, session: EndedSession): void;
}

/**
 * The sessions that have ended in this process: what it knows to be over is over, also where it
 * shares no list with others. Another process does not learn of it, nor does this one after a
 * restart. At most 50,000, for as long as their cookies could be shown.
 */
export class OwnRevocations implements RevocationCheck {
	readonly #list = new Revocations();
	readonly #now: () => number;

	/** @param now milliseconds since the epoch. */
	constructor(now: () => number) {
		this.#now = now;
	}

	get revision(): number {
		return this.#list.revision;
	}

	ready(): void {}

	isRevoked(cookie: string, session: RevocableSession): boolean {
		return this.#list.isRevoked(cookie, session);
	}

	signOut(cookie: string, session: EndedSession): void {
		this.#list.add([signOutOf(cookie, session)], Math.floor(this.#now() / 1000));
	}
}

/**
 * The revocations of all processes on one store. Read once before any session is admitted, then
 * known by message, and read again every ten seconds in case one was lost: where nothing has
 * changed that is one look at a version.
 */
export class RevocationList implements RevocationCheck {
	readonly #options: RevocationListOptions;
	readonly #list = new Revocations();
	readonly #listeners = new Set<() => void>();
	/** Changes that are not in the store yet. */
	readonly #unsent = new Map<string, string | undefined>();
	readonly #unsubscribe: () => void;
	/** Version of the record that the list has all of. */
	#known = 0;
	#isReady = false;
	#isClosed = false;
	#reading: Promise<void> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#hasFailed = false;

	constructor(options: RevocationListOptions) {
		this.#options = options;
		this.#unsubscribe = options.store.subscribe(CHANNEL, (message) => this.#hear(message));
	}

	get revision(): number {
		return this.#list.revision;
	}

	/** Called when sessions may have been ended, here or elsewhere. */
	onChange(listener: () => void): void {
		this.#listeners.add(listener);
	}

	ready(): MaybePromise<void> {
		if (!this.#isReady) return this.#read();
	}

	isRevoked(cookie: string, session: RevocableSession): boolean {
		return this.#list.isRevoked(cookie, session);
	}

	/**
	 * Ends what a logout token names, in all processes, unless the very token was used before.
	 *
	 * @param token Identifies the token, in printable characters.
	 * @param keep Seconds for which it could be presented again.
	 * @returns false for a token that was used before.
	 * @throws {StateError} if the store does not answer: the token then counts as unused, so that the
	 *   provider can send it again.
	 */
	async revoke(ended: readonly RevocationEntry[], token: string, keep: number): Promise<boolean> {
		const used = await this.#acquire(USED + token, 0);
		try {
			if (used.version !== 0) return false;
			// Here at once, and in the store by the next exchange if not by this one.
			for (const [key, text] of this.#apply(ended)) this.#unsent.set(key, text);
			await this.#exchange();
			await used.commit([["used", "1"]], 1, { ttl: keep, anonymous: false });
			return true;
		} finally {
			await used.release();
		}
	}

	/**
	 * A person has signed out: a copy of the cookies is worth nothing from now on, here at once, and
	 * elsewhere as soon as the store has passed it on. Signing out never waits for that, and never
	 * fails.
	 */
	signOut(cookie: string, session: EndedSession): void {
		for (const [key, text] of this.#apply([signOutOf(cookie, session)]))
			this.#unsent.set(key, text);
		const send = async () => {
			// One that is under way may have looked before this was there to be sent.
			await this.#reading?.catch(() => {});
			if (this.#unsent.size > 0) await this.#read();
		};
		send().catch((error: unknown) => this.#failed(error));
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
		this.#unsubscribe();
	}

	/** One at a time; who asks meanwhile gets the answer of the one that runs. */
	#read(): Promise<void> {
		this.#reading ??= this.#readOnce().finally(() => {
			this.#reading = undefined;
		});
		return this.#reading;
	}

	async #readOnce(): Promise<void> {
		await this.#exchange();
		this.#isReady = true;
		this.#hasFailed = false;
		this.#readLater();
	}

	/**
	 * Takes over what the record has, and gives it what it lacks: what is new here, and all that is
	 * known here if the store has lost it.
	 */
	async #exchange(): Promise<void> {
		const known = this.#known;
		const lease = await this.#acquire(RECORD, known);
		try {
			const stored =
				lease.version === known ? undefined : (lease.entries ?? new Map<string, string>());
			const changes = new Map(this.#unsent);
			if (stored) {
				for (const [key, text] of this.#apply(stored))
					if (text === undefined) changes.set(key, text);
				for (const [key, text] of this.#list.entries())
					if (stored.get(key) !== text) changes.set(key, text);
			}
			if (changes.size === 0) this.#known = lease.version;
			else await this.#commit(lease, changes);
		} finally {
			await lease.release();
		}
	}

	async #commit(
		lease: RecordLease,
		changes: ReadonlyMap<string, string | undefined>,
	): Promise<void> {
		const version = Math.max(lease.version + 1, this.#options.now() * 1000);
		await lease.commit(changes, version, { ttl: RECORD_TTL, anonymous: false });
		this.#known = version;
		for (const [key, text] of changes) if (this.#unsent.get(key) === text) this.#unsent.delete(key);
		const added = [...changes].filter(([, text]) => text !== undefined);
		const entries = added.length <= MAX_SENT ? added : undefined;
		this.#options.store.publish(
			CHANNEL,
			JSON.stringify({ from: lease.version, to: version, entries }),
		);
	}

	#apply(entries: Iterable<RevocationEntry>): Map<string, string | undefined> {
		const before = this.#list.revision;
		const changes = this.#list.add(entries, Math.floor(this.#options.now() / 1000));
		if (this.#list.revision !== before) for (const listener of this.#listeners) listener();
		return changes;
	}

	#hear(text: string): void {
		if (this.#isClosed) return;
		const message = parseMessage(text);
		if (message?.entries) this.#apply(message.entries);
		if (message?.to === this.#known) return;
		if (message?.entries && message.from === this.#known) {
			this.#known = message.to;
			return;
		}
		// Something came in between that was not heard. A look that is under way may have come too
		// early for it.
		const read = async () => {
			await this.#reading?.catch(() => {});
			if (message?.to !== this.#known) await this.#read();
		};
		read().catch((error: unknown) => this.#failed(error));
	}

	/**
	 * By a timer and not by requests: streams that are open are to end as well where nothing else
	 * happens.
	 */
	#readLater(): void {
		if (!this.#options.store.isShared || this.#isClosed) return;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#read().catch((error: unknown) => {
				this.#failed(error);
				this.#readLater();
			});
		}, READ_EVERY);
		// Where there are such timers: not to keep a process alive for.
		(this.#timer as { unref?: () => void }).unref?.();
	}

	#failed(cause: unknown): void {
		if (this.#hasFailed || this.#isClosed) return;
		this.#hasFailed = true;
		this.#options.log({
			level: "error",
			code: isPortcullisError(cause) ? cause.code : "internal_error",
			message:
				"Revoked sessions could not be read from the store; logouts that other processes take are not known here until it answers",
			cause,
		});
	}

	#acquire(record: string, known: number): MaybePromise<RecordLease> {
		return this.#options.store.acquire(record, known, AbortSignal.timeout(TIMEOUT));
	}
}

interface Message {
	readonly from: number;
	readonly to: number;
	readonly entries: readonly RevocationEntry[] | undefined;
}

/** `undefined` for what another version has sent: the record then says it. */
function parseMessage(text: string): Message | undefined {
	try {
		const { from, to, entries } = JSON.parse(text) as Record<string, unknown>;
		if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return undefined;
		const isList = Array.isArray(entries) && entries.every(isEntry);
		return {
			from: from as number,
			to: to as number,
			entries: isList ? (entries as RevocationEntry[]) : undefined,
		};
	} catch {
		return undefined;
	}
}

function isEntry(value: unknown): boolean {
	return (
		Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "string")
	);
}
