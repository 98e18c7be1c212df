/**
 * Structural sharing: gives back as much of the former value as is equal, so that what did not
 * change keeps its identity. Works on plain arrays and objects, and changes `next` in place; cycles
 * are left as they are.
 */
export function share<T>(former: unknown, next: T): T {
	return shareParts(former, next, new Map()) as T;
}

function shareParts(former: unknown, next: unknown, done: Map<unknown, unknown>): unknown {
	if (Object.is(former, next)) return former;
	if (!isPlain(former) || !isPlain(next) || Array.isArray(former) !== Array.isArray(next))
		return next;
	if (done.has(next)) return done.get(next);
	done.set(next, next);
	const keys = Object.keys(next);
	let isEqual =
		keys.length === Object.keys(former).length &&
		(former as { length?: number }).length === (next as { length?: number }).length;
	for (const key of keys) {
		next[key] = shareParts(former[key], next[key], done);
		isEqual &&= Object.hasOwn(former, key) && Object.is(next[key], former[key]);
	}
	const result = isEqual ? former : next;
	done.set(next, result);
	return result;
}

function isPlain(value: unknown): value is Record<string, unknown> {
	if (typeof value !== "object" || value === null) return false;
	return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
