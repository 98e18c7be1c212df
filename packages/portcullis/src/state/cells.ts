import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { markCopy } from "../base/copies.ts";
import { deepFreeze } from "../base/deep-freeze.ts";
import type { UserClaims } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import type {
	Computed,
	ComputedCall,
	ComputedOptions,
	Event,
	EventOptions,
	Field,
	FieldOptions,
	ServerOnly,
} from "./surfaces.ts";
import { SharedTopic } from "./topic.ts";

/**
 * What the cells of one tab share. It ends when the tab gets another owner: cells of an ended one
 * cannot be written.
 */
export interface CellOwner {
	readonly user: ReadonlySignal<User | undefined>;
	/**
	 * Called before a value is replaced.
	 *
	 * @returns false if the write is to be dropped: the owner has ended, and no handler waits for the
	 *   code that writes.
	 * @throws {StateError} `state_write_refused` unless an event of this tab is running.
	 */
	beforeWrite(cell: StoredCell): boolean;
	/** An asynchronous value is being worked out. */
	started(work: Promise<void>): void;
	/** A value could not be worked out. */
	failed(cell: AnyCell, error: unknown): void;
	/** True if values are frozen as they are set, so that a change in place shows at once. */
	readonly freezes: boolean;
	/** Aborts when the owner ends. */
	readonly signal: AbortSignal;
	/** Milliseconds since the epoch. */
	now(): number;
}

export type AnyUser = User<UserClaims>;

/** What every cell has once the class it belongs to is known. */
abstract class Attachable {
	static {
		// Signals of two copies do not hear of each other: cells of another copy are refused by name.
		markCopy(Attachable);
	}

	/** `notes.draft`; empty until it is attached. */
	id = "";
	/** Where it is defined, if that was asked for when it was made. */
	site: string | undefined;
	protected owner: CellOwner | undefined;

	attach(id: string, owner: CellOwner): void {
		this.id = id;
		this.owner = owner;
	}
}

/** A `field` or a `serverOnly`: a value that is kept. */
export class StoredCell<
	T = unknown,
	K extends "field" | "serverOnly" = "field" | "serverOnly",
> extends Attachable {
	readonly kind: K;
	readonly options: FieldOptions;
	readonly initial: T;
	readonly #signal: Signal<T>;

	constructor(kind: K, initial: T, options: FieldOptions) {
		super();
		this.kind = kind;
		this.initial = initial;
		this.options = options;
		this.#signal = signal(initial);
	}

	get value(): T {
		return this.#signal.value;
	}

	set value(value: T) {
		if (this.owner) {
			if (!this.owner.beforeWrite(this)) return;
			if (this.owner.freezes) deepFreeze(value);
		}
		this.#signal.value = value;
	}

	/** Sets a value that comes from the store, or back after a failed event. */
	restore(value: T): void {
		this.#signal.value = value;
	}

	/** Looks without making a computed value depend on it. */
	peek(): T {
		return this.#signal.peek();
	}
}

/** A value that is worked out. */
export abstract class ComputedCell<T = unknown> extends Attachable {
	readonly kind = "computed" as const;
	readonly options: ComputedOptions<T>;
	readonly #tick = signal(0);
	#workedOutAt = 0;
	/** Made once: a cell belongs to one owner for good. */
	#call: ComputedCall<AnyUser | undefined> | undefined;

	constructor(options: ComputedOptions<T>) {
		super();
		this.options = options;
	}

	abstract get value(): T;

	/**
	 * For values with an `interval`: makes the next look work it out anew if that much time has
	 * passed.
	 */
	expire(): void {
		const { interval } = this.options;
		if (interval === undefined || !this.owner) return;
		if (this.owner.now() - this.#workedOutAt >= interval * 1000) this.#tick.value++;
	}

	/** Reads all that makes the value out of date besides what its function reads. */
	protected track(): void {
		this.#tick.value;
		const { on, interval } = this.options;
		if (on) for (const topic of on) if (topic instanceof SharedTopic) topic.version.value;
		if (interval !== undefined) this.#workedOutAt = this.owner?.now() ?? 0;
	}

	protected call(): ComputedCall<AnyUser | undefined> {
		const { owner } = this;
		this.#call ??= {
			get user() {
				return owner?.user.value;
			},
		};
		return this.#call;
	}
}

/** An event with its handler. */
export class EventCell extends Attachable {
	readonly kind = "event" as const;
	declare readonly io: (input: unknown) => unknown;
	readonly options: EventOptions;
	/** Called with the instance as `this`, for generators that are no arrow functions. */
	readonly handler: (this: unknown, call: unknown) => unknown;

	constructor(options: EventOptions, handler: (this: unknown, call: unknown) => unknown) {
		super();
		this.options = options;
		this.handler = handler;
	}
}

export type ValueCell = StoredCell<unknown, "field"> | ComputedCell;
export type AnyCell = StoredCell | ComputedCell | EventCell;

export function isCell(value: unknown): value is AnyCell {
	return value instanceof StoredCell || value instanceof ComputedCell || value instanceof EventCell;
}

// The classes above are what stands behind these.
export type { Computed, Event, Field, ServerOnly };
