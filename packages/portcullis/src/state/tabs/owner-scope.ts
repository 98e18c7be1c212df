import type { ReadonlySignal } from "@preact/signals-core";
import { StateError } from "../../base/errors.ts";
import type { User } from "../../session/user.ts";
import type { Caller } from "../caller.ts";
import { type AnyCell, type CellOwner, ComputedCell, isCell, StoredCell } from "../cells.ts";
import { decode } from "../codec.ts";
import type { StateRegistry, StateType } from "../state-types.ts";
import { PendingValues } from "./pending-values.ts";
import { TabUser } from "./tab-user.ts";
import { valueKey } from "./value-keys.ts";

/** What tabs need to know of their process. */
export interface TabDeps {
	readonly registry: StateRegistry;
	readonly now: () => number;
	/**
	 * In development values are frozen, and pass through the serializer as they do with a shared
	 * store.
	 */
	readonly isDevelopment: boolean;
	readonly onFailed: (cell: AnyCell, error: unknown) => void;
	/** A write that came after its scope had ended was dropped. Called once for each scope. */
	readonly onDropped: (cell: AnyCell) => void;
}

/** The State instances of a tab while it has one owner. */
export class OwnerScope implements CellOwner {
	readonly user: ReadonlySignal<User | undefined>;
	readonly freezes: boolean;
	/** What was written since the last commit, with the values before. */
	readonly changed: Map<StoredCell, unknown> = new Map();
	/** Events that may write at the moment. */
	writers = 0;
	/** Background events whose handler has not ended. */
	background = 0;
	readonly #deps: TabDeps;
	readonly #user = new TabUser();
	readonly #instances = new Map<StateType, Record<string, AnyCell>>();
	/** Made for the first asynchronous value: most tabs have none. */
	#pending: PendingValues | undefined;
	#foundType: StateType | undefined;
	#found: object | undefined;
	#abort: AbortController | undefined;
	#isEnded = false;
	#hasDropped = false;

	constructor(deps: TabDeps) {
		this.#deps = deps;
		this.user = this.#user.signal;
		this.freezes = deps.isDevelopment;
	}

	/**
	 * Aborts when the tab gets another owner. Made when it is first asked for: most tabs never need
	 * it.
	 */
	get signal(): AbortSignal {
		this.#abort ??= new AbortController();
		if (this.#isEnded) this.#abort.abort(lostTab());
		return this.#abort.signal;
	}

	get isEnded(): boolean {
		return this.#isEnded;
	}

	/** Says who looks. Returns the person as the newest state of the session has it. */
	setUser(caller: Pick<Caller, "user" | "expiresAt" | "order">): User | undefined {
		return this.#user.set(caller);
	}

	now(): number {
		return this.#deps.now();
	}

	beforeWrite(cell: StoredCell): boolean {
		if (this.#isEnded) {
			// There is no handler that could catch an exception: in what a handler did not wait for, it
			// can end the process, and a logout must not do that.
			if (this.writers === 0 && this.background === 0) {
				if (!this.#hasDropped) this.#deps.onDropped(cell);
				this.#hasDropped = true;
				return false;
			}
			throw new StateError(
				"state_write_refused",
				`${cell.id} was written by an event whose tab has another owner by now; nothing was changed`,
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
		this.#pending ??= new PendingValues();
		this.#pending.add(work);
	}

	failed(cell: AnyCell, error: unknown): void {
		this.#deps.onFailed(cell, error);
	}

	/** Asynchronous values that are being worked out; `undefined` if there are none. */
	pending(): Promise<unknown> | undefined {
		return this.#pending?.all();
	}

	/** Asynchronous values that were worked out so far, or failed. */
	get settledCount(): number {
		return this.#pending?.settledCount ?? 0;
	}

	/** See `PendingValues.next`. */
	nextSettled(seen: number): Promise<void> | undefined {
		return this.#pending?.next(seen);
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

	/** Undoes what was written since the last commit. */
	rollBack(): void {
		for (const [cell, before] of this.changed) cell.restore(before);
		this.changed.clear();
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
		this.#abort?.abort(lostTab());
	}
}

/** What is thrown where a tab has another owner than the code that works on it believes. */
export function lostTab(): StateError {
	return new StateError("state_write_refused", "The tab has another owner by now");
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
