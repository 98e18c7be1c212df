import { stripVTControlCharacters } from "node:util";
import { expect, it } from "vitest";
import type { ListedSurface } from "./surfaces-list.ts";
import { renderDifferences, renderTable } from "./surfaces-table.ts";

const surfaces: readonly ListedSurface[] = [
	{ kind: "page", name: "/", rule: "public", isDefault: false, at: { file: "app.ts", line: 9 } },
	{
		kind: "event",
		name: "notes.clearAllNotes",
		rule: "check",
		isDefault: false,
		check: "isAdmin",
		checkAt: { file: "authz.ts", line: 3 },
		at: { file: "notes.ts", line: 12 },
	},
	{
		kind: "event",
		name: "notes.add",
		rule: "signed-in",
		isDefault: true,
		at: { file: "notes.ts", line: 8 },
	},
];
const table = `  Surface              Rule                 Check       Defined

Pages
! /                    PUBLIC                           app.ts:9

Events
  notes.clearAllNotes  isAdmin              authz.ts:3  notes.ts:12
  notes.add            signed-in (default)              notes.ts:8

3 surfaces, 1 of them public.
`;

it("the table is aligned and grouped, and public surfaces stand out", () => {
	expect(renderTable(surfaces, false)).toBe(table);
});

it("colours add nothing but colours", () => {
	const colourful = renderTable(surfaces, true);
	expect(stripVTControlCharacters(colourful)).toBe(table);
	expect(colourful.split("\n").filter((line) => line.includes("\u001b[33m"))).toHaveLength(1);
});

it("differences are in groups, the gravest first", () => {
	const differences = [
		{
			kind: "public",
			surface: "event notes.clear",
			before: "check isAdmin in authz.ts",
			after: "public",
		},
		{ kind: "public", surface: "route GET /debug", after: "public" },
		{ kind: "gone", surface: "page /", before: "public" },
	] as const;
	const text = `Public, and not reviewed as public:
! event notes.clear  check isAdmin in authz.ts -> public
! route GET /debug   public (new)

Gone:
  page /             was public
`;
	expect(renderDifferences(differences, false)).toBe(text);
	expect(stripVTControlCharacters(renderDifferences(differences, true))).toBe(text);
	expect(renderDifferences([], true)).toBe("");
});
