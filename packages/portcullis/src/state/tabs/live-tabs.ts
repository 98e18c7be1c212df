import type { TabState } from "./tab-state.ts";

/**
 * Without streams or background events a tab's instances are given up after so long; its record
 * stays. Milliseconds.
 */
const IDLE = 60_000;
/** Instances of so many tabs at once; the ones that were used longest ago go first. */
const MAX_TABS = 20_000;
/** Of them, so many of all anonymous tabs, of all programs, and of one session. */
const MAX_ANONYMOUS = 5000;
const MAX_PROGRAMS = 1000;
const MAX_OF_SESSION = 500;
/**
 * So many are looked at for one that may go: those on streams stay, and are moved out of the way.
 */
const LOOKED_AT = 64;
const SWEEP_EVERY = 5000;
/** Uses that are no further apart count as one in the order of use. Milliseconds. */
const SAME_USE = 1000;

/** What all anonymous tabs count with. */
export const ANONYMOUS = "";
/** What the tabs of all programs count with. */
export const PROGRAMS = "programs";

/** The tabs with instances in this process, in order of use, and how many there may be. */
export class LiveTabs {
	readonly #tabs = new Map<string, TabState>();
	/** The same by what they count with, in order of use: one caller must not push out all others. */
	readonly #groups = new Map<string, Set<TabState>>();
	#sweptAt = 0;

	get size(): number {
		return this.#tabs.size;
	}

	find(id: string): TabState | undefined {
		return this.#tabs.get(id);
	}

	values(): Iterable<TabState> {
		return this.#tabs.values();
	}

	/** Takes in a tab that is not here yet. */
	add(tab: TabState, group: string, now: number): void {
		tab.usedAt = now;
		this.#tabs.set(tab.id, tab);
		this.#count(tab, group);
	}

	/** Notes that a tab is used. */
	use(tab: TabState, group: string, now: number): void {
		if (now - tab.usedAt > SAME_USE || tab.countedWith !== group) {
			// Moves it to the end: the order is that of use.
			this.#tabs.delete(tab.id);
			this.#tabs.set(tab.id, tab);
			this.#count(tab, group);
		}
		tab.usedAt = now;
	}

	/** Gives up the tabs that were used longest ago. */
	sweep(now: number): void {
		if (now - this.#sweptAt < SWEEP_EVERY && this.#tabs.size < MAX_TABS) return;
		this.#sweptAt = now;
		let excess = this.#tabs.size - MAX_TABS;
		for (const tab of this.#tabs.values()) {
			if (tab.pins > 0) continue;
			if (excess <= 0 && now - tab.usedAt < IDLE) break;
			this.#giveUp(tab);
			excess--;
		}
	}

	/** Gives up all. */
	clear(): void {
		for (const tab of this.#tabs.values()) tab.end();
		this.#tabs.clear();
		this.#groups.clear();
	}

	/**
	 * Moves it to the end of its group, of which the ones that were used longest ago go if there are
	 * too many.
	 */
	#count(tab: TabState, key: string): void {
		this.#uncount(tab);
		tab.countedWith = key;
		const group = this.#groups.get(key) ?? new Set();
		if (group.size === 0) this.#groups.set(key, group);
		group.add(tab);
		let excess = group.size - mostOf(key);
		if (excess <= 0) return; // proven: any-instances
		let left = LOOKED_AT;
		for (const oldest of group) {
			if (excess <= 0 || left-- === 0) return;
			// proven: pinned-instances
			if (oldest.pins > 0 || oldest === tab) {
				group.delete(oldest);
				group.add(oldest);
				continue;
			}
			this.#giveUp(oldest);
			excess--;
		}
	}

	#uncount(tab: TabState): void {
		const { countedWith } = tab;
		if (countedWith === undefined) return;
		const group = this.#groups.get(countedWith);
		group?.delete(tab);
		if (group?.size === 0) this.#groups.delete(countedWith);
	}

	#giveUp(tab: TabState): void {
		tab.end();
		this.#tabs.delete(tab.id);
		this.#uncount(tab);
	}
}

function mostOf(group: string): number {
	if (group === ANONYMOUS) return MAX_ANONYMOUS;
	return group === PROGRAMS ? MAX_PROGRAMS : MAX_OF_SESSION;
}
