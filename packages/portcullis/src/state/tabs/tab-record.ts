import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { Keeping, RecordLease, StoredEntries } from "../../store/contract.ts";
import { type Outcome, Outcomes } from "./outcomes.ts";
import { idOfValueKey, isValueKey } from "./value-keys.ts";

const OWNER = "owner";
const EPOCH = "epoch";

/** A stored value that is to be written; `undefined` removes it. */
export type ChangedText = readonly [key: string, text: string | undefined];

/** What is kept of a tab, as this process knows it. */
export class TabRecord {
	/** Of the record that is loaded; 0 while nothing is kept. */
	version = 0;
	/** When the record began; the version of its first commit. */
	epoch = 0;
	/** Session id, empty for an anonymous tab, `undefined` while the tab has no owner. */
	owner: string | undefined;
	/** Texts of stored values, by `value:state.name`: what a commit has to differ from. */
	texts: Map<string, string> = new Map();
	readonly outcomes: Outcomes = new Outcomes();
	/** Keys that the former owner's reset has to remove, and that are in the store still. */
	#removals: string[] = [];
	#isReset = false;

	/** True if the tab has got another owner and the store does not know yet. */
	get needsCommit(): boolean {
		return this.#isReset && this.version > 0;
	}

	/** True if there is something to write though no value has changed. */
	get isDirty(): boolean {
		return this.#removals.length > 0 || this.needsCommit;
	}

	/**
	 * Takes over what the store has.
	 *
	 * @returns false if the record is gone, or another owner's.
	 */
	load(lease: RecordLease): boolean {
		const entries: StoredEntries = lease.entries ?? new Map();
		const owner = lease.version === 0 ? undefined : (entries.get(OWNER) ?? "");
		const isSame = owner === this.owner && lease.version !== 0;
		this.version = lease.version;
		this.#removals = [];
		this.#isReset = false;
		this.epoch = Number(entries.get(EPOCH) ?? 0);
		this.owner = owner;
		this.outcomes.load(entries);
		const texts = new Map<string, string>();
		for (const [key, text] of entries) if (isValueKey(key)) texts.set(key, text);
		this.texts = texts;
		return isSame;
	}

	/** Forgets all values but those that are kept, and all outcomes. */
	reset(isKept: (id: string) => boolean): void {
		const kept = new Map([...this.texts].filter(([key]) => isKept(idOfValueKey(key))));
		const gone = [...this.texts.keys()].filter((key) => !kept.has(key));
		this.texts = kept;
		// What an earlier reset had to remove is still in the store if it could not be written.
		this.#removals = [...new Set([...this.#removals, ...gone, ...this.outcomes.clear()])];
		this.#isReset = true;
	}

	/**
	 * Writes changed values, with the outcome of an event if there is one. Done at once if the store
	 * is.
	 */
	write(
		lease: RecordLease,
		keeping: Keeping,
		version: number,
		texts: readonly ChangedText[],
		event: Outcome | undefined,
	): MaybePromise<void> {
		const changes = new Map<string, string | undefined>();
		for (const key of this.#removals) changes.set(key, undefined);
		for (const [key, text] of texts) changes.set(key, text);
		if (event) {
			const [key, text] = this.outcomes.entry(event);
			changes.set(key, text);
		}
		const isFirst = this.version === 0;
		if (isFirst) {
			changes.set(EPOCH, String(version));
			// Public values that stayed when the tab got another owner before anything was kept.
			for (const [key, text] of this.texts) if (!changes.has(key)) changes.set(key, text);
		}
		if (isFirst || this.#isReset) changes.set(OWNER, this.owner ?? "");
		const written = lease.commit(changes, version, keeping);
		const finish = (): void => {
			this.version = version;
			if (isFirst) this.epoch = version;
			if (event) this.outcomes.keep(event);
			if (this.#removals.length > 0) this.#removals = [];
			this.#isReset = false;
			for (const [key, text] of texts) {
				if (text === undefined) this.texts.delete(key);
				else this.texts.set(key, text);
			}
		};
		return isPromise(written) ? written.then(finish) : finish();
	}

	/** Writes nothing but a new version. */
	async touch(lease: RecordLease, keeping: Keeping, version: number): Promise<void> {
		await lease.commit([], version, keeping);
		this.version = version;
	}
}
