import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import type { Rule } from "../guard/context.ts";
import { describeState } from "./describe-state.ts";
import { isPlainName } from "./plain-name.ts";
import { State, type StateClass } from "./state.ts";
import type { StateRegistry, StateType } from "./state-types.ts";

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
		const problem = problemOf(name, stateClass, byClass);
		if (problem) {
			problems.push(problem);
			continue;
		}
		const type = describeState(name, stateClass, defaultRule, problems);
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

function problemOf(
	name: string,
	stateClass: StateClass,
	known: ReadonlyMap<StateClass, StateType>,
): ConfigProblem | undefined {
	if (!isPlainName(name))
		return {
			problem: `states has "${name}", which is no name for a state`,
			remedy: "Use letters, digits and underscores.",
		};
	if (!extendsState(stateClass))
		return {
			problem: `states.${name} is not a class that extends State`,
			remedy: "Pass the class itself: states: { notes: NotesState }.",
		};
	const same = known.get(stateClass);
	if (same)
		return {
			problem: `states.${name} is the class that is there as "${same.name}" already`,
			remedy: "Give each name a class of its own; extend the class for a second one.",
		};
	return undefined;
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
