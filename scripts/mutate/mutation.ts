/** One check of the product that is switched off, to see that a test notices. Nothing of this is published. */
export interface Mutation {
	/** Says what is missing: `no-nonce`. */
	readonly id: string;
	/** Of the file with the check, from `packages/portcullis/src`. */
	readonly file: string;
	/** What stands there, exactly once. */
	readonly find: string;
	readonly replace: string;
	/** What it is, in a few words: "the nonce of ID tokens is not compared". */
	readonly off: string;
	/** Test files that are to notice, from `packages/portcullis`; the one that does so soonest first. */
	readonly tests: readonly string[];
	/** Why no test can notice, or need to, where that is so: it does the same, or another check stands behind it. */
	readonly survives?: string;
}

/** Source text with the check switched off. */
export function applyMutation(source: string, { id, find, replace }: Mutation): string {
	const at = source.indexOf(find);
	if (at < 0) throw new Error(`${id}: its text is not in the file any more`);
	if (source.indexOf(find, at + 1) >= 0) throw new Error(`${id}: its text is in the file more than once`);
	return source.slice(0, at) + replace + source.slice(at + find.length);
}

/** The mutations of one file, with the tests of most of them. */
export function mutationsOf(
	file: string,
	tests: readonly string[],
	list: readonly (readonly [id: string, off: string, find: string, replace: string, more?: Partial<Mutation>])[],
): Mutation[] {
	return list.map(([id, off, find, replace, more]) => ({ id, off, file, find, replace, tests, ...more }));
}
