import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { applyMutation, type Mutation } from "./mutation.ts";
import { MUTATIONS } from "./mutations.ts";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGE = join(ROOT, "packages/portcullis");
const AREAS = ["protocol/", "crypto/", "session/", "guard/", "state/", "app/"];

it("switches off at least 120 checks, in every area, each once", () => {
	const ids = MUTATIONS.map(({ id }) => id);
	expect(ids.length).toBeGreaterThanOrEqual(120);
	expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
	for (const area of AREAS) expect(MUTATIONS.some(({ file }) => file.startsWith(area))).toBe(true);
});

it("finds what each of them switches off exactly once, and changes it", () => {
	for (const mutation of MUTATIONS) {
		const source = readFileSync(join(PACKAGE, "src", mutation.file), "utf8");
		expect([mutation.id, applyMutation(source, mutation) !== source]).toEqual([mutation.id, true]);
	}
});

it("refuses a mutation whose text is not there, or there twice", () => {
	const mutation: Mutation = { id: "a", file: "a.ts", off: "", find: "x", replace: "y", tests: [] };
	expect(applyMutation("1 x 2", mutation)).toBe("1 y 2");
	expect(() => applyMutation("1 2", mutation)).toThrow("not in the file");
	expect(() => applyMutation("x x", mutation)).toThrow("more than once");
});

it("names tests that exist", () => {
	const missing = MUTATIONS.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(PACKAGE, path)));
	expect(missing).toEqual([]);
	expect(MUTATIONS.filter(({ tests }) => tests.length === 0)).toEqual([]);
});

it("is listed in docs/mutation.md, survivors with their reasons", () => {
	const page = readFileSync(join(ROOT, "docs/mutation.md"), "utf8");
	for (const { id, survives } of MUTATIONS) {
		expect([id, page.includes(`(\`${id}\`)`)]).toEqual([id, true]);
		if (survives !== undefined) expect(page).toContain(survives);
	}
	const rows = page.split("\n").filter((line) => /\(`[\w-]+`\) \|/.test(line));
	expect(rows.length, "run npm run mutate").toBe(MUTATIONS.length);
});

it("is nothing that the package could reach", () => {
	const { files } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { files: string[] };
	expect(files.some((path) => path.includes("scripts"))).toBe(false);
});
