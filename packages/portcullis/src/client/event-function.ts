import type { EventInfo } from "../wire/state.ts";
import { type AnyResult, DROPPED } from "./events.ts";

/** An event as the app calls it, without its types. */
export interface AnyEventFunction {
	(input?: unknown): Promise<AnyResult>;
	readonly pending: boolean;
}

/**
 * Makes the function for an event: drops what is too often, waits for quiet, counts what is
 * pending.
 *
 * @param info The newest that is known of the event.
 * @param send Gets the payload as JSON.
 * @param onPending Called when `pending` has changed.
 */
export function createEventFunction(
	info: () => EventInfo,
	send: (payload: string | undefined) => Promise<AnyResult>,
	onPending: () => void,
): AnyEventFunction {
	let pending = 0;
	let sentAt = Number.NEGATIVE_INFINITY;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let replace = (_isLast: boolean) => {};

	const isLastAfter = (milliseconds: number) => {
		clearTimeout(timer);
		replace(false);
		return new Promise<boolean>((resolve) => {
			replace = resolve;
			timer = setTimeout(resolve, milliseconds, true);
		});
	};
	const run = async (input: unknown): Promise<AnyResult> => {
		let payload: string | undefined;
		try {
			// A handler that is an event itself (`onClick={notes.clear}`) is called with the browser's
			// event, which is no input.
			payload = isDomEvent(input) ? undefined : JSON.stringify(input);
		} catch (error) {
			return { ok: false, status: "invalid", issues: [{ message: String(error), path: [] }] };
		}
		const { debounce, throttle } = info();
		if (debounce && !(await isLastAfter(debounce))) return DROPPED;
		const now = Date.now();
		if (throttle && now - sentAt < throttle) return DROPPED;
		sentAt = now;
		return send(payload);
	};
	const call = async (input?: unknown): Promise<AnyResult> => {
		if (++pending === 1) onPending();
		try {
			return await run(input);
		} finally {
			if (--pending === 0) onPending();
		}
	};
	return Object.defineProperty(call, "pending", { get: () => pending > 0 }) as AnyEventFunction;
}

function isDomEvent(input: unknown): boolean {
	return (
		typeof (input as { preventDefault?: unknown } | null | undefined)?.preventDefault === "function"
	);
}
