/**
 * A value, or a promise of it: what need not wait is done at once, without a promise for each step.
 */
export type MaybePromise<T> = T | Promise<T>;

/**
 * True for a promise of any class. Async functions return those of the engine, `Promise` may be
 * another class by then (zone.js and Bluebird put theirs there), and a framework's sandbox has one
 * of its own. To take a promise for the answer would be to let pass what is not decided yet.
 */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
	const { then } = (value ?? NOTHING) as { readonly then?: unknown };
	return typeof then === "function"; // proven: other-promise
}

const NOTHING = {};

/**
 * Goes on with the value: at once if it is there. What `next` throws then is thrown, and not a
 * rejection.
 */
export function chain<T, R>(
	value: MaybePromise<T>,
	next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
	return isPromise(value) ? value.then(next) : next(value);
}
