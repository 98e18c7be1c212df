import { describe, expect, it } from "vitest";
import type { PageAuthContext, Rule } from "./context.ts";
import { isPlainPath, possibleReadings, rawPath } from "./path.ts";
import { compilePathRules, type PathRules, patternProblem, withPage } from "./path-rules.ts";

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
		"/x%2fy/../%61dmin",
		"/x%252fy/../%61dmin",
		"/x%2fy/..;/%61dmin",
		"//x%2fy/%61dmin",
		"/p\\q/../x\\..\\admin",
		"/x%2fy/../x%5cy/..%2f..%2f%2561dmin",
	])("reads %s as /admin", (spelling) => {
		expect(possibleReadings(spelling)).toContain("/admin");
	});

	it("reads one letter that stands for several in capitals as those, in either case", () => {
		expect(possibleReadings("/℡")).toContain("/tel");
		expect(possibleReadings("/%E2%84%A1/x")).toContain("/tel/x");
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

	it.each([
		["/λόγοσ", "/λόγος"],
		["/%CE%BB%CF%8C%CE%B3%CE%BF%CF%83/x", "/ΛΌΓΟΣ/*"],
		["/ΛΌΓΟΣ.data", "/λόγος"],
		["/ᲀ", "/в"],
		["/x/\u{1fbe}", "/x/\u{345}"],
	])(
		"reads %s as a spelling of %s, as a regular expression without regard to case does",
		(spelling, pattern) => {
			const rulesOf = compilePathRules({ [pattern]: isAdmin }, [], false);
			expect(rulesOf(spelling).rules).toContain(isAdmin);
		},
	);

	it("takes no more than a moment for the longest path that is looked at, whatever is in it", () => {
		for (const piece of [
			"%25",
			"%2525",
			".",
			"../",
			";",
			" ",
			"%2e%2f",
			"a;",
			"\\",
			"/.",
			"//",
			"%5c;.",
			"\ufdfa",
		]) {
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
	it.each(["/", "/a", "/a/", "/a/b.js", "/caf%C3%A9", "/a%20b", "/a:b@c", "/~x/-_.", "/..a"])(
		"accepts %s",
		(path) => {
			expect(isPlainPath(path)).toBe(true);
		},
	);

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
			expect([
				path,
				rules(path).rules.includes(true) || rules(path).rules.includes(isAdmin),
			]).toEqual([path, true]);
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
		expect(rules("/assets/../elsewhere")).toMatchObject({ isAsset: false });
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
	for (const pattern of [
		"admin",
		"/a?b",
		"/a#b",
		"/a*",
		"/*/b",
		"/a/*/b",
		"/a//b",
		"/a/../b",
		"/a;b",
		"/%61",
	])
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

describe("the work that a path takes", () => {
	/**
	 * Steps that one path takes with so many patterns, which all begin alike and differ where it
	 * hurts.
	 */
	function steps(path: string, patterns: number): number {
		const work = { steps: 0 };
		const pages: Record<string, Rule<PageAuthContext>> = { "/*": true };
		for (let i = 0; i < patterns; i++) pages[`/a/:x/section${i}/*`] = i % 2 === 0;
		const rules = compilePathRules(pages, ["/assets/*"], true, work);
		rules(path);
		return work.steps;
	}

	/** What makes for many readings, over and over. */
	const PIECES = [
		"a",
		"/a",
		"A;b/..\\//./c./",
		"A;b%2f..%5c//./c./%3fx",
		"%25252541;b%2525252f..%5c//./c.%20/",
		"%2525252525",
		"/a/__data.json",
		"/x.data",
		"/..",
		"//",
		";",
		".",
		"%ef%b7%ba",
		"\ufdfa",
		"%c0%ae%c0%af",
		"/a/a/section1",
		"%09",
	];
	const ofLength = (piece: string, length: number) => `/${piece.repeat(length)}`.slice(0, length);

	it.each(PIECES)("is nothing for 8 kB of %j, and bounded for what is looked at", (piece) => {
		expect(steps(ofLength(piece, 8192), 1000)).toBe(0);
		// Up to 64 readings of 1 kB, or some eight of 2 kB that grow to twice that.
		for (const length of [1024, 2048])
			expect(steps(ofLength(piece, length), 1000)).toBeLessThan(64 * 8 * 1024);
	});

	it.each(PIECES)("does not grow with the patterns for %j", (piece) => {
		for (const length of [200, 1024, 2048]) {
			const path = ofLength(piece, length);
			expect(steps(path, 1000)).toBe(steps(path, 10));
		}
	});

	it("grows no faster than a plain path does", () => {
		for (const piece of ["a", "/a", "%C3%A9", "a.b/"]) {
			const [short, long] = [steps(ofLength(piece, 500), 100), steps(ofLength(piece, 2000), 100)];
			expect([piece, long < 5 * short]).toEqual([piece, true]);
		}
	});

	it("grows with the patterns that do match, and no faster than they do", () => {
		const work = { steps: 0 };
		const pages: Record<string, Rule<PageAuthContext>> = {};
		// Each choice of literals and parameters is a pattern of its own, and none of them is the path.
		for (let i = 0; i < 256; i++) {
			const segments = [...i.toString(2).padStart(8, "0")].map((bit) => (bit === "0" ? "a" : ":x"));
			pages[`/${segments.join("/")}/end`] = false;
		}
		compilePathRules(pages, [], true, work)(`${"/a".repeat(8)}/other`);
		expect(work.steps).toBeLessThan(256 * 9 + 1000);
	});
});

it("lets nobody have a long path that is not plain, not even where everything is open", async () => {
	const rules = compilePathRules({ "/open/*": false }, [], false);
	const odd = `/open//${"a".repeat(1017)}`;
	expect(rules(odd).rules).toEqual([false]);
	await expectNobodys(rules(`${odd}a`));
});

it("lets nobody have a path that reads in more ways than anybody means", async () => {
	const rules = compilePathRules({ "/open/*": false }, [], false);
	const paths = [
		// Encoded nine times.
		`/open/%${"25".repeat(9)}41`,
		"/a%25252541;b%2525252f..%5c//./c.%20/%3f%09x;/",
		"/A;b%2f..%5c//./c./%3fx",
		"/a;b%2525252fc//./d./%2525253fx",
	];
	for (const path of paths) await expectNobodys(rules(path));
});

it("lets nobody have a long path of many readings", async () => {
	const rules = compilePathRules({}, [], false);
	const odd = "/b;c/../d%2fe./%3bf//%41";
	expect(rules(odd).rules).toEqual([false]);
	await expectNobodys(rules(`${"/a".repeat(480)}${odd}`));
});

/** Only a check says no to everybody: `false` as a rule opens. */
async function expectNobodys({ rules, isDefault, isAsset }: PathRules): Promise<void> {
	expect({ rules, isDefault, isAsset }).toEqual({
		rules: [expect.any(Function)],
		isDefault: false,
		isAsset: false,
	});
	expect(await (rules[0] as unknown as () => unknown)()).toBe(false);
}

it("takes patterns that differ in nothing but case, or in the names of parameters, for one in odd spellings: all of them count", () => {
	const rules = compilePathRules(
		{ "/Reports": false, "/reports": isAdmin, "/:a/x": false, "/:b/x": isOwner },
		[],
		false,
	);
	expect(rules("/REPORTS").rules).toEqual([false, isAdmin]);
	expect(rules("/reports").rules).toEqual([isAdmin, false]);
	expect(rules("/1/X").rules).toEqual([false, isOwner]);
});

it("does not take an encoded colon for a parameter", () => {
	const rules = compilePathRules({ "/x/%3Aid": false, "/x/*": isAdmin }, [], false);
	expect(rules("/X/1").rules).toContain(isAdmin);
});

describe("addresses of a page's data", () => {
	const rules = compilePathRules(
		{
			"/": isOwner,
			"/reports": isAdmin,
			"/reports/deep/page": isAdmin,
			"/open": false,
			"/:file": false,
			"/_next/*": false,
			"/index": true,
		},
		["/_app/*"],
		true,
	);

	it.each([
		"/reports/__data.json",
		"/reports/__route.js",
		"/reports.html__data.json",
		"/reports.data",
		"/reports/.data",
		"/reports/_.data",
		"/reports.rsc",
		"/reports/_.rsc",
		"/reports.prefetch.rsc",
		"/reports.action",
		"/reports.segments/_tree.segment.rsc",
		"/reports.segments/$d$id/__PAGE__.segment.rsc",
		"/reports/__next._tree.txt",
		"/reports.txt",
		"/reports.html",
		"/reports/index.html",
		"/reports.htm",
		"/reports/index.htm",
		"/reports.html.br",
		"/reports/__data.json.gz",
		"/reports.zst",
		"/_next/data/some-Build_1/reports.json",
		"/_next/data/b/index/reports.json",
		"/base/../_next/data/b/reports.json",
		"/reports/_payload.json",
		"/reports/_payload.js",
		"/reports/_payload-json",
		"/reports/q-data.json",
		"/reports/index.pageContext.json",
		"/reports.pageContext.json",
		"/page-data/reports/page-data.json",
		"/RSC/R/reports.txt",
		"/RSC/reports.txt",
		"/RSC/_/reports.txt",
		"/reports/deep/page.data",
		"/reports/deep/page/__data.json",
		"/page-data/reports/deep/page/page-data.json",
		// In other spellings.
		"/REPORTS.data",
		"/reports%2Edata",
		"/reports/%5F%5Fdata.json",
		"//reports/__data.json",
		"/x/..%2freports.data",
		"/x/../reports/__data.json",
		"/reports;x.data",
		"/reports.data;x=1",
		"/reports/x/...data",
	])("keeps %s to those who may see the page", (path) => {
		expect(rules(path).rules).toContain(isAdmin);
		expect(rules(path).isAsset).toBe(false);
	});

	it.each([
		"/__data.json",
		"/__route.js",
		"/_root.data",
		"/_.data",
		"/_root.rsc",
		"/index.rsc",
		"/index.html",
		"/index.txt",
		"/_next/data/b/index.json",
		"/_next/data/b/index/x.json",
		"/_payload.json",
		"/q-data.json",
		"/index.pageContext.json",
		"/page-data/index/page-data.json",
		"/RSC/R/_root.txt",
		"/index.segments/_tree.segment.rsc",
	])("takes %s for the start page's data", (path) => {
		expect(rules(path).rules).toContain(isOwner);
	});

	it("does not open what the address itself does not open", () => {
		expect(rules("/a/b/__data.json").rules).toEqual([true]);
		expect(rules("/open/__data.json").rules).toEqual([true, false]);
	});

	it("counts the default of a page that has no rule, where a wider pattern names the address", () => {
		const narrow = compilePathRules({ "/:file": false, "/public/*": false }, ["/_app/*"], true);
		expect(narrow("/_root.data").rules).toEqual([false, true]);
		// What the same pattern opens.
		expect(narrow("/x.data").rules).toEqual([false]);
		expect(narrow("/public/x/__data.json").rules).toEqual([false]);
		expect(narrow("/_app/immutable/x.html")).toMatchObject({ rules: [false], isAsset: true });
	});

	it("leaves an address to the pattern that names it, unless the page has a rule of its own", () => {
		const named = compilePathRules(
			{ "/*": isAdmin, "/export.data": false, "/reports": isOwner, "/reports.data": false },
			["/robots.txt"],
			true,
		);
		expect(named("/export.data").rules).toEqual([false]);
		expect(named("/robots.txt")).toMatchObject({ rules: [false], isAsset: true });
		expect(named("/reports.data").rules).toEqual([false, isOwner]);
		const bare = compilePathRules({ "/export.data": false }, ["/robots.txt"], true);
		expect(bare("/export.data").rules).toEqual([false]);
		expect(bare("/robots.txt").isAsset).toBe(true);
	});
});

describe("what stands before a dot", () => {
	const rules = compilePathRules(
		{
			"/": true,
			"/admin": isAdmin,
			"/app": isOwner,
			"/open/*": false,
			"/open/inner": isAdmin,
			"/.well-known/*": false,
		},
		["/app.js", "/static/*", "/v1.2/*"],
		true,
	);

	it.each([
		"/admin.json",
		"/admin.x/y",
		"/admin.a.b.c",
		"/ADMIN.json",
		"/%61dmin.x",
		"/admin%2ex",
		"/admin.",
		"/admin..",
		"/open/inner.css",
		"/open/inner.x/y",
		"/x/../admin.json",
	])("is a mount that may be handed %s", (path) => {
		expect(rules(path).rules).toContain(isAdmin);
	});

	it("says nothing where it has no rule, or where a pattern names the whole", () => {
		expect(rules("/app.js")).toMatchObject({ rules: [false], isAsset: true });
		expect(rules("/app.css").rules).toContain(isOwner);
		for (const path of ["/static/a.b.js", "/v1.2/x"])
			expect(rules(path)).toMatchObject({ rules: [false], isAsset: true });
		expect(rules("/open/x.y").rules).toEqual([false]);
		expect(rules("/.well-known/x").rules).toEqual([false]);
	});
});

describe("a rule for a file", () => {
	const rules = compilePathRules(
		{
			"/docs/*": isOwner,
			"/docs/plans.html": isAdmin,
			"/docs/team/index.html": isAdmin,
			"/docs/list.json": isAdmin,
			"/docs/old.tar.gz": isAdmin,
			"/:tenant/bill.htm": isAdmin,
			"/docs/v1.2": isAdmin,
			"/docs/.env": isAdmin,
			"/named": isOwner,
			"/named.html": isAdmin,
			"/": isOwner,
			"/index.html": isAdmin,
			"/free": true,
			"/free.html": false,
		},
		["/assets/*"],
		true,
	);

	it.each([
		"/docs/plans",
		"/docs/plans/",
		"/docs/Plans",
		"/docs/pl%61ns",
		"/docs/x/../plans",
		"/docs/team",
		"/docs/team/",
		"/docs/team/index",
		"/docs/list",
		"/docs/old.tar",
		"/docs/old",
		"/acme/bill",
		"/assets/bill",
		"/index",
	])("counts at %s, where file servers bring it too", (path) => {
		expect(rules(path).rules).toContain(isAdmin);
		expect(rules(path).isAsset).toBe(false);
	});

	it("counts besides what a pattern around it says", () => {
		expect(rules("/docs/plans").rules).toEqual([isOwner, isAdmin]);
		expect(rules("/docs/pl%61ns").rules).toEqual([true, isOwner, isAdmin]);
	});

	it("says nothing of an address that a pattern names, of another name, or where it opens the file", () => {
		expect(rules("/named").rules).toEqual([isOwner]);
		expect(rules("/").rules).toEqual([isOwner]);
		expect(rules("/free").rules).toEqual([true]);
		expect(rules("/docs/plan").rules).toEqual([isOwner]);
		expect(rules("/docs/v1").rules).toEqual([isOwner]);
		expect(rules("/docs").rules).toEqual([isOwner]);
		expect(compilePathRules({ "/free.html": false }, [], true)("/free")).toMatchObject({
			isDefault: true,
		});
	});
});

describe("remote functions of SvelteKit", () => {
	it("are no assets where the folder is that they are served in", () => {
		for (const base of ["", "/base"]) {
			const rules = compilePathRules(
				{ [`${base}/_app/remote/x/open`]: false },
				[`${base}/_app/*`],
				true,
			);
			expect(rules(`${base}/_app/immutable/entry/app.1a2b.js`)).toMatchObject({
				rules: [false],
				isAsset: true,
			});
			expect(rules(`${base}/_app/version.json`)).toMatchObject({ rules: [false], isAsset: true });
			for (const path of [
				"/_app/remote/x/read",
				"/_app/remote",
				"/_APP/Remote/x/read",
				"/_app/x/../remote/x/read",
			]) {
				const found = rules(base + path);
				expect([path, found.rules.includes(true), found.isAsset]).toEqual([path, true, false]);
			}
			expect(rules(`${base}/_app/remote/x/open`)).toMatchObject({ rules: [false], isAsset: false });
		}
	});

	it("obey a pattern that names them", () => {
		const open = compilePathRules({ "/_app/remote/*": false }, ["/_app/*"], true);
		expect(open("/_app/remote/x/read")).toMatchObject({ rules: [false], isAsset: false });
		const checked = compilePathRules({ "/_app/remote/*": isAdmin }, ["/_app/*"], true);
		expect(checked("/_app/remote/x/read").rules).toEqual([isAdmin]);
		const files = compilePathRules({}, ["/_app/*", "/_app/remote/*"], true);
		expect(files("/_app/remote/x/read").isAsset).toBe(true);
	});
});

describe("the page that a host names", () => {
	const rules = compilePathRules(
		{ "/open": false, "/reports": isAdmin, "/api/*": isOwner },
		["/_app/*"],
		true,
	);
	const both = (address: string, page: string) => withPage(rules(address), rules(page));

	it("decides alone about an address that no pattern names", () => {
		expect(both("/data/1", "/open").rules).toEqual([false]);
		expect(both("/data/1", "/reports").rules).toEqual([isAdmin]);
		expect(both("/data/1", "/unnamed")).toMatchObject({ rules: [true], isDefault: true });
	});

	it("decides beside the patterns that name the address, in whatever spelling", () => {
		expect(both("/api/x", "/open").rules).toEqual([false, isOwner]);
		expect(both("/API/x", "/open").rules).toEqual([false, isOwner]);
		expect(both("/reports/__data.json", "/open").rules).toEqual([false, isAdmin]);
		expect(both("/open/__data.json", "/reports").rules).toEqual([isAdmin, false]);
		expect(both("/api/x", "/unnamed").isDefault).toBe(false);
	});

	it("opens the data of an open page", () => {
		expect(both("/open/__data.json", "/open").rules).toEqual([false]);
		expect(both("/open.data", "/Open").rules).toEqual([true, false]);
	});

	it("makes no asset of a page, nor of an address", () => {
		expect(both("/_app/x", "/reports").isAsset).toBe(false);
		expect(both("/open/__data.json", "/_app/x").isAsset).toBe(false);
		expect(both("/_app/x", "/_app/x").isAsset).toBe(true);
	});

	it("opens nothing by a path that is too long, or none", async () => {
		const [, last] = both(`/${"a".repeat(3000)}`, "/open").rules;
		expect(last).toEqual(expect.any(Function));
		expect(await (last as unknown as () => unknown)()).toBe(false);
		expect(both("/data/1", "open").rules).toContain(true);
		expect(both("/data/1", "").rules).toContain(true);
	});
});
