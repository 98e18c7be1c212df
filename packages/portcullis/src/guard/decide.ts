import { isPromise } from "../base/maybe-promise.ts";
import { within } from "../base/within.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import { ClaimUnknownError } from "./combine.ts";
import type { Rule } from "./context.ts";
import { StepUpRequiredError } from "./step-up.ts";

/** A check that has not answered by then is a no. Milliseconds. */
export const CHECK_TIMEOUT = 2000;

/** Why a check said no; for the log, never for the person. */
export type DenialReason =
	| "check_denied"
	| "claim_missing"
	| "step_up_required"
	| "check_threw"
	| "check_timed_out"
	| "check_not_boolean";

/** What a guard decides, as data: what follows from it differs by surface. */
export type Decision =
	| { readonly outcome: "granted" }
	| { readonly outcome: "anonymous" }
	| { readonly outcome: "denied"; readonly reason: DenialReason; readonly error?: unknown };

export const GRANTED: Decision = { outcome: "granted" };
const ANONYMOUS: Decision = { outcome: "anonymous" };
const TIMED_OUT: Decision = { outcome: "denied", reason: "check_timed_out" };

/**
 * Decides by one or more rules; all of them must grant. Answers at once where no check is involved.
 *
 * @param context The context for checks, or `undefined` for an anonymous caller: no check runs
 *   then.
 */
export function decide<C>(
	rules: readonly Rule<C>[],
	context: (() => C) | undefined,
): MaybePromise<Decision> {
	let hasChecks = false;
	for (const rule of rules) {
		if (rule === false) continue;
		if (context === undefined) return ANONYMOUS; // proven: anonymous-granted
		if (rule !== true) hasChecks = true;
	}
	return hasChecks && context !== undefined ? runChecks(rules, 0, context()) : GRANTED; // proven: no-checks
}

/** Stays synchronous as long as the checks do: fifty values of a page may each have one. */
function runChecks<C>(rules: readonly Rule<C>[], from: number, context: C): MaybePromise<Decision> {
	for (let i = from; i < rules.length; i++) {
		const rule = rules[i];
		if (typeof rule !== "function") continue;
		const decision = runCheck(rule, context);
		if (isPromise(decision)) {
			// proven: later-async-rules
			return decision.then((decided) =>
				decided.outcome === "granted" ? runChecks(rules, i + 1, context) : decided,
			);
		}
		if (decision.outcome !== "granted") return decision; // proven: first-rule-only
	}
	return GRANTED;
}

function runCheck<C>(check: Exclude<Rule<C>, boolean>, context: C): MaybePromise<Decision> {
	try {
		// The answer is unknown until looked at: a check written in JavaScript can return anything.
		const answer: unknown = check(context);
		return isThenable(answer) ? waitForAnswer(answer) : decisionOf(answer);
	} catch (error) {
		return thrown(error);
	}
}

async function waitForAnswer(answer: PromiseLike<unknown>): Promise<Decision> {
	try {
		return await within(CHECK_TIMEOUT, Promise.resolve(answer).then(decisionOf), TIMED_OUT); // proven: slow-check
	} catch (error) {
		return thrown(error);
	}
}

function thrown(error: unknown): Decision {
	const reason =
		error instanceof ClaimUnknownError
			? "claim_missing"
			: error instanceof StepUpRequiredError
				? "step_up_required"
				: "check_threw";
	return { outcome: "denied", reason, error }; // proven: thrown-check
}

function decisionOf(answer: unknown): Decision {
	if (answer === true) return GRANTED; // proven: truthy-check
	// `undefined` is what `?.` gives where a claim is missing: a plain no, and no mistake.
	const isPlainNo = answer === false || answer === undefined;
	return { outcome: "denied", reason: isPlainNo ? "check_denied" : "check_not_boolean" };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
	return (
		typeof value === "object" &&
		value !== null &&
		typeof (value as { then?: unknown }).then === "function"
	);
}
