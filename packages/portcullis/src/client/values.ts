import type { StateDelta } from "../wire/state.ts";
import { decode } from "./decode.ts";
import { share } from "./share.ts";

/** A value as the client holds it. */
export interface HeldValue {
	readonly value: unknown;
	readonly isWithheld: boolean;
	/** As it came, to see whether it is the same again. */
	readonly text: string;
	readonly rev: number;
}

/** The values of all states of a tab, brought up to date by deltas in any order of arrival. */
export class Values {
	/** By state, then by name. */
	readonly #states = new Map<string, Map<string, HeldValue>>();
	/** By state: the `rev` of the last delta that had all of it. */
	readonly #complete = new Map<string, number>();

	of(state: string): ReadonlyMap<string, HeldValue> {
		return this.#states.get(state) ?? new Map();
	}

	/**
	 * Replaces what is older than the delta.
	 *
	 * @param asked States that the delta is about; values of others are ignored.
	 * @param isAnew True if what is held came from another record, whose `rev`s say nothing about
	 *   these.
	 * @returns the states in which something is different now.
	 */
	apply(delta: StateDelta, asked: Iterable<string>, isAnew: boolean): Set<string> {
		const changed = new Set<string>();
		const withheld = new Set(delta.withheld);
		for (const state of asked) {
			const held = this.#states.get(state) ?? new Map<string, HeldValue>();
			this.#states.set(state, held);
			const floor = isAnew ? -1 : (this.#complete.get(state) ?? -1);
			const prefix = `${state}.`;
			const kept = new Set<string>();
			for (const [id, encoded] of Object.entries(delta.values)) {
				if (!id.startsWith(prefix)) continue;
				const name = id.slice(prefix.length);
				kept.add(name);
				const before = held.get(name);
				if (delta.rev <= (isAnew ? -1 : Math.max(before?.rev ?? -1, floor))) continue;
				const text = JSON.stringify(encoded);
				const isWithheld = withheld.has(id);
				const value = before?.text === text ? before.value : share(before?.value, decode(encoded));
				if (!before || before.isWithheld !== isWithheld || !Object.is(before.value, value))
					changed.add(state);
				held.set(name, { value, isWithheld, text, rev: delta.rev });
			}
			if (!delta.full) continue;
			for (const [name, { rev }] of held) {
				if (kept.has(name) || (!isAnew && rev > delta.rev)) continue;
				held.delete(name);
				changed.add(state);
			}
			this.#complete.set(state, Math.max(floor, delta.rev));
		}
		return changed;
	}
}
