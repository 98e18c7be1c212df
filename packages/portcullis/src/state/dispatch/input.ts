import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import { isNestedDeeper, MAX_NESTING } from "../../base/nesting.ts";
import type { StandardIssue, StandardResult } from "../../base/standard-schema.ts";
import type { InputIssue } from "../../wire/state.ts";
import type { EventType } from "../state-types.ts";
import { invalidInput, type Refused, schemaFailed } from "./refusals.ts";

const MAX_ISSUES = 50;

export type Input = { readonly kind: "input"; readonly value: unknown } | Refused;

/** What the event's schema makes of the payload. Stays synchronous if the schema does. */
export function readInput(event: EventType, payload: unknown): MaybePromise<Input> {
	if (!event.input) return NO_INPUT; // proven: raw-input
	// Before the schema, which may call itself for each level.
	if (isNestedDeeper(payload, MAX_NESTING)) return TOO_DEEP; // proven: deep-input
	try {
		const validated = event.input["~standard"].validate(payload);
		return isPromise(validated)
			? validated.then(
					(result) => inputOf(event, result),
					(cause: unknown) => schemaFailed(event.id, cause),
				)
			: inputOf(event, validated);
	} catch (cause) {
		return schemaFailed(event.id, cause);
	}
}

const NO_INPUT: Input = { kind: "input", value: undefined };

const TOO_DEEP: Refused = invalidInput(
	`The input of an event is nested more than ${MAX_NESTING} levels deep`,
	[{ message: `Nested more than ${MAX_NESTING} levels deep`, path: [] }],
);

function inputOf(event: EventType, result: StandardResult<unknown>): Input {
	if (!result.issues) return { kind: "input", value: result.value }; // proven: no-input
	const issues = result.issues.slice(0, MAX_ISSUES).map(inputIssue);
	return invalidInput(`The input of ${event.id} does not fit its schema`, issues);
}

function inputIssue({ message, path }: StandardIssue): InputIssue {
	const keys = (path ?? []).map((part) =>
		typeof part === "object" && part !== null ? part.key : part,
	);
	return { message, path: keys.map((key) => (typeof key === "number" ? key : String(key))) };
}
