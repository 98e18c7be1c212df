import { expect, it } from "vitest";
import { oneLine, oneWord } from "./one-line.ts";

it("leaves what is one plain line as it is, in every script", () => {
	for (const text of ["a b: c", "Ünïcödé", "日本語 ひらがな", "שלום", "👍🏽", "", "x".repeat(1000)])
		expect(oneLine(text)).toBe(text);
});

it("shows what would not be seen, and breaks nowhere", () => {
	expect(oneLine("a\r\nb\u2028c\td\u0085e")).toBe("a b c d e");
	expect(oneLine("\u001b[31mred\u009b0m")).toBe("\\u{1b}[31mred\\u{9b}0m");
	expect(oneLine("admin\u202etxt.exe \u200b\u2060\ufeff\u00ad\u{e0041}\u3164\ud800 \u0000")).toBe(
		"admin\\u{202e}txt.exe \\u{200b}\\u{2060}\\u{feff}\\u{ad}\\u{e0041}\\u{3164}\\u{d800} \\u{0}",
	);
});

it("is bounded, also where escapes are longer than what they stand for, and splits no character", () => {
	expect(oneLine("\u0000".repeat(1_000_000), 50).length).toBeLessThanOrEqual(50);
	expect(oneLine(`${"x".repeat(9)}👍`, 10)).not.toMatch(/[\ud800-\udfff]/);
	expect(oneLine(`\u0000${"x".repeat(3)}👍👍`, 9)).not.toMatch(
		/[\ud800-\udbff](?![\udc00-\udfff])/,
	);
});

it("quotes a word that is none, so that a value adds no field", () => {
	expect(oneWord("invalid_grant")).toBe("invalid_grant");
	expect(oneWord('x provider=y]: "z" \\')).toBe('"x provider=y]: \\"z\\" \\\\"');
	expect(oneWord("")).toBe('""');
});
