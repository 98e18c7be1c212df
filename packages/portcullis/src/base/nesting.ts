/**
 * How deep what a caller sends may be nested, in levels of arrays and objects. `JSON.parse` knows
 * no limit and 256 kB hold 130,000 levels, while a function that calls itself for each level, a
 * schema or `JSON.stringify` among them, runs out of stack at a few thousand.
 */
export const MAX_NESTING = 100;

/**
 * True if the value has more than `levels` levels of arrays and objects. Looks no deeper than that.
 */
export function isNestedDeeper(value: unknown, levels: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (levels === 0) return true;
	const children = Array.isArray(value) ? value : Object.values(value);
	return children.some((child) => isNestedDeeper(child, levels - 1));
}
