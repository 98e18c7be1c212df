import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatLogEntry } from "../../src/audit/log.ts";
import { readMarkdown } from "../support/markdown.ts";
import { repositoryFolder } from "../support/source-tree.ts";
import { symptoms } from "./symptoms.ts";

// Each row of the tables in docs/deployment.md: what happens is brought about, and what the row
// quotes has to be what is really said.

const page = readMarkdown(readFileSync(join(repositoryFolder, "docs/deployment.md"), "utf8"));
const rows = (page.sections.get("Troubleshooting") ?? "")
	.split("\n")
	.filter((line) => /^\| (?!---|what happens)/.test(line))
	.map((line) => line.split("|").map((cell) => cell.trim()))
	.map(([, name = "", said = ""]) => ({ name, said }));

test("the tables have the symptoms that are brought about here, and no others", () => {
	expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(symptoms).sort());
});

test.each(rows)("$name", async ({ name, said }) => {
	const { fixtures, shown } = (await symptoms[name]?.()) ?? { fixtures: [], shown: [] };
	const logged = fixtures.flatMap(({ log }) => log.map(formatLogEntry));
	const screens = shown.map(textOf);
	// In front of each quotation stands where it is found: the log where nothing is said.
	const quotes = [...said.matchAll(/`([^`]+)`/g)].map(({ 1: quote = "", index }) => {
		const isLogged =
			said.lastIndexOf("Log:", index) >=
			Math.max(...PLACES.map((place) => said.lastIndexOf(place, index)));
		return { quote, found: (isLogged ? logged : screens).filter((text) => matches(text, quote)) };
	});
	expect(quotes.length).toBeGreaterThan(0);
	const missing = quotes.filter(
		({ quote, found }) => found.length === 0 && !IN_OTHER_WORDS.has(quote),
	);
	expect(missing, JSON.stringify({ logged, screens }, undefined, 1)).toEqual([]);
});

const PLACES = ["Page:", "Problem:", "Answer:", "Standard error:"];
/** Of other providers than ours. */
const IN_OTHER_WORDS = new Set(["redirect_uri_mismatch"]);

/** `...` stands for what differs. */
function matches(text: string, quote: string): boolean {
	const parts = quote.split("...").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
	return new RegExp(parts.join(".*")).test(text);
}

/** What a person reads of a page. */
function textOf(body: string): string {
	return body
		.replace(/<(style|script)[\s\S]*?<\/\1>/g, " ")
		.replace(/<[^>]*>/g, " ")
		.replace(/\s+/g, " ");
}
