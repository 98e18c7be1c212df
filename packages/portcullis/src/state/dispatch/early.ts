import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";

/** Gives an answer before the work for it has ended. */
export type Early<T> = (answer: T) => void;

/**
 * The answer of `work`, or the one that it gives early: a generator's begins while it still has the
 * tab's lease.
 */
export function withEarly<T>(work: (early: Early<T>) => MaybePromise<T>): MaybePromise<T> {
	let begun: { readonly answer: T } | undefined;
	let resolveEarly: Early<T> | undefined;
	const result = work((answer) => {
		begun = { answer };
		resolveEarly?.(answer);
	});
	if (!isPromise(result)) return result;
	return new Promise((resolve, reject) => {
		resolveEarly = resolve;
		if (begun) resolve(begun.answer);
		result.then(resolve, reject);
	});
}
