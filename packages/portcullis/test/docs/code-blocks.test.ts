import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { assertFreshBuild } from "../support/built-package.ts";
import { type CodeBlockReport, checkCodeBlocks } from "../support/check-code-blocks.ts";
import { extractCodeBlocks } from "../support/code-blocks.ts";
import { filesBelow, repositoryFolder } from "../support/source-tree.ts";

const temporary = join(repositoryFolder, ".tmp");
beforeAll(() => mkdirSync(temporary, { recursive: true }));

test("every TypeScript block of the documents type-checks against the built package", async () => {
	assertFreshBuild();
	const roots = readdirSync(repositoryFolder).filter((name) => name.endsWith(".md"));
	const paths = [
		...roots,
		...filesBelow(join(repositoryFolder, "docs"), [".md"]).map((path) => `docs/${path}`),
	];
	const documents = paths.map((path) => ({
		path,
		markdown: readFileSync(join(repositoryFolder, path), "utf8"),
	}));
	const preambles = join(import.meta.dirname, "preambles");
	const { checked, problems } = await checkCodeBlocks(
		documents,
		preambles,
		join(temporary, "docs-code"),
	);
	expect(problems.join("\n")).toBe("");
	expect(checked).toBeGreaterThan(0);
}, 60_000);

describe("checking a document", () => {
	const check = (...lines: string[]): Promise<CodeBlockReport> => {
		const folder = mkdtempSync(join(temporary, "docs-code-test-"));
		onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
		mkdirSync(join(folder, "preambles"));
		writeFileSync(join(folder, "preambles", "port.ts"), "declare const port: number;\n\n");
		const document = { path: "guide.md", markdown: lines.join("\n") };
		return checkCodeBlocks([document], join(folder, "preambles"), join(folder, "work"));
	};

	test("finds a mistake and says where in the document it is", async () => {
		const { checked, problems } = await check(
			"# Guide",
			"",
			"```ts",
			"const a = 1;",
			"const b: string = a;",
			"```",
		);
		expect(checked).toBe(1);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(/^guide\.md:5: error TS2322: /);
	});

	test("finds a mistake in a tsx block and in a block within a list", async () => {
		const { problems } = await check(
			"```tsx",
			"const a: string = 1;",
			"```",
			"- item",
			"  ```ts",
			"  const b: string = 2;",
			"  ```",
		);
		expect(problems.map((problem) => problem.split(" ")[0])).toEqual([
			"guide.md:2:",
			"guide.md:6:",
		]);
	});

	test("checks strictly", async () => {
		const { problems } = await check("```ts", "export const f = (a) => a;", "```");
		expect(problems[0]).toContain("TS7006");
	});

	test("refuses a package that is not there", async () => {
		const { problems } = await check("```ts", 'import { a } from "portcullis/nowhere";', "```");
		expect(problems[0]).toContain("guide.md:2: error TS2307");
	});

	test("keeps blocks apart, and lets them import each other by path", async () => {
		const { checked, problems } = await check(
			...["```ts", "// server/auth.ts", "export const a = 1;", "```"],
			...["```ts", "const a = 2;", "```"],
			...[
				"```ts",
				"// server/app.ts - the app",
				'import { a } from "./auth.ts";',
				"export const b: string = a;",
				"```",
			],
		);
		expect(checked).toBe(3);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(/^guide\.md:11: error TS2322/);
	});

	test("refuses two blocks of one path", async () => {
		const { problems } = await check("```ts", "// a.ts", "```", "```ts", "// a.ts", "```");
		expect(problems).toEqual(["guide.md:5: an earlier block of this document is called a.ts"]);
	});

	test("puts a preamble before a block without moving its lines", async () => {
		const { problems } = await check(
			"<!-- with: port -->",
			"```ts",
			"const a: string = port;",
			"```",
		);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(/^guide\.md:3: error TS2322/);
	});

	test("refuses a preamble that is not there", async () => {
		const { problems } = await check("<!-- with: prot -->", "```ts", "", "```");
		expect(problems).toEqual(["guide.md:3: there is no preamble called prot"]);
	});

	test("leaves out what says why, and only that", async () => {
		const { checked, skipped, problems } = await check(
			...["<!-- no-check: shows the old way -->", "", "```ts", "const a: string = 1;", "```"],
			...["```ts", "const a: string = 2;", "```"],
		);
		expect({ checked, skipped }).toEqual({
			checked: 1,
			skipped: ["guide.md:4: shows the old way"],
		});
		expect(problems).toHaveLength(1);
	});
});

test.each([
	["a reason that is missing", "<!-- no-check -->\n```ts\n```", "line 1: no-check needs a reason"],
	[
		"a marker before prose",
		"<!-- with: a -->\nprose\n```ts\n```",
		"line 1: with stands before no ts or tsx block",
	],
	[
		"a marker before another language",
		"<!-- no-check: x -->\n```sh\n```",
		"line 1: no-check stands before no ts or tsx block",
	],
	[
		"a marker at the end",
		"<!-- no-check: x -->",
		"line 1: no-check stands before no ts or tsx block",
	],
	["a fence that stays open", "```ts\nconst a = 1;", "line 1: the code block is never closed"],
])("%s is a mistake", (_, markdown, message) => {
	expect(() => extractCodeBlocks(markdown)).toThrow(message);
});

test("a longer fence holds a shorter one", () => {
	expect(
		extractCodeBlocks("````md\n```ts\nconst a = 1;\n```\n````\n\n~~~ts\nconst b = 1;\n~~~"),
	).toMatchObject([{ code: "const b = 1;", line: 8 }]);
});
