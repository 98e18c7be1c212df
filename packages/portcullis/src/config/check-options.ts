import type { ConfigProblem } from "../base/errors.ts";
import { checkPatterns } from "./check-paths.ts";
import { strayKeys } from "./option-places.ts";
import type { OptionRow } from "./option-row.ts";
import { type FilledOptions, type GivenOptions, OPTIONS, type Place } from "./option-table.ts";
import type { GateOptions, PortcullisOptions, RoutePaths } from "./options.ts";

const GROUPS = ["session", "http", "ui", "platform"] as const;

/** Options of one place with their defaults. */
export type Resolved<P extends Place> = GivenOptions[P] & {
	readonly [K in FilledOptions[P] & keyof GivenOptions[P]]-?: NonNullable<GivenOptions[P][K]>;
};

/**
 * Looks at the options of `portcullis` that need nothing else to be judged. Returns every mistake.
 */
export function checkOptions(options: PortcullisOptions): ConfigProblem[] {
	return [
		...strayKeys("portcullis", options), // proven: stray-option
		...checkRows("portcullis", options, options),
		...GROUPS.flatMap((group) => {
			const given = options[group];
			if (given === undefined) return [];
			// proven: stray-in-group
			return [...strayKeys(group, given), ...checkRows(group, given, options)];
		}),
	];
}

/** Looks at the options of `gate`. Returns every mistake. */
export function checkGateOptions(options: GateOptions, routes: RoutePaths): ConfigProblem[] {
	// proven: stray-in-gate
	return [...strayKeys("gate", options), ...checkPatterns(options, routes)];
}

/** The options of a place with their defaults, even if there are mistakes in them. */
export function resolveOptions<P extends Place>(
	place: P,
	given: GivenOptions[P] | undefined,
): Resolved<P> {
	const read = rowsOf(place).map(([name, { fallback }]) => {
		const value: unknown = given?.[name as keyof typeof given];
		return [name, value ?? fallback] as const;
	});
	return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Resolved<P>;
}

function checkRows(place: Place, given: object, all: PortcullisOptions): ConfigProblem[] {
	if (typeof given !== "object" || given === null) return [];
	return rowsOf(place).flatMap(([name, { check }]) => {
		const value: unknown = given[name as keyof typeof given];
		return value === undefined || check === undefined ? [] : check(value, all);
	});
}

function rowsOf(place: Place): [string, OptionRow][] {
	return Object.entries(OPTIONS[place]) as [string, OptionRow][];
}
