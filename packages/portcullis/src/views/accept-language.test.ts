import { describe, expect, it } from "vitest";
import { acceptedLanguages, lookUpLanguage } from "./accept-language.ts";

describe("acceptedLanguages", () => {
	it.each([
		[null, []],
		["", []],
		["de", ["de"]],
		["de-CH,de;q=0.9,en;q=0.8", ["de-CH", "de", "en"]],
		["en;q=0.2, fr;q=0.9 ,de", ["de", "fr", "en"]],
		["fr;q=0.5,de;q=0.5", ["fr", "de"]],
		["de;q=0,en", ["en"]],
		["de;q=0.000,en;q=0.001", ["en"]],
		["*", ["*"]],
		["es;q=1.000, it;q=0.9", ["es", "it"]],
		// No weights of RFC 9110 section 12.4.2: what has one is left out, never guessed at.
		["de;q=1.5,en", ["en"]],
		["de;q=-1,en", ["en"]],
		["de;q=0.1234,en;q=0.1", ["en"]],
		["de;q=abc,en", ["en"]],
		["de;level=1,en", ["en"]],
		["../../etc/passwd,en", ["en"]],
		["__proto__,constructor", []],
		["<script>,en", ["en"]],
		["toolongsubtag,en", ["en"]],
	])("%j is %j", (header, expected) => {
		expect(acceptedLanguages(header)).toEqual(expected);
	});

	it("reads a bounded part of a header of any length, and nothing that was cut in two", () => {
		const many = Array.from({ length: 100_000 }, () => "xx").join(",");
		expect(acceptedLanguages(`${many},de`)).toHaveLength(32);
		const long = `${"x".repeat(990)},de-Latn-DE-1996,fr`;
		expect(acceptedLanguages(long)).toEqual([]);
		expect(acceptedLanguages("a".repeat(10_000_000))).toEqual([]);
		expect(acceptedLanguages(`en;q=${"0".repeat(100_000)}`)).toEqual([]);
		// One range alone: looking it up takes a step for each of its subtags.
		expect(acceptedLanguages(`de${"-a".repeat(7000)}-de`)).toEqual([]);
	});
});

describe("lookUpLanguage", () => {
	const offered = ["en", "de", "pt", "zh"];

	it.each([
		[["de-CH"], "de"],
		[["DE-at"], "de"],
		[["zh-Hant-TW"], "zh"],
		[["nl", "pt-BR"], "pt"],
		[["nl"], undefined],
		[["deu"], undefined],
		[["*", "de"], undefined],
		[["nl", "*", "de"], undefined],
		[[], undefined],
		[["de-a-b"], "de"],
	])("%j among them is %j", (preferred, expected) => {
		expect(lookUpLanguage(preferred, offered)).toBe(expected);
	});

	it("a more specific one that is offered comes first", () => {
		expect(lookUpLanguage(["pt-PT"], ["pt", "pt-PT"])).toBe("pt-PT");
		expect(lookUpLanguage(["pt-BR"], ["pt", "pt-PT"])).toBe("pt");
	});
});
