import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { assignedName, Sources, shownPath } from "./surfaces-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "portcullis (sources) "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what a call is assigned to", () => {
	it.each([
		["export const isAdmin = ", "isAdmin"],
		["export const isAdmin = auth.", "isAdmin"],
		["const isAdmin = this.kits.main.", "isAdmin"],
		["const isAdmin: Check<PageAuthContext> = ", "isAdmin"],
		["const isAdmin: (context: AuthContext) => boolean = ", "isAdmin"],
		["const isAdmin: ReturnType<typeof auth.check> =\n\t", "isAdmin"],
		["let $is_1=", "$is_1"],
		["const a = 1;\nconst b = ", "b"],
		["export const checks = {\n\tisAdmin: ", "isAdmin"],
		["{ isStaff: check(a), isAdmin: auth.", "isAdmin"],
		["class Checks {\n\tstatic isAdmin = ", "isAdmin"],
		["class Checks {\n\tstatic readonly isAdmin: Check = ", "isAdmin"],
		["class Checks {\n\t#isAdmin = ", "isAdmin"],
		["exports.isAdmin = ", "isAdmin"],
		["this.isAdmin = ", "isAdmin"],
		["event({ auth: ", undefined],
		["export default ", undefined],
		["const inTeam = (team: string) => ", undefined],
		["function inTeam() { return ", undefined],
		["const rule = open ? always : ", undefined],
		["const same = isAdmin === ", undefined],
		["const isAdmin = named(", undefined],
		["const isAdmin = cache ?? ", undefined],
		["allOf(isStaff, ", undefined],
		["", undefined],
	])("after %j it is %j", (before, name) => {
		expect(assignedName(before)).toBe(name);
	});
});

describe("sources", () => {
	it("name a check by its own name, else by what it is assigned to where it stands", () => {
		const site = siteOf(
			"authz.ts",
			["import x;", "export const isAdmin = auth.check(() => true);"],
			2,
			29,
		);
		const sources = new Sources();
		expect(sources.nameOf({ site })).toBe("isAdmin");
		expect(sources.nameOf({ name: "isBoss", site })).toBe("isBoss");
		expect(sources.nameOf({ name: "isBoss" })).toBe("isBoss");
		expect(sources.nameOf({})).toBeUndefined();
	});

	it("know nothing of what cannot be read", () => {
		const sources = new Sources();
		expect(sources.nameOf({ site: "file:///no/such/file.ts:1:1" })).toBeUndefined();
		expect(sources.nameOf({ site: "node:internal/modules:1:1" })).toBeUndefined();
		expect(sources.nameOf({ site: siteOf("short.ts", ["const a = 1;"], 9, 99) })).toBeUndefined();
		expect(sources.nameOf({ site: "garbage" })).toBeUndefined();
	});

	it("find the line of a pattern from the call of the gate on", () => {
		const lines = [
			'link("/admin/*");',
			"const gate = auth.gate({",
			"\tpages: {",
			"\t\t'/admin/*': {},",
			"\t},",
			"});",
		];
		const place = Sources.placeOf(siteOf("app.ts", lines, 2, 18));
		if (!place) throw new Error("There is no place");
		const sources = new Sources();
		expect(sources.findQuoted(place, "/admin/*")).toEqual({ ...place, line: 4 });
		expect(sources.findQuoted(place, "/other")).toEqual(place);
		expect(sources.findQuoted({ ...place, file: join(folder, "none.ts") }, "/admin/*").line).toBe(
			2,
		);
	});
});

it.each([
	["file:///app/a%20b.ts:12:3", { file: "/app/a b.ts", line: 12, column: 3 }],
	["file:///app/a.ts?v=1:12:3", { file: "/app/a.ts", line: 12, column: 3 }],
	["/app/a.js:12:3", { file: "/app/a.js", line: 12, column: 3 }],
	["file:///app/a%zz.ts:1:2", { file: "file:///app/a%zz.ts", line: 1, column: 2 }],
	["app", undefined],
	[undefined, undefined],
])("the place of %s", (site, place) => {
	expect(Sources.placeOf(site)).toEqual(place);
});

it("paths are shown relative to a folder", () => {
	expect(shownPath("/app/server/authz.ts", "/app")).toBe("server/authz.ts");
	expect(shownPath("/lib/authz.ts", "/app")).toBe("../lib/authz.ts");
});

/** Writes a file and returns the address of a place in it. */
function siteOf(name: string, lines: readonly string[], line: number, column: number): string {
	const file = join(folder, name);
	writeFileSync(file, lines.join("\n"));
	return `${pathToFileURL(file).href}:${line}:${column}`;
}
