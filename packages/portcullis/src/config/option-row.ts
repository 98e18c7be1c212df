import type { ConfigProblem } from "../base/errors.ts";

/** One option: what it has to be, what counts where it is left out, and what it does. */
export interface OptionRow<T = unknown> {
	/** For the reference: what may be given. Left out where `range` says it. */
	readonly type?: string;
	readonly range?: Range;
	/** What counts where nothing is given, if that is one value. */
	readonly fallback?: T;
	/** For the reference: what counts where nothing is given, if that is no plain value. */
	readonly otherwise?: string;
	/** For the reference, in Markdown: what it does. */
	readonly means: string;
	/** The mistakes in a value that is there. */
	readonly check?: (value: unknown, top: { readonly store?: unknown }) => readonly ConfigProblem[];
}

/** An option that has a value of its own where nothing is given. */
export interface FilledRow<T> extends OptionRow<T> {
	readonly fallback: T;
}

/** Which numbers an option takes. */
export interface Range {
	readonly min: number;
	readonly max: number;
	/** Left out for a plain number. */
	readonly unit?: "seconds";
	readonly isWhole?: boolean;
	/** True if 0 is fine besides what lies between. */
	readonly orZero?: boolean;
}

/** An option that is a number. @param name with its group, for messages. */
export function number(
	name: string,
	range: Range,
	{ remedy, ...row }: { fallback: number; remedy: string; means: string },
): FilledRow<number> {
	const { min, max, unit, isWhole = false, orZero = false } = range;
	const of = unit === undefined ? "" : ` of ${unit}`;
	const kind = `${isWhole ? "whole " : ""}number${of} from ${min} to ${max}`;
	const problem = `${name} is ${orZero ? "neither 0 nor" : "not"} a ${kind}`;
	return {
		...row,
		range,
		check: (value) => {
			const isIn = typeof value === "number" && value >= min && value <= max;
			const isFine = (orZero && value === 0) || (isIn && (!isWhole || Number.isInteger(value)));
			return isFine ? [] : [{ problem, remedy }];
		},
	};
}

/** Refuses what is neither true nor false. @param name with its group, for messages. */
export function mustBeFlag(name: string): (value: unknown) => ConfigProblem[] {
	const problem = `${name} is neither true nor false`;
	return (value) =>
		typeof value === "boolean" ? [] : [{ problem, remedy: "Pass true or false." }];
}

/** Refuses what is no function. @param name with its group, for messages. */
export function mustBeFunction(name: string, remedy: string): (value: unknown) => ConfigProblem[] {
	const problem = `${name} is not a function`;
	return (value) => (typeof value === "function" ? [] : [{ problem, remedy }]);
}

/** Refuses what is no rule: true, false or a check. */
export function checkRule(name: string, value: unknown): ConfigProblem[] {
	if (typeof value === "boolean" || typeof value === "function") return [];
	const problem = `${name} is neither true, false nor a function`;
	return [{ problem, remedy: "Pass true, false or a check." }];
}

/** A mistake for each key that is not known: a typo must never switch a protection off. */
export function unknownKeys(
	where: string,
	options: unknown,
	known: readonly string[],
): ConfigProblem[] {
	if (typeof options !== "object" || options === null)
		return [
			{ problem: `${where} is not an object`, remedy: `Pass an object with ${known.join(", ")}.` },
		];
	return Object.keys(options)
		.filter((key) => !known.includes(key))
		.map((key) => ({
			problem: `${where} has no option "${key}"`,
			remedy: `Known options: ${known.join(", ")}.`,
		}));
}
