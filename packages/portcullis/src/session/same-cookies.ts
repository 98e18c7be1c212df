import type { RequestCookies } from "./cookies.ts";

/** True if both jars hold the same cookies of one provider. */
export function haveSameCookies(
	one: RequestCookies,
	other: RequestCookies,
	prefix: string,
): boolean {
	return isWithin(one, other, prefix) && isWithin(other, one, prefix);
}

function isWithin(one: RequestCookies, other: RequestCookies, prefix: string): boolean {
	for (const [name, value] of one)
		if (name.startsWith(prefix) && other.get(name) !== value) return false;
	return true;
}
