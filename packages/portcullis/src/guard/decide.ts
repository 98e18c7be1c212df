import type { MaybePromise } from "../crypto/aead.ts";
import type { Rule } from "./context.ts";

/** A check that has not answered by then is a no. Milliseconds. */
export const CHECK_TIMEOUT = 2000;

/** Why a check said no; for the log, never for the person. */
export type DenialReason = "check_said_no" | "check_threw" | "check_timed_out" | "check_not_boolean";

/** What a guard decides, as data: what follows from it differs by surface. */
export type Decision =
	| { readonly outcome: "granted" }
	| { readonly outcome: "anonymous" }
	| { readonly outcome: "denied"; readonly reason: DenialReason; readonly error?: unknown };

export const GRANTED: Decision = { outcome: "granted" };
const ANONYMOUS: Decision = { outcome: "anonymous" };

/**
 * Decides by one or more rules; all of them must grant. Answers at once where no check is involved.
 *
 * @param context The context for checks, or `undefined` for an anonymous caller: no check runs then.
 */
export function decide<C>(rules: readonly Rule<C>[], context: (() => C) | undefined): MaybePromise<Decision> {
	const checks: Exclude<Rule<C>, boolean>[] = [];
	for (const rule of rules) {
		if (rule === false) continue;
		if (context === undefined) return ANONYMOUS;
		if (rule !== true) checks.push(rule);
	}
	return checks.length === 0 || context === undefined ? GRANTED : runChecks(checks, context());
}

async function runChecks<C>(checks: readonly Exclude<Rule<C>, boolean>[], context: C): Promise<Decision> {
	for (const check of checks) {
		const decision = await runCheck(check, context);
		if (decision.outcome !== "granted") return decision;
	}
	return GRANTED;
}

async function runCheck<C>(check: Exclude<Rule<C>, boolean>, context: C): Promise<Decision> {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const timeout = new Promise<"timed out">((resolve) => {
		timer = setTimeout(resolve, CHECK_TIMEOUT, "timed out");
	});
	try {
		// The answer is unknown until looked at: a check written in JavaScript can return anything.
		const answer: unknown = await Promise.race([check(context), timeout]);
		if (answer === true) return GRANTED;
		if (answer === "timed out") return { outcome: "denied", reason: "check_timed_out" };
		return { outcome: "denied", reason: answer === false ? "check_said_no" : "check_not_boolean" };
	} catch (error) {
		return { outcome: "denied", reason: "check_threw", error };
	} finally {
		clearTimeout(timer);
	}
}
