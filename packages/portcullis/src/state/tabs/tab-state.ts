import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { Keeping, RecordLease } from "../../store/contract.ts";
import type { ValueCell } from "../cells.ts";
import { decode, encode } from "../codec.ts";
import type { StateClass } from "../state.ts";
import type { StateType } from "../state-types.ts";
import { type Outcome, rememberedOutcome } from "./outcomes.ts";
import { lostTab, OwnerScope, type TabDeps } from "./owner-scope.ts";
import { type ChangedText, TabRecord } from "./tab-record.ts";
import { valueKey } from "./value-keys.ts";

/** What the browser was sent for a value last. */
export interface Sent {
	readonly value: unknown;
	readonly text: string;
	readonly isWithheld: boolean;
}

/**
 * One tab as this process has it: its record, brought up to date under the lease, and the State
 * instances on top. Everything but the instances could be thrown away at any time.
 */
export class TabState {
	readonly id: string;
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
	readonly #deps: TabDeps;
	readonly #record = new TabRecord();
	#scope: OwnerScope;

	constructor(id: string, deps: TabDeps) {
		this.id = id;
		this.#deps = deps;
		this.#scope = new OwnerScope(deps);
	}

	/** The instances of the present owner. */
	get scope(): OwnerScope {
		return this.#scope;
	}

	/** Of the record that is loaded; 0 while nothing is kept. */
	get version(): number {
		return this.#record.version;
	}

	/** When the record began; the version of its first commit. */
	get epoch(): number {
		return this.#record.epoch;
	}

	/** Session id, empty for an anonymous tab, `undefined` while the tab has no owner. */
	get owner(): string | undefined {
		return this.#record.owner;
	}

	/** Of the last event that was run. */
	get seq(): number {
		return this.#record.outcomes.seq;
	}

	/** What the event with this id ended with, if that is remembered. */
	outcome(id: string): string | undefined {
		return this.#record.outcomes.find(id);
	}

	/** Brings the tab to the version of the lease. */
	load(lease: RecordLease): void {
		const record = this.#record;
		if (lease.version === record.version) return;
		const before = record.texts;
		const isSame = record.load(lease);
		// Another process may have delivered something meanwhile.
		this.sentRev = 0;
		// Of the record of another owner, or one that is gone, nothing stays that was here.
		if (!isSame) {
			this.#restart();
			return;
		}
		this.#scope.restore((id) => {
			const key = valueKey(id);
			const text = record.texts.get(key);
			return text === before.get(key) ? undefined : { text };
		});
	}

	/** Makes the tab the caller's. If it had another owner, everything goes but the public fields. */
	claim(owner: string): void {
		const record = this.#record;
		if (record.owner === owner) return;
		if (record.owner !== undefined) {
			record.reset((id) => this.#isPublicField(id));
			this.#restart();
		}
		record.owner = owner;
	}

	/** True if the tab has got another owner and the record does not say so yet. */
	get needsCommit(): boolean {
		return this.#record.needsCommit;
	}

	/** The instance of a State, made at first use. */
	instance(type: StateType): object {
		return this.#scope.find(type) ?? this.#scope.instance(type, this.#record.texts);
	}

	/**
	 * The instance of a State class. @throws {TypeError} if the class is not among the gate's states.
	 */
	getState<S extends object>(stateClass: StateClass<S>): S {
		const type = this.#deps.registry.byClass.get(stateClass);
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
	commit(lease: RecordLease, keeping: Keeping, event?: Outcome): MaybePromise<void> {
		if (this.#scope.isEnded && this.#scope.changed.size > 0) throw lostTab();
		const texts = this.#changedTexts();
		if (texts.length === 0 && !event && !this.#record.isDirty) return this.#committed();
		const remembered = event && rememberedOutcome(event);
		const written = this.#record.write(lease, keeping, this.nextRev(), texts, remembered);
		return isPromise(written) ? written.then(() => this.#committed()) : this.#committed();
	}

	/** Fields that have another text than the record. */
	#changedTexts(): readonly ChangedText[] {
		const texts: ChangedText[] = [];
		for (const cell of this.#scope.changed.keys()) {
			const key = valueKey(cell.id);
			const value = cell.peek();
			const text = Object.is(value, cell.initial) ? undefined : encode(value, cell.id);
			if (text !== this.#record.texts.get(key)) texts.push([key, text]);
		}
		return texts;
	}

	#committed(): void {
		const { changed } = this.#scope;
		if (this.#deps.isDevelopment) {
			for (const cell of changed.keys()) {
				const text = this.#record.texts.get(valueKey(cell.id));
				if (text !== undefined && typeof cell.peek() === "object") cell.restore(decode(text));
			}
		}
		changed.clear();
	}

	/**
	 * Writes nothing but a new version, so that other processes know of a delivery, and the record
	 * does not expire.
	 */
	async touch(lease: RecordLease, keeping: Keeping): Promise<void> {
		if (this.version > 0) await this.#record.touch(lease, keeping, this.nextRev());
	}

	/** Undoes what was written since the last commit. */
	rollBack(): void {
		this.#scope.rollBack();
	}

	/**
	 * Counts as never sent what other states have: a delivery that is in full about some says nothing
	 * of what the browser has of the others.
	 */
	forgetSentExcept(types: readonly StateType[]): void {
		if (types.length === this.#deps.registry.all.length) return;
		const names = new Set(types.map(({ name }) => name));
		for (const id of this.sent.keys())
			if (!names.has(id.slice(0, id.indexOf(".")))) this.sent.delete(id);
	}

	/**
	 * A number greater than all that were given out for this tab, here and, by the clock, on other
	 * replicas.
	 */
	nextRev(): number {
		this.rev = Math.max(this.rev + 1, this.version + 1, this.#deps.now() * 1000);
		return this.rev;
	}

	/** Begins anew on the same record if what was here has been ended. */
	revive(): void {
		if (!this.#scope.isEnded) return;
		this.#restart();
		this.sentRev = 0;
	}

	/**
	 * Aborts what runs, and drops what it writes from now on: the tab is not needed here any more, or
	 * its session has ended.
	 */
	end(): void {
		this.#scope.end();
	}

	#restart(): void {
		this.#scope.end();
		this.#scope = new OwnerScope(this.#deps);
		this.sent.clear();
	}

	#isPublicField(id: string): boolean {
		const dot = id.indexOf(".");
		const type = this.#deps.registry.byName.get(id.slice(0, dot));
		return type?.publicFields.has(id.slice(dot + 1)) === true;
	}
}
