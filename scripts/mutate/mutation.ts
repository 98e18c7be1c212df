import { markersIn, pathTo } from "./markers.ts";
import { type Operation, skip } from "./operations.ts";
import { parse, type SyntaxNode } from "./syntax.ts";

/**
 * One check of the product that is switched off, to see that a test notices. Nothing of this is
 * published.
 */
export interface Mutation {
	/**
	 * Says what is missing: `no-nonce`. The check is where a comment says so: `// proven: no-nonce`.
	 */
	readonly id: string;
	/** What it is, in a few words: "the nonce of ID tokens is not compared". */
	readonly off: string;
	/** How it is switched off, there. */
	readonly by: Operation;
	/**
	 * Test files that are to notice, from `packages/portcullis`; the one that does so soonest first.
	 */
	readonly tests: readonly string[];
	/**
	 * Why no test can notice, or need to, where that is so: it does the same, or another check stands
	 * behind it.
	 */
	readonly survives?: string;
}

/** A mutation whose marker was found. */
export interface PlacedMutation extends Mutation {
	/** Of the file with the check, from `packages/portcullis/src`. */
	readonly file: string;
}

/** Source text with the check switched off. */
export function applyMutation(
	source: string,
	{ id, by, file }: Pick<PlacedMutation, "id" | "by" | "file">,
): string {
	const markers = markersIn(source, file).filter((marker) => marker.id === id);
	const [marker] = markers;
	if (marker === undefined) throw new Error(`${id}: its marker is not in ${file}`);
	if (markers.length > 1) throw new Error(`${id}: its marker is in ${file} more than once`);
	try {
		const [parent, node] = pathTo(parse(source, file), marker.at).slice(-2) as [
			SyntaxNode,
			SyntaxNode,
		];
		const { start, end, text } = by({ source, node, parent });
		const mutated = source.slice(0, start) + text + source.slice(end);
		parse(mutated, file);
		return mutated;
	} catch (cause) {
		throw new Error(`${id}: it cannot be switched off in ${file}: ${(cause as Error).message}`, {
			cause,
		});
	}
}

/**
 * Mutations that the same tests are to notice. How they are switched off need not be said where it
 * is `skip`.
 */
export function mutationsOf(
	tests: readonly string[],
	list: readonly (readonly [id: string, off: string, by?: Operation, more?: Partial<Mutation>])[],
): Mutation[] {
	return list.map(([id, off, by = skip, more]) => ({ id, off, by, tests, ...more }));
}
