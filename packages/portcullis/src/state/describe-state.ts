import { copyProblem, otherCopyOf } from "../base/copies.ts";
import { recordSites } from "../base/definition-site.ts";
import type { ConfigProblem } from "../base/errors.ts";
import type { EventAuthContext, Rule, ValueAuthContext } from "../guard/context.ts";
import type { EventInfo } from "../wire/state.ts";
import { type AnyCell, type ComputedCell, EventCell, isCell, StoredCell } from "./cells.ts";
import { encode } from "./codec.ts";
import { isPlainName } from "./plain-name.ts";
import type { StateClass } from "./state.ts";
import type { EventType, StateType, ValueType } from "./state-types.ts";
import { computedProblem, eventProblems, optionProblems } from "./surface-problems.ts";
import { SharedTopic } from "./topic.ts";

/** A state as far as its properties have been looked at. */
class StateDraft {
	readonly values: ValueType[] = [];
	readonly stored: string[] = [];
	readonly publicFields = new Set<string>();
	readonly computed: string[] = [];
	readonly events = new Map<string, EventType>();
	readonly topics = new Set<SharedTopic>();
	readonly ids = new Map<string, string>();
	interval: number | undefined;
}

/** What all kinds of surfaces have. */
interface SurfaceType {
	readonly id: string;
	readonly name: string;
	readonly isTagged: boolean;
	readonly site: string | undefined;
	readonly rule: Rule<never>;
}

/** Complains about the surface that is being looked at. */
type Complain = (...problems: readonly ConfigProblem[]) => void;

/**
 * Makes the class once and describes what it has.
 *
 * @param problems Every mistake is added.
 */
export function describeState(
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
	const draft = new StateDraft();
	for (const key of Reflect.ownKeys(probe)) {
		const where = `states.${name} (${stateClass.name}.${String(key)})`;
		const complain: Complain = (...found) => {
			for (const { problem, remedy } of found)
				problems.push({ problem: `${where}${problem}`, remedy });
		};
		const cell: unknown = (probe as Record<PropertyKey, unknown>)[key];
		if (!isCell(cell)) {
			// A helper that is written as an arrow function keeps nothing.
			if (typeof cell === "function") continue;
			const other = otherCopyOf(cell);
			if (other) problems.push(copyProblem(where, other));
			else complain(NO_SURFACE);
			continue;
		}
		if (!isPlainName(key)) {
			complain(NO_NAME);
			continue;
		}
		draft.ids.set(key, `${name}.${key}`);
		describeSurface(draft, cell, { id: `${name}.${key}`, name: key, defaultRule }, complain);
	}
	const { events } = draft;
	const eventInfo = Object.fromEntries([...events].map(([event, { info }]) => [event, info]));
	return { name, stateClass, ...draft, eventInfo };
}

const NO_SURFACE: ConfigProblem = {
	problem: " is a property that is neither a field, computed, event nor serverOnly",
	remedy:
		"Declare it: field() if browsers may see it, serverOnly() if they never may; or make it a #private member or a constant outside of the class.",
};

const NO_NAME: ConfigProblem = {
	problem: " has a name that a surface cannot have",
	remedy: "Use letters, digits and underscores.",
};

function describeSurface(
	draft: StateDraft,
	cell: AnyCell,
	{ id, name, defaultRule }: { id: string; name: string; defaultRule: Rule<never> },
	complain: Complain,
): void {
	const { options } = cell;
	complain(...optionProblems(cell));
	if (typeof options !== "object" || options === null) return;
	const rule = (options.auth ?? defaultRule) as Rule<never>;
	const surface = { id, name, isTagged: "auth" in options, site: cell.site, rule };
	if (cell instanceof EventCell) {
		const event = describeEvent(cell, surface, complain);
		if (event) draft.events.set(name, event);
	} else if (cell instanceof StoredCell) describeStored(draft, cell, surface, complain);
	else describeComputed(draft, cell, surface, complain);
}

function describeEvent(
	cell: EventCell,
	surface: SurfaceType,
	complain: Complain,
): EventType | undefined {
	if (typeof cell.handler !== "function") {
		complain({ problem: " has no handler", remedy: "event(handler) or event(options, handler)." });
		return undefined;
	}
	complain(...eventProblems(cell));
	const { input, throttle, debounce, temporal, background } = cell.options;
	const info: EventInfo = {
		...(throttle === undefined ? {} : { throttle }),
		...(debounce === undefined ? {} : { debounce }),
		...(temporal ? { temporal: true } : {}),
		...(background ? { background: true } : {}),
	};
	const rule = surface.rule as Rule<EventAuthContext>;
	return { ...surface, rule, input, isBackground: background === true, info };
}

function describeStored(
	draft: StateDraft,
	cell: StoredCell,
	surface: SurfaceType,
	complain: Complain,
): void {
	draft.stored.push(surface.name);
	const placeholder = encodeOr(cell.initial, surface.id, complain);
	if (cell.kind === "serverOnly") return;
	if (surface.rule === false) draft.publicFields.add(surface.name);
	const rule = surface.rule as Rule<ValueAuthContext>;
	draft.values.push({ ...surface, kind: "field", rule, placeholder });
}

function describeComputed(
	draft: StateDraft,
	cell: ComputedCell,
	surface: SurfaceType,
	complain: Complain,
): void {
	complain(...computedProblem(cell));
	const { on, interval, initial } = cell.options;
	for (const topic of Array.isArray(on) ? on : [])
		if (topic instanceof SharedTopic) draft.topics.add(topic);
	if (interval !== undefined) draft.interval = Math.min(draft.interval ?? interval, interval);
	draft.computed.push(surface.name);
	const placeholder = encodeOr(initial, surface.id, complain);
	const rule = surface.rule as Rule<ValueAuthContext>;
	draft.values.push({ ...surface, kind: "computed", rule, placeholder });
}

function encodeOr(value: unknown, id: string, complain: Complain): string {
	try {
		return encode(value, id);
	} catch {
		complain({
			problem: " begins with a value that cannot be sent or kept",
			remedy: "Use plain data, dates, maps and sets.",
		});
		return encode(null, id);
	}
}
