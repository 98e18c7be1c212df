import { copyProblem, otherCopyOf } from "../base/copies.ts";
import type { ConfigProblem } from "../base/errors.ts";
import { type AnyCell, ComputedCell, EventCell } from "./cells.ts";
import { SharedTopic } from "./topic.ts";

const VALUE_OPTIONS = ["auth"];
const COMPUTED_OPTIONS = ["auth", "initial", "on", "interval"];
const EVENT_OPTIONS = ["auth", "input", "throttle", "debounce", "temporal", "background"];

/** What is wrong with the options that all surfaces have. Texts go on after the surface's name. */
export function optionProblems(cell: AnyCell): readonly ConfigProblem[] {
	const { options } = cell;
	if (typeof options !== "object" || options === null)
		return [
			{
				problem: " has options that are not an object",
				remedy: "See the documentation of its kind of surface.",
			},
		];
	const known = knownOptions(cell);
	const problems: ConfigProblem[] = Object.keys(options)
		.filter((option) => !known.includes(option))
		.map((option) => ({
			problem: ` has no option "${option}"`,
			remedy: `Known options: ${known.join(", ")}.`,
		}));
	// An `auth` that is there and undefined is a check that could not be found, not the wish for the
	// default.
	if ("auth" in options && typeof options.auth !== "boolean" && typeof options.auth !== "function")
		problems.push({
			problem: ": auth is neither true, false nor a function",
			remedy: "Pass true, false or a check.",
		});
	return problems;
}

function knownOptions(cell: AnyCell): readonly string[] {
	if (cell instanceof EventCell) return EVENT_OPTIONS;
	return cell instanceof ComputedCell ? COMPUTED_OPTIONS : VALUE_OPTIONS;
}

/** What is wrong with the options of an event. */
export function eventProblems({ options }: EventCell): readonly ConfigProblem[] {
	const { input, throttle, debounce } = options;
	const problems: ConfigProblem[] = [];
	if (input !== undefined && typeof input?.["~standard"]?.validate !== "function")
		problems.push({
			problem: ": input is not a Standard Schema",
			remedy:
				"Pass a schema of zod, valibot, arktype or another library that implements Standard Schema 1.",
		});
	for (const [option, value] of [
		["throttle", throttle],
		["debounce", debounce],
	] as const) {
		if (value !== undefined && !(typeof value === "number" && value > 0 && value <= 3_600_000))
			problems.push({
				problem: `: ${option} is not a number of milliseconds up to an hour`,
				remedy: "Such as 300.",
			});
	}
	return problems;
}

/** What is wrong with the options of a computed value: at most one mistake is named. */
export function computedProblem({ options }: ComputedCell): readonly ConfigProblem[] {
	if (!("initial" in options))
		return [
			{
				problem: " has no initial",
				remedy: "Say what stands there for those who may not see it: { initial: ... }.",
			},
		];
	const { on, interval } = options;
	const foreign = Array.isArray(on)
		? on.map(otherCopyOf).find((copy) => copy !== undefined)
		: undefined;
	if (foreign) return [copyProblem(" has a topic in `on` that", foreign)];
	if (on !== undefined && !(Array.isArray(on) && on.every((topic) => topic instanceof SharedTopic)))
		return [
			{
				problem: " has something in `on` that is no topic",
				remedy: 'Pass topics: { on: [topic("notes")] }.',
			},
		];
	if (
		interval !== undefined &&
		!(typeof interval === "number" && interval >= 1 && interval <= 86_400)
	)
		return [
			{
				problem: " has an interval that is not from 1 to 86400 seconds",
				remedy: "Give seconds.",
			},
		];
	return [];
}
