import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "rolldown/utils";
import { describe, expect, test } from "vitest";
import { filesBelow, readSources, repositoryFolder } from "../support/source-tree.ts";

// CONTRIBUTING.md has a table of words that are not used, and says where.

interface Row {
	readonly words: readonly string[];
	readonly places: readonly string[];
}

const PLACES = ["names", "comments", "documents"];

const rows = readRows(readFileSync(join(repositoryFolder, "CONTRIBUTING.md"), "utf8"));
const wordsIn = (place: string) =>
	rows.flatMap(({ words, places }) => (places.includes(place) ? words : []));

const sources = [...readSources()].filter(([path]) => !/\.(test|fixture)\./.test(path));
const documents = [
	...filesBelow(join(repositoryFolder, "docs"), [".md"]).map((path) => `docs/${path}`),
	"README.md",
]
	// Names of before stand beside those of now.
	.filter((path) => !path.startsWith("docs/migrating/"))
	// Tests are called there as they are called in their files.
	.filter((path) => path !== "docs/proof/mutation.md")
	.map((path) => [path, readFileSync(join(repositoryFolder, path), "utf8")] as const);

test("the table says of each word where it is not used", () => {
	expect(rows.length).toBeGreaterThan(10);
	for (const { words, places } of rows) {
		expect(words).not.toEqual([]);
		expect(places).not.toEqual([]);
		expect(places.filter((place) => !PLACES.includes(place))).toEqual([]);
	}
});

test("no name in the sources is one of those", () => {
	const words = new Set(wordsIn("names"));
	expect(words.size).toBeGreaterThan(20);
	expect(
		sources.flatMap(([path, text]) =>
			namesIn(path, text)
				.filter((name) => words.has(name))
				.map((name) => `${path}: ${name}`),
		),
	).toEqual([]);
});

test("no comment in the sources has one of those", () => {
	const found = sources.flatMap(([path, text]) =>
		commentsIn(path, text).flatMap((comment) => usesOf(wordsIn("comments"), comment, path)),
	);
	expect(found).toEqual([]);
});

test("no document has one of those", () => {
	const names = new Set(wordsIn("names"));
	const [inCode, inProse] = [true, false].map((isName) =>
		wordsIn("documents").filter((word) => names.has(word) === isName),
	);
	const found = documents.flatMap(([path, text]) => [
		...usesOf(inCode ?? [], text, path),
		...usesOf(inProse ?? [], proseOf(text), path),
	]);
	expect(found).toEqual([]);
});

describe("the test itself", () => {
	test("finds a name, and not a part of one or what a text says", () => {
		const text = 'const kit = 1; const SvelteKit = "kit"; class A { #jar = `ok`; }';
		expect(namesIn("a.ts", text)).toEqual(["kit", "SvelteKit", "A", "jar"]);
	});

	test("finds a comment's word, whatever its case", () => {
		const [comment = ""] = commentsIn("a.ts", "/** Nobody asks. */\nconst a = 1;");
		expect(usesOf(["nobody"], comment, "a.ts")).toEqual(["a.ts: nobody"]);
		expect(usesOf(["body"], comment, "a.ts")).toEqual([]);
	});
});

function readRows(document: string): Row[] {
	const [, section = ""] = /\n## Words\n([\s\S]*?)\n## /.exec(document) ?? [];
	return section
		.split("\n")
		.filter((line) => line.startsWith("| ") && !line.startsWith("| say") && !line.includes("---"))
		.map((line) => {
			const [, , not = "", places = ""] = line.split("|");
			return {
				words: [...not.matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word),
				places: places.split(",").map((place) => place.trim()),
			};
		});
}

/** Without code. */
function proseOf(document: string): string {
	return document.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Words of prose are found in any case, names as they are written. */
function usesOf(words: readonly string[], text: string, path: string): string[] {
	return words
		.filter((word) => {
			const flags = word === word.toLowerCase() ? "i" : "";
			return new RegExp(`(?<![\\w.-])${word.replace(".", "\\.")}(?![\\w-])`, flags).test(text);
		})
		.map((word) => `${path}: ${word}`);
}

interface Node {
	readonly type: string;
	readonly name?: unknown;
}

function parse(path: string, text: string) {
	return parseSync(path, text, { lang: path.endsWith("x") ? "tsx" : "ts" });
}

/** Every identifier, private names without their `#`, in the order in which they stand. */
function namesIn(path: string, text: string): string[] {
	const names: string[] = [];
	const visit = (value: unknown): void => {
		if (typeof value !== "object" || value === null) return;
		if (Array.isArray(value)) {
			for (const item of value) visit(item);
			return;
		}
		const { type, name } = value as Node;
		if (/Identifier$/.test(type ?? "") && typeof name === "string") names.push(name);
		for (const inner of Object.values(value)) visit(inner);
	};
	visit(parse(path, text).program.body);
	return names;
}

function commentsIn(path: string, text: string): string[] {
	return parse(path, text).comments.map(({ value }) => value);
}
