import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeHref, safePath } from "./href.ts";

const origin = "https://app.example";

/** Each leads away from the origin, or runs script, in some parser. */
const hostile = [
	"//evil.example",
	"///evil.example",
	"////evil.example/%2e%2e",
	"/\\evil.example",
	"\\\\evil.example",
	"/\t/evil.example",
	"/\n/evil.example",
	"/\r/evil.example",
	"/\u0000/evil.example",
	"\t//evil.example",
	" //evil.example",
	"/.//evil.example",
	"/..//evil.example",
	"/./..//evil.example",
	"/%2e//evil.example",
	"/%2E%2e//evil.example",
	"/a/..//evil.example",
	"javascript:alert(1)",
	"JaVaScRiPt:alert(1)",
	"java\tscript:alert(1)",
	"\u0001javascript:alert(1)",
	"javascript://app.example/%0aalert(1)",
	"data:text/html,<script>alert(1)</script>",
	"vbscript:msgbox(1)",
	"blob:https://app.example/0",
	"file:///etc/passwd",
	"ftp://evil.example/",
	"https:evil.example",
	"https:/evil.example",
	"https:\\\\evil.example",
	"https://good.example@evil.example/",
	"https://user:password@evil.example/",
	"https://",
	"https://[",
	"http://a b/",
	"evil.example",
	"?next=//evil.example",
	"#",
	"",
];

describe("safePath", () => {
	it.each([...hostile, "https://evil.example/", "http://app.example/"])(
		"turns %j into /",
		(path) => {
			expect(safePath(path)).toBe("/");
		},
	);

	it.each([
		["/", "/"],
		["/notes?a=1&b=2#c", "/notes?a=1&b=2#c"],
		["/a/../b/./c", "/b/c"],
		["/a//b", "/a//b"],
		["/a?next=//evil.example", "/a?next=//evil.example"],
		["/a;v=1,2?ids=1,2;3", "/a;v=1,2?ids=1,2;3"],
		["/größe ok?q=ä", "/gr%C3%B6%C3%9Fe%20ok?q=%C3%A4"],
		["/a'b?c='#d='", "/a%27b?c=%27#d=%27"],
		['/a"b<c>', "/a%22b%3Cc%3E"],
		["/%2F%2Fevil.example", "/%2F%2Fevil.example"],
		["/@evil.example", "/@evil.example"],
		["/:80/", "/:80/"],
	])("keeps %j as %j", (path, expected) => {
		expect(safePath(path)).toBe(expected);
	});

	it("never leaves the origin, never holds a quote or a space, and changes nothing the second time", () => {
		const piece = fc.constantFrom(
			"/",
			"\\",
			".",
			"..",
			"%2e",
			"@",
			":",
			"//",
			"\t",
			"'",
			'"',
			";",
			"?",
			"#",
			"evil.example",
		);
		const path = fc.oneof(
			fc.array(piece).map((pieces) => `/${pieces.join("")}`),
			fc.string({ unit: "binary" }).map((text) => `/${text}`),
			fc.webUrl({ withFragments: true, withQueryParameters: true }),
		);
		fc.assert(
			fc.property(path, (input) => {
				const result = safePath(input);
				expect(new URL(result, origin).origin).toBe(origin);
				expect(result).not.toMatch(/["'<>\s\\]/);
				expect(safePath(result)).toBe(result);
			}),
			{ numRuns: 2000 },
		);
	});
});

describe("safeHref", () => {
	it.each(hostile)("turns %j into /", (href) => {
		expect(safeHref(href)).toBe("/");
	});

	it.each([
		["https://idp.example/logout?a='b'&c=d", "https://idp.example/logout?a=%27b%27&c=d"],
		["HTTPS://IdP.example", "https://idp.example/"],
		["http://localhost:8080/end", "http://localhost:8080/end"],
		["/notes", "/notes"],
	])("keeps %j as %j", (href, expected) => {
		expect(safeHref(href)).toBe(expected);
	});
});
