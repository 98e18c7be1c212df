import { describe, expect, it } from "vitest";
import type { Surface, SurfaceCheck } from "../app/surfaces.ts";
import { ambiguities, listInWords } from "./surfaces-list.ts";
import { Sources } from "./surfaces-sources.ts";

const at = (file: string, line = 1) => `file:///app/server/${file}:${line}:1`;
const isAdmin: SurfaceCheck = { name: "isAdmin", site: at("authz.ts", 3) };
const isStaff: SurfaceCheck = { name: "isStaff", site: at("authz.ts", 4) };
const inGroup: SurfaceCheck = {
	made: { by: "inGroup", of: ['"editors"'] },
	site: at("authz.ts", 5),
};
const surfaceOf = (check: SurfaceCheck, name = "notes.clear"): Surface => ({
	kind: "event",
	name,
	rule: "check",
	check,
	isDefault: false,
});

describe("a check in words", () => {
	it.each<[SurfaceCheck, string]>([
		[isAdmin, "isAdmin"],
		[inGroup, 'inGroup("editors")'],
		[{ ...inGroup, name: "isEditor" }, 'isEditor = inGroup("editors")'],
		[
			{ made: { by: "allOf", of: [isStaff, inGroup] }, site: at("authz.ts") },
			'allOf(isStaff, inGroup("editors"))',
		],
		// Which isAdmin it is must be seen: another file may have one too.
		[
			{ made: { by: "anyOf", of: [isAdmin] }, site: at("notes.ts") },
			"anyOf(isAdmin in server/authz.ts)",
		],
		[
			{ made: { by: "allOf", of: [isStaff, isAdmin] } },
			"allOf(isStaff in server/authz.ts, isAdmin in server/authz.ts)",
		],
		[{ made: { by: "not", of: [{ made: { by: "anyOf", of: [{}] } }] } }, "not(anyOf((unnamed)))"],
		[{}, "(unnamed)"],
	])("%j is %s", (check, words) => {
		const [listed] = listInWords([surfaceOf(check)], new Sources(), "/app");
		expect(listed?.check).toBe(words);
	});
});

it("places are relative to the folder", () => {
	const surface: Surface = { ...surfaceOf(isAdmin), site: at("notes.ts", 7) };
	expect(listInWords([surface], new Sources(), "/app/server")).toEqual([
		{
			kind: "event",
			name: "notes.clear",
			rule: "check",
			isDefault: false,
			check: "isAdmin",
			checkAt: { file: "authz.ts", line: 3 },
			at: { file: "notes.ts", line: 7 },
		},
	]);
});

describe("what a review by names cannot see", () => {
	const sentences = (...surfaces: Surface[]) => ambiguities(surfaces, new Sources(), "/app");

	it("is nothing where each check has a name of its own", () => {
		const both: SurfaceCheck = { made: { by: "allOf", of: [isAdmin, isStaff, inGroup] } };
		const elsewhere: SurfaceCheck = { ...isAdmin, site: at("other.ts") };
		expect(
			sentences(
				surfaceOf(isAdmin),
				surfaceOf(both),
				surfaceOf(isAdmin, "notes.x"),
				surfaceOf(elsewhere),
			),
		).toEqual([]);
	});

	it("is a check without a name, also inside of another", () => {
		const nameless: SurfaceCheck = { made: { by: "not", of: [{ site: at("authz.ts", 9) }] } };
		expect(sentences(surfaceOf({}), surfaceOf(nameless, "notes.add"))).toEqual([
			expect.stringMatching(/^The check of event notes\.clear has no name/),
			expect.stringMatching(/^The check of event notes\.add \(server\/authz\.ts:9\) has no name/),
		]);
	});

	it("is one of two checks of one name in one file", () => {
		const other: SurfaceCheck = { ...isAdmin, site: at("authz.ts", 8) };
		expect(sentences(surfaceOf(isAdmin), surfaceOf(other, "notes.add"))).toEqual([
			"Two checks are called isAdmin (server/authz.ts:3 and server/authz.ts:8): they cannot be told apart",
		]);
	});
});
