import fc from "fast-check";
import { expect, it } from "vitest";
import { equalConstantTime } from "./constant-time.ts";

it("agrees with ===", () => {
	fc.assert(
		fc.property(
			fc.string(),
			fc.string(),
			(a, b) => equalConstantTime(a, b) === (a === b) && equalConstantTime(a, a),
		),
	);
	for (const [a, b] of [
		["", ""],
		["", "a"],
		["a", ""],
		["ab", "abab"],
		["abab", "ab"],
		["aa", "a"],
	] as const)
		expect(equalConstantTime(a, b)).toBe(a === b);
});
