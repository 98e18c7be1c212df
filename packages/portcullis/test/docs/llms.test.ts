import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { expect, test } from "vitest";
import { readMarkdown } from "../support/markdown.ts";
import { filesBelow, repositoryFolder } from "../support/source-tree.ts";

const docs = join(repositoryFolder, "docs");
const read = (path: string) => readFileSync(join(docs, path), "utf8");
const pages = filesBelow(docs, [".md"]).filter((path) => path !== "README.md");

/**
 * What the table of contents says of each page that it links to, in its order; whether of that page
 * alone.
 */
const contents = new Map(
	read("README.md")
		.split("\n")
		.filter((line) => line.startsWith("| ") && line.includes(".md)"))
		.flatMap((line) => {
			const [, cell = "", says = ""] = /^\| (.*?) \| (.*) \|$/.exec(line) ?? [];
			const { links } = readMarkdown(cell);
			return links.map(
				({ target }) => [normalize(target), { says, isAlone: links.length === 1 }] as const,
			);
		}),
);

test("the table of contents links to every page but the decisions, which it links to as a folder", () => {
	expect(pages.filter((path) => !contents.has(path) && !path.startsWith("decisions/"))).toEqual([]);
});

// `npx vitest run test/docs/llms --update` after a page has come, gone or been renamed.
test("llms.txt has each page, with what it is about", async () => {
	const guides = [...contents.keys()].filter((path) => pages.includes(path));
	const decisions = pages.filter((path) => path.startsWith("decisions/")).toSorted();
	const lines = [
		"# Portcullis",
		"",
		"> Single sign-on for TypeScript web apps, by OpenID Connect: every page, event, field and computed value is shut to anonymous callers until the app opens it. Tokens in sealed HttpOnly cookies, no session store. One npm package, portcullis, for Hono, node:http and servers that speak Request and Response.",
		"",
		"All pages are plain Markdown, and their TypeScript is type-checked.",
		"",
		"## Guides",
		"",
		...guides.map((path) => entry(path, contents.get(path))),
		"",
		"## Decisions",
		"",
		...decisions.map((path) => entry(path)),
		"",
	];
	await expect(lines.join("\n")).toMatchFileSnapshot(join(docs, "llms.txt"));
});

/**
 * A page by its title, with what the table of contents says of it; of several at once, with the
 * sentence that it begins with.
 */
function entry(path: string, row?: { readonly says: string; readonly isAlone: boolean }): string {
	const [heading = "", first = ""] = read(path).split(/\n{2,}/);
	const isProse = /^[\p{L}`]/u.test(first) && !first.startsWith("```");
	const text = row === undefined ? "" : row.isAlone || !isProse ? row.says : sentenceOf(first);
	return `- [${heading.replace(/^# /, "")}](${path})${text === "" ? "" : `: ${text}`}`;
}

function sentenceOf(paragraph: string): string {
	const text = paragraph.replaceAll("\n", " ").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
	return text.split(/(?<=\.) (?=[A-Z`])/, 1)[0] ?? "";
}
