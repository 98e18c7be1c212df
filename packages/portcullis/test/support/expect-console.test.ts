import { expect, test } from "vitest";
import { consoleLines, expectConsole, takeUnexpectedOutput } from "./expect-console.ts";

test("output that nobody announced is reported", () => {
	console.error("cannot open %s", "the gate", new Error("rust"));
	console.warn("creaking");
	const problems = takeUnexpectedOutput();
	expect(problems).toHaveLength(2);
	expect(problems[0]).toMatch(/^console\.error: cannot open the gate .*rust/);
	expect(problems[1]).toBe("console.warn: creaking");
});

test("announced output is silence, however often it comes", () => {
	expectConsole("warn", "creaking");
	console.warn("creaking once");
	console.warn("creaking twice");
	expect(consoleLines("warn")).toEqual(["creaking once", "creaking twice"]);
	expect(takeUnexpectedOutput()).toEqual([]);
});

test("an announcement covers its own level and text only", () => {
	expectConsole("warn", /^creaking$/g);
	console.warn("creaking");
	console.error("creaking");
	console.warn("creaking and more");
	expect(takeUnexpectedOutput()).toEqual([
		"console.error: creaking",
		"console.warn: creaking and more",
	]);
});

test("announced output that does not come is reported", () => {
	expectConsole("error", "never said");
	expect(takeUnexpectedOutput()).toEqual(["nothing on console.error matched never said"]);
});
