import { describe, expect, it } from "vitest";
import { ownPath } from "./own-path.ts";

const HERE = "https://app.example/notes/7?a=1#top";

describe("an address leads within the app", () => {
	it.each([
		["/", "/"],
		["/notes?b=2#end", "/notes?b=2#end"],
		["https://app.example/notes", "/notes"],
		["HTTPS://APP.EXAMPLE:443/notes", "/notes"],
		["other", "/notes/other"],
		["https:other", "/notes/other"],
		["?c", "/notes/7?c"],
		["", "/notes/7?a=1"],
		["/a//b", "/a//b"],
		["/%2F/evil.example", "/%2F/evil.example"],
	])("%j as %j", (address, path) => {
		expect(ownPath(address, HERE)).toBe(path);
	});
});

describe("an address that leads elsewhere, or is script, is none", () => {
	it.each([
		"javascript:alert(1)",
		"JavaScript:alert(1)",
		" \tjavascript:alert(1)",
		"java\nscript:alert(1)",
		"\u0000javascript:alert(1)",
		"javascript://app.example/%0Aalert(1)",
		"data:text/html,<script>alert(1)</script>",
		"vbscript:x",
		"blob:https://app.example/6f4a",
		"filesystem:https://app.example/temporary/x",
		"view-source:https://app.example/",
		"about:blank",
		"//evil.example",
		"///evil.example",
		"/\\evil.example",
		"\\\\evil.example",
		"/\t/evil.example",
		"/\n\\evil.example",
		"http:evil.example",
		"https:\\\\evil.example",
		"https://app.example.evil.example/",
		"https://app.example@evil.example/",
		"https://app.example:8443/",
		"http://app.example/",
		"ftp://app.example/",
		"/.//evil.example",
		"/x/..//evil.example",
		"/./\\evil.example",
		"/%2e//evil.example",
		"https://app.example//evil.example",
		"https://[",
	])("%j", (address) => {
		expect(ownPath(address, HERE)).toBeUndefined();
	});
});
