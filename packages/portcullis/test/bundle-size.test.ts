import { expect, test } from "vitest";
import { bundle, loadedFirst, sizeOf } from "./support/browser-bundle.ts";

// What a browser loads, bundled and minified as an app does it. React is the app's own. What keeps values live is loaded after the first
// paint: the first figure is what an app has to load before it, the second all of it.

test.each([
	["client", 6144, 8300],
	["react", 7680, 9850],
])("portcullis/%s is under %i bytes, gzip, and %i with what it loads later", async (entry, first, all) => {
	const chunks = await bundle(entry);
	expect(sizeOf(loadedFirst(chunks))).toBeLessThan(first);
	expect(sizeOf(chunks)).toBeLessThan(all);
});

test.each(["client", "react"])("portcullis/%s has nothing of the server, and no package", async (entry) => {
	const chunks = await bundle(entry);
	const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
	expect(modules.filter((id) => id.includes("node_modules"))).toEqual([]);
	expect(modules.filter((id) => /\/src\/(?!base|wire|client|react)[a-z]+\//.test(id))).toEqual([]);
	const code = chunks.map((chunk) => chunk.code).join("\n");
	for (const word of ["node:", "jose", "oauth4webapi", "sealed", "process.env"]) expect(code).not.toContain(word);
	// Not vacuous: what it does is there.
	expect(code).toContain("portcullis-request");
	expect(chunks.flatMap(({ imports }) => imports).filter((name) => !/^(react|[\w-]+\.js)$/.test(name))).toEqual([]);
});
