import { expect, it } from "vitest";
import { trimSpace } from "./http-space.ts";

it("takes off space and tab, at both ends and nowhere else", () => {
	for (const [text, left] of [
		["", ""],
		[" \t ", ""],
		["a", "a"],
		["\t a b\t", "a b"],
	] as const)
		expect(trimSpace(text)).toBe(left);
});

it("takes off nothing else that String.trim takes for space", () => {
	const others = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
		(character) => character.trim() === "" && character !== " " && character !== "\t",
	);
	expect(others.length).toBeGreaterThan(20);
	for (const character of others)
		expect(trimSpace(`${character}a${character}`)).toBe(`${character}a${character}`);
});
