import { describe, expect, it } from "vitest";
import { noteCheck, noteRecipe, originOfCheck } from "./check-names.ts";

const SITE = "file:///app/server/authz.ts:3:24";
const nameless = () =>
	(
		() => () =>
			true
	)();

describe("the origin of a check", () => {
	it("is the name that it was given, before the one of the function", () => {
		expect(originOfCheck(noteCheck(nameless(), "isAdmin", SITE))).toEqual({
			name: "isAdmin",
			site: SITE,
		});
		const isStaff = () => true;
		expect(originOfCheck(noteCheck(isStaff, undefined, SITE))).toEqual({
			name: "isStaff",
			site: SITE,
		});
		expect(originOfCheck(noteCheck(isStaff, "isEmployee", SITE))).toEqual({
			name: "isEmployee",
			site: SITE,
		});
	});

	it("has no name where a function has none but that of its place", () => {
		expect(originOfCheck(noteCheck(nameless(), undefined, SITE))).toEqual({ site: SITE });
		expect(originOfCheck({ auth: () => true }.auth)).toEqual({});
		expect(originOfCheck(nameless())).toEqual({});
	});

	it("stays what it is when a check is noted again without a name", () => {
		const made = { by: "inGroup", of: ['"admins"'] };
		const check = noteRecipe(nameless(), made, SITE);
		noteCheck(check, undefined, "file:///app/other.ts:1:1");
		expect(originOfCheck(check)).toEqual({ made, site: SITE });
		noteCheck(check, "isAdmin", "file:///app/other.ts:1:1");
		expect(originOfCheck(check)).toEqual({
			name: "isAdmin",
			made,
			site: "file:///app/other.ts:1:1",
		});
	});
});

it.each([undefined, null, true, "isAdmin", {}])("%j is no check", (value) => {
	expect(() => noteCheck(value as never, "isAdmin", SITE)).toThrow(TypeError);
});
