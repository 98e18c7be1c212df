import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { StateError } from "../base/errors.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import type { User } from "../session/user.ts";
import type { ClientLease, Keeping, StoredEntries } from "../store/contract.ts";
import type { Caller } from "./caller.ts";
import {
	type AnyCell,
	type CellOwner,
	ComputedCell,
	isCell,
	StoredCell,
	type ValueCell,
} from "./cells.ts";
import { decode, encode } from "./codec.ts";
import { type Outcome, Outcomes } from "./outcomes.ts";
import type { StateRegistry, StateType } from "./registry.ts";
import type { StateClass } from "./state.ts";

/** What a process knows about its surroundings that clients need. */
export interface ClientSurroundings {
	readonly registry: StateRegistry;
	readonly now: () => number;
	/**
	 * In development values are frozen, and pass through the serializer as they do with a shared
	 * store.
	 */
	readonly isDevelopment: boolean;
	readonly onFailed: (cell: AnyCell, error: unknown) => void;
	/**
	 * A write that came after its client had ended was dropped. Called once for each client that
	 * ended.
	 */
	readonly onDropped: (cell: AnyCell) => void;
}

/**
 * An outcome that is larger is not remembered as it was: the client is told that it is not known.
 * Characters.
 */
const MAX_OUTCOME = 16_384;

const OWNER = "owner";
const EPOCH = "epoch";
const VALUE = "value:";

/** As many as there are surfaces. A key that is made anew for each look is hashed anew, too. */
const valueKeys = new Map<string, string>();

function valueKey(id: string): string {
	let key = valueKeys.get(id);
	if (key === undefined) {
		key = VALUE + id;
		valueKeys.set(id, key);
	}
	return key;
}

/** What the browser was sent for a value last. */
export interface Sent {
	readonly value: unknown;
	readonly text: string;
	readonly isWithheld: boolean;
}

/**
 * One client, that is one tab, as this process has it: its record, brought up to date under the
 * lease, and the State instances on top. Everything but the instances could be thrown away at any
 * time.
 */
export class LiveClient {
	readonly id: string;
	/** Of the record that is loaded; 0 while nothing is kept. */
	version = 0;
	/** When the record began; the version of its first commit. */
	epoch = 0;
	/** Session id, empty for an anonymous client, `undefined` while it is nobody's. */
	owner: string | undefined;
	/** Of the caller who worked on it last. */
	isRevoked: (() => boolean) | undefined;
	/** The highest that was given out. */
	rev = 0;
	/**
	 * Of the last delivery from here; `sent` is what the browser has if that is what it says it got
	 * last. 0 if it cannot be known.
	 */
	sentRev = 0;
	readonly sent: Map<string, Sent> = new Map();
	/** Streams and background events that need it to stay. */
	pins = 0;
	usedAt = 0;
	/** What it counts with in this process; `undefined` while it does not. */
	countedWith: string | undefined;
	readonly #surroundings: ClientSurroundings;
	/** Texts of stored values, by `value:state.name`: what a commit has to differ from. */
	#texts = new Map<string, string>();
	readonly #outcomes = new Outcomes();
	#generation: Generation;

	constructor(id: string, surroundings: ClientSurroundings) {
		this.id = id;
		this.#surroundings = surroundings;
		this.#generation = new Generation(surroundings);
	}

	get generation(): Generation {
		return this.#generation;
	}

	/** Of the last event that was run. */
	get seq(): number {
		return this.#outcomes.seq;
	}

	/** Brings the client to the version of the lease. */
	load(lease: ClientLease): void {
		if (lease.version === this.version) return;
		const entries: StoredEntries = lease.entries ?? new Map();
		const owner = lease.version === 0 ? undefined : (entries.get(OWNER) ?? "");
		// A record of somebody else, or one that is gone, leaves nothing of what was here.
		if (owner !== this.owner || lease.version === 0) this.#restart();
		this.version = lease.version;
		// Another process may have delivered something meanwhile.
		this.sentRev = 0;
		this.#pendingRemovals = [];
		this.#isReset = false;
		this.epoch = Number(entries.get(EPOCH) ?? 0);
		this.owner = owner;
		this.#outcomes.load(entries);
		const texts = new Map<string, string>();
		for (const [key, text] of entries) if (key.startsWith(VALUE)) texts.set(key, text);
		const before = this.#texts;
		this.#texts = texts;
		this.#generation.restore((id) => {
			const key = valueKey(id);
			const text = texts.get(key);
			return text === before.get(key) ? undefined : { text };
		});
	}

	/**
	 * Makes the client the caller's. If it was somebody else's, everything goes but the public
	 * fields.
	 *
	 * @returns the changes to the record that this takes; none if nothing is kept.
	 */
	claim(owner: string): void {
		if (this.owner === owner) return;
		if (this.owner !== undefined) {
			const kept = [...this.#texts].filter(([key]) => this.#isPublicField(key.slice(VALUE.length)));
			const gone = [...this.#texts.keys()].filter((key) => !kept.some(([name]) => name === key));
			this.#restart();
			this.#texts = new Map(kept);
			// What a change of hands before had to remove is still in the record if it could not be
			// written.
			this.#pendingRemovals = [
				...new Set([...this.#pendingRemovals, ...gone, ...this.#outcomes.clear()]),
			];
			this.#isReset = true;
		}
		this.owner = owner;
	}

	#pendingRemovals: string[] = [];
	#isReset = false;

	/** True if the client has changed hands and the record does not say so yet. */
	get needsCommit(): boolean {
		return this.#isReset && this.version > 0;
	}

	outcome(id: string): string | undefined {
		return this.#outcomes.find(id);
	}

	/** The instance of a State, made at first use. */
	instance(type: StateType): object {
		return this.#generation.find(type) ?? this.#generation.instance(type, this.#texts);
	}

	/**
	 * The instance of a State class. @throws {TypeError} if the class is not among the gate's states.
	 */
	getState<S extends object>(stateClass: StateClass<S>): S {
		const type = this.#surroundings.registry.byClass.get(stateClass);
		if (!type) throw new TypeError(`${stateClass.name} is not among the gate's states`);
		return this.instance(type) as S;
	}

	cell(type: StateType, name: string): ValueCell {
		return (this.instance(type) as Record<string, ValueCell>)[name] as ValueCell;
	}

	/**
	 * Writes what has changed since the last commit, with the outcome of an event if there is one.
	 * Done at once if the store is.
	 *
	 * @throws {StateError} as the store's `commit` does, `value_not_serializable`, and
	 *   `state_write_refused` if values were changed by an event whose session has ended meanwhile.
	 *   Nothing is written then, and nothing undone.
	 */
	commit(lease: ClientLease, keeping: Keeping, event?: Outcome): MaybePromise<void> {
		if (this.#generation.isEnded && this.#generation.changed.size > 0) throw lostClient();
		const changes = new Map<string, string | undefined>();
		for (const key of this.#pendingRemovals) changes.set(key, undefined);
		const texts: [string, string | undefined][] = [];
		for (const cell of this.#generation.changed.keys()) {
			const key = valueKey(cell.id);
			const value = cell.peek();
			const text = Object.is(value, cell.initial) ? undefined : encode(value, cell.id);
			if (text !== this.#texts.get(key)) {
				texts.push([key, text]);
				changes.set(key, text);
			}
		}
		const remembered =
			event && event.outcome.length > MAX_OUTCOME ? { ...event, outcome: UNKNOWN_OUTCOME } : event;
		if (remembered) {
			const [key, text] = this.#outcomes.entry(remembered);
			changes.set(key, text);
		}
		const isFirst = this.version === 0;
		if (changes.size === 0 && !this.needsCommit) return this.#committed(texts);
		const version = this.nextRev();
		if (isFirst) {
			changes.set(EPOCH, String(version));
			// Public values that stayed when the client changed hands before anything was kept.
			for (const [key, text] of this.#texts) if (!changes.has(key)) changes.set(key, text);
		}
		if (isFirst || this.#isReset) changes.set(OWNER, this.owner ?? "");
		const written = lease.commit(changes, version, keeping);
		const finish = (): void => {
			this.version = version;
			if (isFirst) this.epoch = version;
			if (remembered) this.#outcomes.keep(remembered);
			if (this.#pendingRemovals.length > 0) this.#pendingRemovals = [];
			this.#isReset = false;
			this.#committed(texts);
		};
		return isPromise(written) ? written.then(finish) : finish();
	}

	/**
	 * Writes nothing but a new version, so that other processes know of a delivery, and the record
	 * does not expire.
	 */
	async touch(lease: ClientLease, keeping: Keeping): Promise<void> {
		if (this.version === 0) return;
		const version = this.nextRev();
		await lease.commit([], version, keeping);
		this.version = version;
	}

	/** Undoes what was written since the last commit. */
	rollBack(): void {
		for (const [cell, before] of this.#generation.changed) cell.restore(before);
		this.#generation.changed.clear();
	}

	/**
	 * Counts as never sent what other states have: a delivery that is in full about some says nothing
	 * of what the browser has of the others.
	 */
	forgetSentExcept(types: readonly StateType[]): void {
		if (types.length === this.#surroundings.registry.all.length) return;
		const names = new Set(types.map(({ name }) => name));
		for (const id of this.sent.keys())
			if (!names.has(id.slice(0, id.indexOf(".")))) this.sent.delete(id);
	}

	/**
	 * A number greater than all that were given out for this client, here and, by the clock, on other
	 * replicas.
	 */
	nextRev(): number {
		this.rev = Math.max(this.rev + 1, this.version + 1, this.#surroundings.now() * 1000);
		return this.rev;
	}

	/** Begins anew on the same record if what was here has been ended. */
	revive(): void {
		if (!this.#generation.isEnded) return;
		const texts = this.#texts;
		this.#restart();
		this.#texts = texts;
		this.sentRev = 0;
	}

	/**
	 * Aborts what runs, and drops what it writes from now on: nobody needs the client here any more,
	 * or its session has ended.
	 */
	end(): void {
		this.#generation.end();
	}

	#committed(texts: readonly [string, string | undefined][]): void {
		for (const [key, text] of texts) {
			if (text === undefined) this.#texts.delete(key);
			else this.#texts.set(key, text);
		}
		const { changed } = this.#generation;
		if (this.#surroundings.isDevelopment) {
			for (const cell of changed.keys()) {
				const text = this.#texts.get(valueKey(cell.id));
				if (text !== undefined && typeof cell.peek() === "object") cell.restore(decode(text));
			}
		}
		changed.clear();
	}

	#restart(): void {
		this.#generation.end();
		this.#generation = new Generation(this.#surroundings);
		this.sent.clear();
		this.#texts = new Map();
	}

	#isPublicField(id: string): boolean {
		const dot = id.indexOf(".");
		return (
			this.#surroundings.registry.byName
				.get(id.slice(0, dot))
				?.publicFields.has(id.slice(dot + 1)) === true
		);
	}
}

/** Stands for an outcome that was too large to be remembered. */
export const UNKNOWN_OUTCOME = '{"status":"unknown"}';

/** The State instances of a client while it is one and the same person's. */
export class Generation implements CellOwner {
	readonly user: ReadonlySignal<User | undefined>;
	readonly freezes: boolean;
	/** What was written since the last commit, with the values before. */
	readonly changed: Map<StoredCell, unknown> = new Map();
	/** Events that may write at the moment. */
	writers = 0;
	/** Background events whose handler has not ended. */
	background = 0;
	/** Asynchronous values that were worked out so far, or failed. */
	settledCount = 0;
	readonly #surroundings: ClientSurroundings;
	readonly #user: Signal<User | undefined> = signal(undefined);
	readonly #instances = new Map<StateType, Record<string, AnyCell>>();
	#foundType: StateType | undefined;
	#found: object | undefined;
	readonly #pending = new Set<Promise<void>>();
	#settled: Settled | undefined;
	/**
	 * Another object that says the same of the person, so that two that look in turn are compared
	 * once: it took a third of what an event takes.
	 */
	#sameUser: User | undefined;
	#hasCaller = false;
	#lastExpiresAt = 0;
	#lastOrder = 0;
	#abort: AbortController | undefined;
	#isEnded = false;
	#hasDropped = false;

	constructor(surroundings: ClientSurroundings) {
		this.#surroundings = surroundings;
		this.user = this.#user;
		this.freezes = surroundings.isDevelopment;
	}

	/**
	 * Aborts when the client becomes somebody else's. Made when first asked for: most clients never
	 * need it.
	 */
	get signal(): AbortSignal {
		this.#abort ??= new AbortController();
		if (this.#isEnded) this.#abort.abort(lostClient());
		return this.#abort.signal;
	}

	get isEnded(): boolean {
		return this.#isEnded;
	}

	/**
	 * Says who looks. All who look at a generation come with one and the same session, but not all
	 * with its newest state: a stream that was opened before the session was renewed must not bring
	 * back the claims of then. Nor does the same person, read from the cookies twice, make values out
	 * of date: two that look in turn would have them worked out for ever.
	 *
	 * @returns the person as the newest state of the session says.
	 */
	setUser({
		user,
		expiresAt,
		order,
	}: Pick<Caller, "user" | "expiresAt" | "order">): User | undefined {
		const known = this.#user.peek();
		const isKnown = known !== undefined && user !== undefined && this.#hasCaller;
		if (isKnown) {
			const isOlder =
				expiresAt < this.#lastExpiresAt ||
				(expiresAt === this.#lastExpiresAt && order < this.#lastOrder);
			if (isOlder) return known;
		}
		this.#hasCaller = true;
		this.#lastExpiresAt = expiresAt;
		this.#lastOrder = order;
		if (isKnown && (user === known || user === this.#sameUser)) return known;
		if (isKnown && JSON.stringify(user) === JSON.stringify(known)) {
			this.#sameUser = user;
			return known;
		}
		this.#sameUser = undefined;
		this.#user.value = user;
		return user;
	}

	now(): number {
		return this.#surroundings.now();
	}

	beforeWrite(cell: StoredCell): boolean {
		if (this.#isEnded) {
			// Nobody would catch it: in what a handler did not wait for, an exception can end the
			// process, and a logout must not do that.
			if (this.writers === 0 && this.background === 0) {
				if (!this.#hasDropped) this.#surroundings.onDropped(cell);
				this.#hasDropped = true;
				return false;
			}
			throw new StateError(
				"state_write_refused",
				`${cell.id} was written by an event whose client is somebody else's by now; nothing was changed`,
			);
		}
		if (this.writers === 0) {
			throw new StateError(
				"state_write_refused",
				`${cell.id} was written outside of an event; write it in a handler before it ends, or inside update() of a background event`,
			);
		}
		if (!this.changed.has(cell)) this.changed.set(cell, cell.peek());
		return true;
	}

	started(work: Promise<void>): void {
		this.#pending.add(work);
		void work.then(() => {
			this.#pending.delete(work);
			this.settledCount++;
			this.#settled?.resolve();
			this.#settled = undefined;
		});
	}

	failed(cell: AnyCell, error: unknown): void {
		this.#surroundings.onFailed(cell, error);
	}

	/** Asynchronous values that are being worked out; `undefined` if there are none. */
	pending(): Promise<unknown> | undefined {
		return this.#pending.size === 0 ? undefined : Promise.all(this.#pending);
	}

	/**
	 * The moment when the next of them is there, or has failed: one that hangs holds up no other.
	 * `undefined` if there is none.
	 *
	 * @param seen `settledCount` before the values were looked at: what was there before they were
	 *   sent is no reason to wait.
	 */
	nextSettled(seen: number): Promise<void> | undefined {
		if (this.settledCount !== seen) return Promise.resolve();
		if (this.#pending.size === 0) return undefined;
		this.#settled ??= createSettled();
		return this.#settled.promise;
	}

	/** The instance, if it was made already. Asked for each value, one state after the other. */
	find(type: StateType): object | undefined {
		if (this.#foundType !== type) {
			this.#found = this.#instances.get(type);
			this.#foundType = this.#found && type;
		}
		return this.#found;
	}

	/**
	 * Makes the instance.
	 *
	 * @param texts Of stored values, by `value:state.name`.
	 */
	instance(type: StateType, texts: ReadonlyMap<string, string>): object {
		const instance = new type.stateClass() as Record<string, AnyCell>;
		for (const name of Object.keys(instance)) {
			const cell = instance[name];
			if (!isCell(cell)) continue;
			cell.attach(type.ids.get(name) ?? `${type.name}.${name}`, this);
			if (texts.size === 0 || !(cell instanceof StoredCell)) continue;
			const text = texts.get(valueKey(cell.id));
			if (text !== undefined) restoreCell(cell, text);
		}
		Object.freeze(instance);
		this.#instances.set(type, instance);
		return instance;
	}

	/** Gives the cells whose text has changed their new values; no text is the default. */
	restore(changeOf: (id: string) => { readonly text: string | undefined } | undefined): void {
		this.changed.clear();
		for (const [type, instance] of this.#instances) {
			for (const name of type.stored) {
				const cell = instance[name] as StoredCell;
				const change = changeOf(cell.id);
				if (!change) continue;
				if (change.text === undefined) cell.restore(cell.initial);
				else restoreCell(cell, change.text);
			}
		}
	}

	/** Makes values with an `interval` that has passed be worked out anew. */
	expireIntervals(type: StateType): void {
		if (type.interval === undefined) return;
		const instance = this.#instances.get(type);
		for (const name of instance ? type.computed : []) {
			const cell = instance?.[name];
			if (cell instanceof ComputedCell) cell.expire();
		}
	}

	end(): void {
		this.#isEnded = true;
		this.#abort?.abort(lostClient());
	}
}

function lostClient(): StateError {
	return new StateError("state_write_refused", "The client is somebody else's by now");
}

/**
 * A text that cannot be read, written by another version of the app, is the default: a deployment
 * must not lock a tab out.
 */
function restoreCell(cell: StoredCell, text: string): void {
	try {
		cell.restore(decode(text));
	} catch {
		cell.restore(cell.initial);
	}
}

/** A promise that is resolved from outside. */
interface Settled {
	readonly promise: Promise<void>;
	readonly resolve: () => void;
}

function createSettled(): Settled {
	let resolve!: () => void;
	const promise = new Promise<void>((settle) => {
		resolve = settle;
	});
	return { promise, resolve };
}
