import { isPromise } from "../base/maybe-promise.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import type { ValueAuthContext } from "../guard/context.ts";
import { type Decision, decide } from "../guard/decide.ts";
import type { User } from "../session/user.ts";
import type { Caller } from "./caller.ts";
import { encode } from "./codec.ts";
import type { StateType, ValueType } from "./state-types.ts";
import type { TabState } from "./tabs/tab-state.ts";

/** What goes wrong while values are looked at; none of it reaches the browser. */
export interface ViewLog {
	/** A check gave no usable answer, which is a no. */
	checkFailed(surface: string, decision: Decision & { outcome: "denied" }): void;
	/** A value could not be worked out or encoded; its placeholder is sent. */
	valueFailed(surface: string, error: unknown): void;
}

/**
 * Encoded values that the browser is to get, as parts of a JSON text: they were encoded once and
 * are not parsed here again.
 */
export interface ViewDelta {
	/** `"notes.draft":[...]`, joined by commas. */
	readonly values: string;
	readonly withheld: readonly string[];
	readonly isEmpty: boolean;
}

/**
 * Looks at the values of some states as the caller may see them. This is where withholding happens:
 * a value whose rule does not let the caller in is not even worked out.
 *
 * @param isFull All values, not only those that differ from what the browser has.
 */
export function viewStates(
	tab: TabState,
	types: readonly StateType[],
	caller: Caller,
	isFull: boolean,
	log: ViewLog,
): MaybePromise<ViewDelta> {
	const user = tab.scope.setUser(caller);
	if (isFull) tab.forgetSentExcept(types);
	const decisions: MaybePromise<Decision>[] = [];
	let isAsync = false;
	for (const type of types) {
		for (const value of type.values) {
			const decision = decideValue(tab, value, user, caller);
			if (isPromise(decision)) isAsync = true;
			decisions.push(decision);
		}
	}
	// All checks first, then all values at one moment: what is delivered together belongs together.
	return isAsync
		? Promise.all(decisions).then((decided) => readValues(tab, types, decided, isFull, log))
		: readValues(tab, types, decisions as Decision[], isFull, log);
}

function decideValue(
	tab: TabState,
	{ id, rule }: ValueType,
	user: User | undefined,
	{ request, now }: Caller,
): MaybePromise<Decision> {
	if (rule === false) return GRANTED; // proven: all-values-open
	if (!user) return ANONYMOUS; // proven: value-for-anonymous
	if (rule === true) return GRANTED; // proven: no-value-check
	return decide<ValueAuthContext>([rule], () => ({
		kind: "value",
		name: id,
		user,
		request,
		getState: (state) => tab.getState(state),
		now,
	}));
}

const GRANTED: Decision = { outcome: "granted" };
const ANONYMOUS: Decision = { outcome: "anonymous" };

function readValues(
	tab: TabState,
	types: readonly StateType[],
	decisions: readonly Decision[],
	isFull: boolean,
	log: ViewLog,
): ViewDelta {
	let values = "";
	const withheld: string[] = [];
	let i = 0;
	for (const type of types) {
		tab.scope.expireIntervals(type);
		for (const value of type.values) {
			const decision = decisions[i++] as Decision;
			if (decision.outcome === "denied" && decision.reason !== "check_denied")
				log.checkFailed(value.id, decision);
			const isGranted = decision.outcome === "granted";
			const text = isGranted ? readValue(tab, type, value, log) : withholdValue(tab, value); // proven: no-withholding
			if (text === undefined && !isFull) continue;
			values += `${values === "" ? "" : ","}"${value.id}":${text ?? tab.sent.get(value.id)?.text}`;
			if (!isGranted) withheld.push(value.id);
		}
	}
	return { values, withheld, isEmpty: values === "" };
}

/** The text of a value if it is not what the browser has already. */
function readValue(
	tab: TabState,
	type: StateType,
	{ id, name, placeholder }: ValueType,
	log: ViewLog,
): string | undefined {
	const before = tab.sent.get(id);
	let value: unknown;
	let text: string;
	try {
		value = tab.cell(type, name).value;
		if (before && !before.isWithheld && Object.is(before.value, value)) return undefined;
		text = encode(value, id);
	} catch (error) {
		log.valueFailed(id, error);
		value = FAILED;
		text = placeholder; // proven: failed-value
	}
	tab.sent.set(id, { value, text, isWithheld: false });
	return before && !before.isWithheld && before.text === text ? undefined : text;
}

/** Never equal to a value: the next look tries again. */
const FAILED = Symbol("failed");

function withholdValue(tab: TabState, { id, placeholder }: ValueType): string | undefined {
	if (tab.sent.get(id)?.isWithheld) return undefined; // proven: kept-after-denial
	tab.sent.set(id, { value: undefined, text: placeholder, isWithheld: true });
	return placeholder;
}
