import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pageScripts } from "../../../../scripts/build-pages.ts";
import * as scripts from "./page-scripts.ts";

test("the scripts are what `npm run build:pages` makes of src/pages", async () => {
	const text = readFileSync(join(import.meta.dirname, "page-scripts.ts"), "utf8");
	expect(text).toBe(await pageScripts());
});

test.each(Object.entries(scripts))("%s stays in its element", (_, script) => {
	expect(String(script)).not.toMatch(/<\/|<!--/);
});

// An engine that does not know the syntax runs none of a script.
test.each(Object.entries(scripts))("%s has no syntax younger than ES2015", (_, script) => {
	expect(String(script)).not.toMatch(/\?\.[^\d]|\?\?|\basync\b|\bawait\b|catch\{|\*\*|\{\.\.\./);
});
