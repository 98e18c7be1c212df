import { copyProblem, otherCopyOf } from "../base/copies.ts";
import { recordSites } from "../base/definition-site.ts";
import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import type { StandardSchemaV1 } from "../base/standard-schema.ts";
import type { EventAuthContext, Rule, ValueAuthContext } from "../guard/context.ts";
import type { EventInfo } from "../wire/state.ts";
import { ComputedCell, EventCell, isCell, StoredCell } from "./cells.ts";
import { encode } from "./codec.ts";
import { State, type StateClass } from "./state.ts";
import { SharedTopic } from "./topic.ts";

/** A field or computed value of a State class. */
export interface ValueType {
	/** `notes.draft` */
	readonly id: string;
	/** `draft` */
	readonly name: string;
	readonly kind: "field" | "computed";
	readonly rule: Rule<ValueAuthContext>;
	/** True if the rule is the surface's own, false if it is the kit's default. */
	readonly isTagged: boolean;
	readonly site: string | undefined;
	/** Encoded: what those get who may not see it. */
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
	 * `notes.draft` by `draft`, of every surface and `serverOnly` value: one text for all clients.
	 */
	readonly ids: ReadonlyMap<string, string>;
	/** Names of fields and `serverOnly` values: those that are kept. */
	readonly stored: readonly string[];
	/**
	 * Of the stored ones, those that everyone sees: they stay when the client becomes somebody
	 * else's.
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

const NAME = /^[A-Za-z_][\w$]*$/;
/** Names that mean something to JavaScript or to the client. */
const RESERVED = new Set([
	"constructor",
	"prototype",
	"__proto__",
	"then",
	"toJSON",
	"valueOf",
	"toString",
	"hasOwnProperty",
]);
const VALUE_OPTIONS = ["auth"];
const COMPUTED_OPTIONS = ["auth", "initial", "on", "interval"];
const EVENT_OPTIONS = ["auth", "input", "throttle", "debounce", "temporal", "background"];

/**
 * Makes each class once, to learn what surfaces it has.
 *
 * @param defaultRule Of surfaces without `auth`.
 * @returns the registry, or every mistake.
 */
export function createStateRegistry(
	states: Readonly<Record<string, StateClass>>,
	defaultRule: Rule<never>,
): { registry: StateRegistry; problems: readonly ConfigProblem[] } {
	const problems: ConfigProblem[] = [];
	const byName = new Map<string, StateType>();
	const byClass = new Map<StateClass, StateType>();
	for (const [name, stateClass] of Object.entries(states)) {
		if (!NAME.test(name) || RESERVED.has(name)) {
			problems.push({
				problem: `states has "${name}", which is no name for a state`,
				remedy: "Use letters, digits and underscores.",
			});
			continue;
		}
		if (!extendsState(stateClass)) {
			problems.push({
				problem: `states.${name} is not a class that extends State`,
				remedy: "Pass the class itself: states: { notes: NotesState }.",
			});
			continue;
		}
		if (byClass.has(stateClass)) {
			problems.push({
				problem: `states.${name} is the class that is there as "${byClass.get(stateClass)?.name}" already`,
				remedy: "Give each name a class of its own; extend the class for a second one.",
			});
			continue;
		}
		const type = describe(name, stateClass, defaultRule, problems);
		if (!type) continue;
		byName.set(name, type);
		byClass.set(stateClass, type);
	}
	return { registry: { byName, byClass, all: [...byName.values()] }, problems };
}

/** The registry, or a ConfigError with all mistakes. */
export function requireStateRegistry(
	states: Readonly<Record<string, StateClass>>,
	defaultRule: Rule<never>,
): StateRegistry {
	const { registry, problems } = createStateRegistry(states, defaultRule);
	if (problems.length > 0) throw new ConfigError(problems);
	return registry;
}

function describe(
	name: string,
	stateClass: StateClass,
	defaultRule: Rule<never>,
	problems: ConfigProblem[],
): StateType | undefined {
	let probe: object;
	try {
		probe = recordSites(() => new stateClass());
	} catch (error) {
		const said = error instanceof Error ? error.message : String(error);
		problems.push({
			problem: `states.${name} cannot be made: ${said}`,
			remedy:
				"A State is made without arguments, once at start and once for each client; its initialisers must not throw.",
		});
		return undefined;
	}
	const values: ValueType[] = [];
	const stored: string[] = [];
	const publicFields = new Set<string>();
	const computed: string[] = [];
	const events = new Map<string, EventType>();
	const topics = new Set<SharedTopic>();
	const ids = new Map<string, string>();
	let interval: number | undefined;

	for (const key of Reflect.ownKeys(probe)) {
		const where = `states.${name} (${stateClass.name}.${String(key)})`;
		const cell: unknown = (probe as Record<PropertyKey, unknown>)[key];
		if (!isCell(cell)) {
			// A helper that is written as an arrow function keeps nothing.
			if (typeof cell === "function") continue;
			const other = otherCopyOf(cell);
			if (other) {
				problems.push(copyProblem(where, other));
				continue;
			}
			problems.push({
				problem: `${where} is a property that is neither a field, computed, event nor serverOnly`,
				remedy:
					"Declare it: field() if browsers may see it, serverOnly() if they never may; or make it a #private member or a constant outside of the class.",
			});
			continue;
		}
		if (typeof key !== "string" || !NAME.test(key) || RESERVED.has(key)) {
			problems.push({
				problem: `${where} has a name that a surface cannot have`,
				remedy: "Use letters, digits and underscores.",
			});
			continue;
		}
		const id = `${name}.${key}`;
		ids.set(key, id);
		const { options } = cell;
		if (typeof options !== "object" || options === null) {
			problems.push({
				problem: `${where} has options that are not an object`,
				remedy: "See the documentation of its kind of surface.",
			});
			continue;
		}
		const known =
			cell instanceof EventCell
				? EVENT_OPTIONS
				: cell instanceof ComputedCell
					? COMPUTED_OPTIONS
					: VALUE_OPTIONS;
		for (const option of Object.keys(options)) {
			if (!known.includes(option))
				problems.push({
					problem: `${where} has no option "${option}"`,
					remedy: `Known options: ${known.join(", ")}.`,
				});
		}
		const { auth } = options;
		// An `auth` that is there and undefined is a check that could not be found, not the wish for
		// the default.
		const isTagged = "auth" in options;
		if (isTagged && typeof auth !== "boolean" && typeof auth !== "function")
			problems.push({
				problem: `${where}: auth is neither true, false nor a function`,
				remedy: "Pass true, false or a check.",
			});
		const rule = (auth ?? defaultRule) as Rule<never>;
		const surface = { id, name: key, isTagged, site: cell.site };

		if (cell instanceof EventCell) {
			if (typeof cell.handler !== "function") {
				problems.push({
					problem: `${where} has no handler`,
					remedy: "event(handler) or event(options, handler).",
				});
				continue;
			}
			events.set(
				key,
				describeEvent(cell, { ...surface, rule: rule as Rule<EventAuthContext> }, where, problems),
			);
		} else if (cell instanceof StoredCell) {
			stored.push(key);
			const placeholder = encodeOr(cell.initial, id, where, problems);
			if (cell.kind === "serverOnly") continue;
			if (rule === false) publicFields.add(key);
			values.push({ ...surface, kind: "field", rule: rule as Rule<ValueAuthContext>, placeholder });
		} else {
			const problem = computedProblem(cell);
			if (problem)
				problems.push({ problem: `${where} ${problem.problem}`, remedy: problem.remedy });
			const { on } = cell.options;
			for (const topic of Array.isArray(on) ? on : [])
				if (topic instanceof SharedTopic) topics.add(topic);
			if (cell.options.interval !== undefined)
				interval = Math.min(interval ?? cell.options.interval, cell.options.interval);
			computed.push(key);
			const placeholder = encodeOr(cell.options.initial, id, where, problems);
			values.push({
				...surface,
				kind: "computed",
				rule: rule as Rule<ValueAuthContext>,
				placeholder,
			});
		}
	}
	const eventInfo = Object.fromEntries([...events].map(([event, { info }]) => [event, info]));
	return {
		name,
		stateClass,
		values,
		ids,
		stored,
		publicFields,
		computed,
		events,
		eventInfo,
		topics,
		interval,
	};
}

function describeEvent(
	cell: EventCell,
	surface: Pick<EventType, "id" | "name" | "isTagged" | "site" | "rule">,
	where: string,
	problems: ConfigProblem[],
): EventType {
	const { input, throttle, debounce, temporal, background } = cell.options;
	if (input !== undefined && typeof input?.["~standard"]?.validate !== "function")
		problems.push({
			problem: `${where}: input is not a Standard Schema`,
			remedy:
				"Pass a schema of zod, valibot, arktype or another library that implements Standard Schema 1.",
		});
	for (const [option, value] of [
		["throttle", throttle],
		["debounce", debounce],
	] as const) {
		if (value !== undefined && !(typeof value === "number" && value > 0 && value <= 3_600_000))
			problems.push({
				problem: `${where}: ${option} is not a number of milliseconds up to an hour`,
				remedy: "Such as 300.",
			});
	}
	const info: EventInfo = {
		...(throttle === undefined ? {} : { throttle }),
		...(debounce === undefined ? {} : { debounce }),
		...(temporal ? { temporal: true } : {}),
		...(background ? { background: true } : {}),
	};
	return { ...surface, input, isBackground: background === true, info };
}

function computedProblem({ options }: ComputedCell): ConfigProblem | undefined {
	if (!("initial" in options))
		return {
			problem: "has no initial",
			remedy: "Say what stands there for those who may not see it: { initial: ... }.",
		};
	const { on, interval } = options;
	const foreign = Array.isArray(on)
		? on.map(otherCopyOf).find((copy) => copy !== undefined)
		: undefined;
	if (foreign) return copyProblem("has a topic in `on` that", foreign);
	if (on !== undefined && !(Array.isArray(on) && on.every((topic) => topic instanceof SharedTopic)))
		return {
			problem: "has something in `on` that is no topic",
			remedy: 'Pass topics: { on: [topic("notes")] }.',
		};
	if (
		interval !== undefined &&
		!(typeof interval === "number" && interval >= 1 && interval <= 86_400)
	)
		return {
			problem: "has an interval that is not from 1 to 86400 seconds",
			remedy: "Give seconds.",
		};
	return undefined;
}

function encodeOr(value: unknown, id: string, where: string, problems: ConfigProblem[]): string {
	try {
		return encode(value, id);
	} catch {
		problems.push({
			problem: `${where} begins with a value that cannot be sent or kept`,
			remedy: "Use plain data, dates, maps and sets.",
		});
		return encode(null, id);
	}
}

/** True for a class below State, of any copy of the package; State itself is none. */
function extendsState(stateClass: unknown): boolean {
	const prototype: unknown = typeof stateClass === "function" ? stateClass.prototype : undefined;
	return (
		typeof prototype === "object" &&
		prototype !== null &&
		Object.getPrototypeOf(prototype) instanceof State
	);
}
