import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_RETURN_TARGET, safeReturnTarget } from "./return-target.ts";

const ORIGIN = "https://app.example";

it.each([
	["/", "/"],
	["/notes", "/notes"],
	["/notes?a=1&b=%2F#top", "/notes?a=1&b=%2F#top"],
	["/a/../b", "/b"],
	["/caf\u00e9", "/caf%C3%A9"],
	["https://app.example/notes", "/notes"],
	["https://app.example", "/"],
	["/notes?next=https://evil.example", "/notes?next=https://evil.example"],
	["/a:b", "/a:b"],
])("keeps %s", (target, expected) => {
	expect(safeReturnTarget(target, ORIGIN)).toBe(expected);
});

it.each([
	"//evil.example",
	"///evil.example",
	"/\\evil.example",
	"\\\\evil.example",
	"/%5cevil.example",
	"/%5Cevil.example",
	"/%2f%2fevil.example",
	"/%2Fevil.example",
	"/%252fevil.example",
	"/.//evil.example",
	"/..//evil.example",
	"/x/..//evil.example",
	"/\tevil.example",
	"/\t/evil.example",
	"/\n/evil.example",
	"/%09/evil.example",
	"/%0a/evil.example",
	"/%0d%0aSet-Cookie:x",
	" //evil.example",
	" /notes",
	"/notes ",
	"\u00a0/notes",
	"/notes\u3000",
	"//evil.example/notes",
	"//app.example:444/notes",
	"//user@app.example/notes",
	`/${"\u00e9".repeat(400)}`,
	"https://evil.example",
	"https:evil.example",
	"https:/evil.example",
	"https://app.example.evil.example/",
	"https://app.example@evil.example/",
	"https://user:pass@app.example/",
	"https://app.example:444/",
	"http://app.example/",
	"HTTPS://EVIL.EXAMPLE",
	"javascript:alert(1)",
	"JaVaScRiPt:alert(1)",
	"data:text/html,x",
	"vbscript:x",
	"blob:https://app.example/x",
	"notes",
	"./notes",
	"?x",
	"#x",
	"",
	"https://",
	"http://[",
	"/\u2028x",
	"/\0",
	`/${"a".repeat(MAX_RETURN_TARGET)}`,
	"/%",
	"/%ff",
])("refuses %j", (target) => {
	expect(safeReturnTarget(target, ORIGIN)).toBe("/");
});

it("never leads off the origin, however the target is made up", () => {
	const piece = fc.constantFrom(
		"/",
		"\\",
		"//",
		"%2f",
		"%5c",
		"%09",
		"\t",
		"@",
		":",
		"evil.example",
		"https:",
		"javascript:",
		".",
		"..",
		"?",
		"#",
		"%",
		"%25",
		"\u0000",
		"\ud800",
		" ",
		"app.example",
		"[",
		"]",
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 12 }), fc.string(), (pieces, tail) => {
			const safe = safeReturnTarget(pieces.join("") + tail, ORIGIN);
			expect(safe.startsWith("/")).toBe(true);
			expect(safe).not.toMatch(/^\/[/\\]|[\\\p{Cc}]/u);
			for (const base of [`${ORIGIN}/`, `${ORIGIN}/login?x`])
				expect(new URL(safe, base).origin).toBe(ORIGIN);
		}),
		{ numRuns: 2000 },
	);
});
