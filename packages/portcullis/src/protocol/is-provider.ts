import type { Provider } from "./provider.ts";

const OPERATIONS = [
	"connect",
	"createTransaction",
	"authorizationUrl",
	"complete",
	"endSessionUrl",
] as const;

/**
 * True for a provider, also one of another copy of this package, and for the prototype of a
 * provider class.
 */
export function isProvider(value: unknown): value is Provider {
	if (typeof value !== "object" || value === null) return false;
	return OPERATIONS.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}
