import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, rolldown } from "rolldown";
import { packageFolder } from "./source-tree.ts";

/** The chunks of a browser entry, bundled and minified as an app does it; React is left out. */
export async function bundle(entry: string): Promise<OutputChunk[]> {
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

/** The entry and what it imports statically: what is loaded before the first paint. */
export function loadedFirst(chunks: readonly OutputChunk[]): OutputChunk[] {
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
export function sizeOf(chunks: readonly OutputChunk[]): number {
	const code = chunks.map((chunk) => chunk.code.replaceAll("/* @__PURE__ */ ", "")).join("\n");
	return gzipSync(code, { level: 9 }).length;
}
