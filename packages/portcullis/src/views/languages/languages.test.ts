import { describe, expect, it } from "vitest";
import type { Texts } from "../texts.ts";
import { english } from "./en.ts";
import { languages } from "./index.ts";

/** Sentences by key, those of errors by code too. */
function sentences({ errors, lang, dir, ...page }: Texts): Map<string, string> {
	const all = new Map(Object.entries(page));
	for (const [code, { title, message }] of Object.entries(errors))
		all.set(`${code} title`, title).set(`${code} message`, message);
	return all;
}

const placesIn = (sentence: string | undefined): string[] =>
	[...(sentence ?? "").matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

/**
 * Words that only English has: of a sentence that was left as it is, or half of it. `login`, `app`
 * and `page` are words of others too.
 */
const ENGLISH = /\b(the|and|or|you|your|please|sign|signed|this|that|with|again)\b/i;
const EXPECTED = ["en", "de", "fr", "es", "pt", "it", "ja", "zh"];

it("has just the languages that are promised, English first and without an import", () => {
	expect(Object.keys(languages)).toEqual(EXPECTED);
	expect(languages.en).toBe(english);
});

describe.each(EXPECTED.filter((tag) => tag !== "en"))("%s", (tag) => {
	const load = async () => {
		const source = languages[tag];
		if (typeof source !== "function") throw new Error("Imported though nobody needs it");
		return source();
	};

	it("says what language it is", async () => {
		const { lang } = await load();
		expect(new Intl.Locale(lang).language).toBe(tag);
	});

	it("has every sentence, none empty and none of them English", async () => {
		const [ours, theirs] = [sentences(english), sentences(await load())];
		expect([...theirs.keys()].sort()).toEqual([...ours.keys()].sort());
		const left = [...theirs].filter(([key, text]) => text.trim() === "" || text === ours.get(key));
		expect(left).toEqual([]);
		expect(
			[...theirs].filter(([, text]) => ENGLISH.test(text)).map(([key, text]) => `${key}: ${text}`),
		).toEqual([]);
	});

	it("fills in what the English one does", async () => {
		const [ours, theirs] = [sentences(english), sentences(await load())];
		for (const [key, text] of theirs)
			expect([key, placesIn(text)]).toEqual([key, placesIn(ours.get(key))]);
	});

	it("names buttons as they are labelled", async () => {
		const texts = await load();
		for (const sentence of [
			texts.ifNothingHappensContinue,
			texts.sentOn,
			texts.pageIsOpening,
			texts.signedInIfNothingHappens,
		])
			expect(sentence).toContain(texts.continue);
		expect(texts.ifNothingHappensSignOut).toContain(texts.signOut);
	});

	it("has no two errors with the same title, and neither codes nor terms of the protocol", async () => {
		const { errors } = await load();
		const titles = Object.values(errors).map(({ title }) => title);
		expect(new Set(titles).size).toBe(titles.length);
		expect(JSON.stringify(Object.values(errors))).not.toMatch(
			/[a-z]_[a-z]|\b(token|nonce|PKCE|CSRF|JWT|OIDC|OAuth|redirect_uri)\b/i,
		);
	});
});
