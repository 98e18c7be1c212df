/**
 * Freezes plain objects and arrays all the way down, so that a change in place shows at once.
 * Dates, maps and instances of classes stay as they are.
 */
export function deepFreeze(value: unknown): void {
	if (
		typeof value !== "object" ||
		value === null ||
		Object.isFrozen(value) ||
		ArrayBuffer.isView(value)
	)
		return;
	const prototype: unknown = Object.getPrototypeOf(value);
	if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return;
	Object.freeze(value);
	for (const inner of Object.values(value)) deepFreeze(inner);
}
