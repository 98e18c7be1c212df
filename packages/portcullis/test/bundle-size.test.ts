import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";
import { expect, test } from "vitest";
import { packageFolder } from "./support/source-tree.ts";

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

async function bundle(entry: string): Promise<OutputChunk[]> {
	const built = await rolldown({
		input: join(packageFolder, "src", `${entry}.ts`),
		external: /^react(\/|$)/,
		platform: "browser",
		transform: { target: "es2023" },
		tsconfig: false,
	});
	const { output } = await built.generate({ format: "esm", minify: true });
	await built.close();
	return output.filter((each) => each.type === "chunk");
}

/** The entry and what it imports statically. */
function loadedFirst(chunks: readonly OutputChunk[]): OutputChunk[] {
	const found = new Set<OutputChunk>();
	const visit = (chunk: OutputChunk | undefined): void => {
		if (!chunk || found.has(chunk)) return;
		found.add(chunk);
		for (const name of chunk.imports) visit(chunks.find(({ fileName }) => fileName === name));
	};
	visit(chunks.find(({ isEntry }) => isEntry));
	return [...found];
}

/** Bytes, gzip. Bundlers of apps drop annotations that are for bundlers alone. */
function sizeOf(chunks: readonly OutputChunk[]): number {
	const code = chunks.map((chunk) => chunk.code.replaceAll("/* @__PURE__ */ ", "")).join("\n");
	return gzipSync(code, { level: 9 }).length;
}
