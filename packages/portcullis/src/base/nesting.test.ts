import { expect, test } from "vitest";
import { isNestedDeeper } from "./nesting.ts";

function nested(levels: number): unknown {
	let value: unknown = "innermost";
	for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { member: value };
	return value;
}

test.each([0, 1, 2, 100])("%i levels are as many as are allowed, and one more is not", (levels) => {
	expect(isNestedDeeper(nested(levels), levels)).toBe(false);
	expect(isNestedDeeper(nested(levels + 1), levels)).toBe(true);
});

test("looks no deeper than it is asked, however deep a value goes on", () => {
	expect(isNestedDeeper(nested(1_000_000), 100)).toBe(true);
});

test("finds what is deep beside what is not, also below __proto__", () => {
	expect(isNestedDeeper(JSON.parse('{"a":1,"__proto__":[[["deep"]]]}'), 3)).toBe(true);
	expect(isNestedDeeper(JSON.parse('{"a":1,"__proto__":[[["deep"]]]}'), 4)).toBe(false);
});
