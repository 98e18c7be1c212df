/** A value, or a promise of it: what need not wait is done at once, without a promise for each step. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with the value: at once if it is there. What `next` throws then is thrown, and not a rejection. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
	return value instanceof Promise ? value.then(next) : next(value);
}
