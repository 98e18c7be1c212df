import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { childrenOf, type SyntaxNode } from "./syntax.ts";

/** Where the product's code is. */
export const SOURCES = join(import.meta.dirname, "../../packages/portcullis/src");

/** A comment `// proven: no-nonce`: what it stands at is switched off by `npm run mutate`. */
export interface Marker {
	readonly id: string;
	/** From `packages/portcullis/src`. */
	readonly file: string;
	/**
	 * Where the code begins that it is about: on its own line, or below it if it has a line to
	 * itself.
	 */
	readonly at: number;
}

const MARKER = /\/\/ proven: ([\w, -]+)$/gm;

/** The markers of one file. */
export function markersIn(source: string, file: string): Marker[] {
	return [...source.matchAll(MARKER)].flatMap((match) => {
		const lineStart = source.lastIndexOf("\n", match.index) + 1;
		const isAlone = source.slice(lineStart, match.index).trim() === "";
		const at = beginOfCode(source, isAlone ? match.index : lineStart);
		return (match[1] as string).split(", ").map((id) => ({ id, file, at }));
	});
}

/** The markers of all files but tests. */
export function allMarkers(): Marker[] {
	return readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
		.filter((path) => /(?<!\.test)\.tsx?$/.test(path))
		.map((path) => path.replaceAll(sep, "/"))
		.sort()
		.flatMap((file) => markersIn(readFileSync(join(SOURCES, file), "utf8"), file));
}

/**
 * What a marker stands at, and what that is in, the outermost first: of all that begins there, the
 * largest.
 */
export function pathTo(tree: SyntaxNode, at: number): SyntaxNode[] {
	const path = [tree];
	for (;;) {
		const inner = childrenOf(path.at(-1) as SyntaxNode).find(
			({ start, end }) => start <= at && at < end,
		);
		if (inner === undefined)
			throw new Error("A marker stands at no statement, operand, member or element");
		path.push(inner);
		if (inner.start === at) return path;
	}
}

/** The first code from here on: behind blanks, comments, and what continues a statement. */
function beginOfCode(source: string, from: number): number {
	const skipped = /^(?:\s+|\/\/.*|\/\*[\s\S]*?\*\/|\}?\s*else\b|\?(?![.?])|:)*/.exec(
		source.slice(from),
	);
	return from + (skipped?.[0].length ?? 0);
}
