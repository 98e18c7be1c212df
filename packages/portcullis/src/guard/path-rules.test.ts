import { describe, expect, it } from "vitest";
import type { PageAuthContext, Rule } from "./context.ts";
import { isPlainPath, possibleReadings, rawPath } from "./path.ts";
import { compilePathRules, patternProblem } from "./path-rules.ts";

const isAdmin: Rule<PageAuthContext> = () => true;
const isOwner: Rule<PageAuthContext> = () => true;

describe("possibleReadings", () => {
	it.each([
		"/Admin",
		"/ADMIN/",
		"//admin",
		"//x/admin",
		"/\\x/admin",
		"///x/admin/",
		"//x@y:1;z/./admin",
		"/./admin",
		"/x/../admin",
		"/x/%2e%2e/admin",
		"/%61dmin",
		"/%2561dmin",
		"/%252561dmin",
		"/admin;x=1",
		"/admin;/",
		"/;/admin",
		"/admin.",
		"/admin%20",
		"/admin%00.html",
		"/admin%3fx",
		"/admin%23x",
		"/admin#x",
		"\\admin",
		"/x%5c..%5cadmin",
		"/x/..;/admin",
		"/%2fadmin",
		"/x%2f..%2fadmin",
		"/ａｄｍｉｎ",
		"/%EF%BD%81dmin",
		"/admin/%2e",
	])("reads %s as /admin", (spelling) => {
		expect(possibleReadings(spelling)).toContain("/admin");
	});

	it.each([
		"/admin/..;/x",
		"/admin/../x",
		"/admin/..%2f..%2fx",
		"/admin/%2e%2e/x",
		"/admin/x/../../y",
		"/admin;/../x",
		"/admin/;x=../y",
	])("reads %s as something below /admin as well", (spelling) => {
		expect(possibleReadings(spelling).some((reading) => reading.startsWith("/admin/"))).toBe(true);
	});

	it("takes no more than a moment for the longest path that is looked at, whatever is in it", () => {
		for (const piece of ["%25", "%2525", ".", "../", ";", " ", "%2e%2f", "a;", "\\", "/.", "//", "%5c;.", "\ufdfa"]) {
			const path = `/${piece.repeat(2047 / piece.length)}x`;
			possibleReadings(path);
			const start = performance.now();
			possibleReadings(path);
			// Work that grew with the square of the length would take seconds.
			expect([piece, performance.now() - start < 100]).toEqual([piece, true]);
		}
	});
});

describe("isPlainPath", () => {
	it.each(["/", "/a", "/a/", "/a/b.js", "/caf%C3%A9", "/a%20b", "/a:b@c", "/~x/-_.", "/..a"])("accepts %s", (path) => {
		expect(isPlainPath(path)).toBe(true);
	});

	it.each([
		"",
		"a",
		"//",
		"/a//b",
		"/./a",
		"/a/..",
		"/a;b",
		"/a\\b",
		"/%61",
		"/%2f",
		"/%2F",
		"/%5c",
		"/%3b",
		"/%25",
		"/%00",
		"/%",
		"/%zz",
		"/%C3",
		"/a b",
		"/a#b",
		"/a\tb",
		"/%2e%2e",
		"/%3f",
	])("refuses %s", (path) => {
		expect(isPlainPath(path)).toBe(false);
	});
});

it("takes the path out of a URL just as it stands there", () => {
	expect(rawPath("http://h:1/a%2Fb//c?d=/e#f")).toBe("/a%2Fb//c");
	expect(rawPath("http://h")).toBe("/");
	expect(rawPath("http://h/a#b?c")).toBe("/a#b");
});

describe("rules by path", () => {
	const rules = compilePathRules(
		{
			"/": false,
			"/public/*": false,
			"/public/internal": isAdmin,
			"/admin/*": isAdmin,
			"/users/:id": isOwner,
			"/users/me": true,
			"/Mixed/*": isAdmin,
		},
		["/assets/*", "/favicon.ico"],
		true,
	);

	it("lets the most specific pattern win", () => {
		expect(rules("/users/me").rules).toEqual([true]);
		expect(rules("/users/7").rules).toEqual([isOwner]);
		expect(rules("/public/internal").rules).toEqual([isAdmin]);
		expect(rules("/public/a/b").rules).toEqual([false]);
		expect(rules("/users/7/posts").rules).toEqual([true]);
	});

	it("covers the path above a star as well", () => {
		expect(rules("/admin").rules).toEqual([isAdmin]);
		expect(rules("/public").rules).toEqual([false]);
	});

	it("opens plain spellings only", () => {
		for (const path of [
			"//public/x",
			"/public//x",
			"/public/./x",
			"/public/a;b",
			"/public/%2e%2e/admin",
			"/public/%61",
			"/public/..;/x",
			"/public/x\\y",
		]) {
			expect([path, rules(path).rules.includes(true) || rules(path).rules.includes(isAdmin)]).toEqual([path, true]);
		}
	});

	it("shuts every reading of what a pattern shuts", () => {
		for (const path of [
			"/Admin",
			"/admin/",
			"/%61dmin/x",
			"//admin",
			"/public/..%2fadmin/x",
			"/public/../admin",
			"/mixed/x",
			"/PUBLIC/Internal",
		]) {
			expect([path, rules(path).rules.includes(isAdmin)]).toEqual([path, true]);
		}
	});

	it("shuts what a host could serve from below a shut path, wherever the dots seem to lead", () => {
		for (const path of [
			"/admin/..;/",
			"/admin/../",
			"/admin/../public/x",
			"/admin/%2e%2e/public/x",
			"/admin/..%2fpublic/x",
			"/admin//..//x",
		]) {
			expect([path, rules(path).rules.includes(isAdmin)]).toEqual([path, true]);
		}
	});

	it("lets nobody have a path beyond all measure", async () => {
		const [rule] = rules(`/public/${"a".repeat(2048)}`).rules;
		expect(typeof rule === "function" && (await rule({} as never))).toBe(false);
	});

	it("knows assets, in their plain spelling", () => {
		expect(rules("/assets/App-x1.js")).toMatchObject({ isAsset: true, rules: [false] });
		expect(rules("/assets/../admin")).toMatchObject({ isAsset: false });
		expect(rules("/assets/%2e%2e%2fadmin").rules).toContain(isAdmin);
	});

	it("says when only the default speaks", () => {
		expect(rules("/elsewhere")).toMatchObject({ isDefault: true, rules: [true] });
		expect(rules("/ADMIN").isDefault).toBe(false);
	});

	it("takes no query into account", () => {
		expect(rules(rawPath("http://h/private?x=/public/status")).rules).toEqual([true]);
	});
});

it("refuses patterns that could be read in two ways", () => {
	for (const pattern of ["admin", "/a?b", "/a#b", "/a*", "/*/b", "/a/*/b", "/a//b", "/a/../b", "/a;b", "/%61"])
		expect([pattern, patternProblem(pattern)]).not.toEqual([pattern, undefined]);
	for (const pattern of ["/", "/*", "/a", "/a/*", "/a/:b/*", "/caf%C3%A9"])
		expect([pattern, patternProblem(pattern)]).toEqual([pattern, undefined]);
});

it("lets nobody have a path that is too long to look at, not even where everything is open", () => {
	const rules = compilePathRules({ "/open/*": false }, ["/assets/*"], false);
	for (const folder of ["open", "assets", "other"]) {
		const longest = `/${folder}/`.padEnd(2048, "a");
		expect(rules(longest).rules).toEqual([false]);
		const found = rules(`${longest}a`);
		expect([found.isAsset, found.isDefault, found.rules.length]).toEqual([false, false, 1]);
		expect((found.rules[0] as unknown as () => unknown)()).toBe(false);
	}
});
