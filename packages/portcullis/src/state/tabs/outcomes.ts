import type { StoredEntries } from "../../store/contract.ts";

/** How many outcomes are remembered for a tab that asks again. */
const PLACES = 16;
const PREFIX = "outcome:";
/**
 * Where each is kept. A key of its own for each event would have to be made, hashed and removed
 * again: a tenth of what an event takes.
 */
const KEYS: readonly string[] = Array.from({ length: PLACES }, (_, place) => PREFIX + place);
/** For a background event that ended after so many others that its own place was taken. */
const LATE = PLACES;
const ALL_KEYS: readonly string[] = [...KEYS, `${PREFIX}late`];

/**
 * An outcome that is larger is not remembered as it was: the browser that asks again is told that
 * it is not known. Characters.
 */
const MAX_OUTCOME = 16_384;

/** Stands for an outcome that is not known, or was too large to be remembered. */
export const UNKNOWN_OUTCOME = '{"status":"unknown"}';

/** What is remembered of an outcome. */
export function rememberedOutcome(event: Outcome): Outcome {
	return event.outcome.length > MAX_OUTCOME ? { ...event, outcome: UNKNOWN_OUTCOME } : event;
}

/** An outcome, and of which event. */
export interface Outcome {
	/** What the browser named the call; without spaces. */
	readonly id: string;
	readonly seq: number;
	readonly outcome: string;
}

/** The outcomes of a tab's last events, each in a place of the record. */
export class Outcomes {
	/** Of the last event that was run; 0 for none. */
	seq = 0;
	#places: (Outcome | undefined)[] = [];

	/** Takes over what a record has. */
	load(entries: StoredEntries): void {
		this.clear();
		ALL_KEYS.forEach((key, place) => {
			const text = entries.get(key);
			const [, seq, id, outcome] = (text && /^(\d+) (\S+) (.*)$/s.exec(text)) || [];
			if (id !== undefined && outcome !== undefined)
				this.#put(place, { id, seq: Number(seq), outcome });
		});
	}

	/** Forgets everything. Returns the keys of a record that have to go. */
	clear(): string[] {
		const keys = this.#places.flatMap((known, place) => (known ? [ALL_KEYS[place] as string] : []));
		this.#places = [];
		this.seq = 0;
		return keys;
	}

	/** What came of an event. `undefined` if it was not run, or too long ago. */
	find(id: string): string | undefined {
		for (const known of this.#places) if (known?.id === id) return known.outcome;
		return undefined;
	}

	/** Key and text for the record. */
	entry(event: Outcome): readonly [key: string, text: string] {
		return [ALL_KEYS[this.#placeOf(event)] as string, `${event.seq} ${event.id} ${event.outcome}`];
	}

	/** Remembers what was written. */
	keep(event: Outcome): void {
		this.#put(this.#placeOf(event), event);
	}

	#put(place: number, event: Outcome): void {
		this.#places[place] = event;
		if (event.seq > this.seq) this.seq = event.seq;
	}

	/** Never the place of a later event. */
	#placeOf({ id, seq }: Outcome): number {
		const place = seq % PLACES;
		return seq > this.seq || this.#places[place]?.id === id ? place : LATE;
	}
}
