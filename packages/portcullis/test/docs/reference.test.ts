import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorRow } from "../../src/base/error-table.ts";
import { OPTIONS, type Place } from "../../src/config/option-table.ts";
import { assertFreshBuild } from "../support/built-package.ts";
import { declaredMembers } from "../support/declared-members.ts";
import { readMarkdown } from "../support/markdown.ts";
import { REFERENCES, referencesIn, withReference } from "../support/reference.ts";
import { filesBelow, packageFolder, repositoryFolder } from "../support/source-tree.ts";

// The tables of options and errors in the guides come from the tables in the sources. What a guide
// lacks is written by `npm run docs:reference`.

const folder = join(repositoryFolder, "docs");
const pages = filesBelow(folder, [".md"]).map((path) => readFileSync(join(folder, path), "utf8"));

test("each generated part is as its table says", () => {
	for (const page of pages) expect(withReference(page)).toBe(page);
});

test("each table stands in one guide", () => {
	expect(pages.flatMap(referencesIn).sort()).toEqual(Object.keys(REFERENCES).sort());
});

describe("the table of options has every member of its type, and no other", () => {
	const types: Readonly<Record<Place, string>> = {
		portcullis: "PortcullisOptions",
		gate: "GateOptions",
		session: "SessionOptions",
		http: "HttpOptions",
		ui: "UiOptions",
		platform: "PlatformOptions",
	};
	test.each(Object.entries(types))("%s", (place, type) => {
		assertFreshBuild();
		const declared = declaredMembers(join(packageFolder, "dist/config/options.d.ts"), type);
		const rows = Object.keys(OPTIONS[place as Place]);
		expect(rows.toSorted()).toEqual(declared.toSorted());
	});
});

test("a docstring says the same default as the table", () => {
	const source = readFileSync(join(packageFolder, "src/config/options.ts"), "utf8");
	for (const [place, rows] of Object.entries(OPTIONS))
		for (const [name, { fallback }] of Object.entries(rows) as [string, { fallback?: unknown }][]) {
			if (typeof fallback !== "number") continue;
			const doc = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*${name}\\?:`).exec(source)?.[1];
			const said = /Default\s*(?:\*\s*)?([\d,]+)/.exec(doc ?? "")?.[1]?.replaceAll(",", "");
			expect([place, name, said]).toEqual([place, name, String(fallback)]);
		}
});

describe("the table of errors", () => {
	const rows = Object.entries(ERRORS) as [string, ErrorRow][];
	const { sections } = readMarkdown(readFileSync(join(folder, "errors.md"), "utf8"));

	test("has every code, in order", () => {
		assertFreshBuild();
		const declared = ["ErrorCode", "StateErrorCode", "TokenErrorCode"].flatMap((name) =>
			declaredMembers(join(packageFolder, "dist/base/errors.d.ts"), name),
		);
		expect(rows.map(([code]) => code)).toEqual([...new Set(declared)].sort());
	});

	test("has audit reasons that there are", () => {
		const reasons = declaredMembers(join(packageFolder, "dist/audit/audit.d.ts"), "AuditReason");
		expect(rows.filter(([, { audit }]) => audit !== undefined && !reasons.includes(audit))).toEqual(
			[],
		);
	});

	test.each(rows)("says the status and the title of %s as its section does", (code, row) => {
		const section = sections.get(code) ?? "";
		const shows = section.slice(section.indexOf("**Shows:**"), section.indexOf("**Log:**"));
		if (row.status !== undefined) expect(shows).toContain(String(row.status));
		expect(row.means).toMatch(/^[A-Z].*\.$/);
		// The remedy stands once, in the section.
		expect(section).toMatch(/\*\*Do:\*\*\s+\S/);
	});
});
