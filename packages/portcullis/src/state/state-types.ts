import type { StandardSchemaV1 } from "../base/standard-schema.ts";
import type { EventAuthContext, Rule, ValueAuthContext } from "../guard/context.ts";
import type { EventInfo } from "../wire/state.ts";
import type { StateClass } from "./state.ts";
import type { SharedTopic } from "./topic.ts";

/** A field or computed value of a State class. */
export interface ValueType {
	/** `notes.draft` */
	readonly id: string;
	/** `draft` */
	readonly name: string;
	readonly kind: "field" | "computed";
	readonly rule: Rule<ValueAuthContext>;
	/** True if the rule is the surface's own, false if it is the default. */
	readonly isTagged: boolean;
	readonly site: string | undefined;
	/** Encoded: what a caller gets who may not see it. */
	readonly placeholder: string;
}

/** An event of a State class. */
export interface EventType {
	readonly id: string;
	readonly name: string;
	readonly rule: Rule<EventAuthContext>;
	readonly isTagged: boolean;
	readonly site: string | undefined;
	readonly input: StandardSchemaV1 | undefined;
	readonly isBackground: boolean;
	readonly info: EventInfo;
}

/** A State class under its name in `gate({ states })`. */
export interface StateType {
	readonly name: string;
	readonly stateClass: StateClass;
	readonly values: readonly ValueType[];
	/**
	 * `notes.draft` by `draft`, of every surface and `serverOnly` value: one text for all tabs.
	 */
	readonly ids: ReadonlyMap<string, string>;
	/** Names of fields and `serverOnly` values: those that are kept. */
	readonly stored: readonly string[];
	/**
	 * Of the stored ones, those that everyone sees: they stay when the tab gets another
	 * owner.
	 */
	readonly publicFields: ReadonlySet<string>;
	readonly computed: readonly string[];
	readonly events: ReadonlyMap<string, EventType>;
	/** What the browser is told of the events. */
	readonly eventInfo: Readonly<Record<string, EventInfo>>;
	readonly topics: ReadonlySet<SharedTopic>;
	/** The shortest `interval` of its values, in seconds. */
	readonly interval: number | undefined;
}

/** All states of a gate. */
export interface StateRegistry {
	readonly byName: ReadonlyMap<string, StateType>;
	readonly byClass: ReadonlyMap<StateClass, StateType>;
	readonly all: readonly StateType[];
}

/** Finds the states and events that requests name. */
export class StateTypes {
	readonly #registry: StateRegistry;
	readonly #singles = new Map<string, readonly StateType[]>();

	constructor(registry: StateRegistry) {
		this.#registry = registry;
	}

	/** The states with these names; unknown ones are left out. All of them without names. */
	of(names: readonly string[] | undefined): readonly StateType[] {
		if (names === undefined) return this.#registry.all;
		const [only] = names;
		if (names.length === 1 && only !== undefined) return this.#single(only);
		return [...new Set(names)].flatMap((name) => this.#registry.byName.get(name) ?? []);
	}

	findEvent(
		state: string,
		event: string,
	): { type: StateType; event: EventType } | "no state" | "no event" {
		const type = this.#registry.byName.get(state);
		if (!type) return "no state";
		const found = type.events.get(event);
		return found ? { type, event: found } : "no event";
	}

	/** One list for each state: most tabs use one, and name it with each event. */
	#single(name: string): readonly StateType[] {
		const known = this.#singles.get(name);
		if (known) return known;
		const type = this.#registry.byName.get(name);
		if (!type) return [];
		const single = [type];
		this.#singles.set(name, single);
		return single;
	}
}
