import type { PageAuthContext, Rule } from "./context.ts";
import { foldPattern, isPlainPath, readPath, type Work } from "./path.ts";
import {
	PARAMETER,
	type PatternSegment,
	PatternTree,
	patternSegments,
	REST,
	splitPath,
} from "./pattern-tree.ts";

/** What the gate's configuration says about a path. */
export interface PathRules {
	/** All of them must grant. */
	readonly rules: readonly Rule<PageAuthContext>[];
	/** Those of them that a pattern says: without the default. */
	readonly named: readonly Rule<PageAuthContext>[];
	/**
	 * True if no pattern names the path in any reading, so that only the default speaks: a route's
	 * own tag may then replace it.
	 */
	readonly isDefault: boolean;
	/** True for assets: never looked at for who asks. */
	readonly isAsset: boolean;
}

/**
 * Longest path that is looked at, in characters: working out its readings takes time. A longer path
 * is denied to everyone.
 */
const MAX_PATH_LENGTH = 2048;
/** The same for a path that is not plain: it has more readings. */
const MAX_ODD_LENGTH = 1024;
const NOBODY: Rule<PageAuthContext> = () => false;
const NOBODYS: PathRules = { rules: [NOBODY], named: [NOBODY], isDefault: false, isAsset: false };

/** Paths whose rules are remembered; more than that are worked out anew. */
const MAX_REMEMBERED = 2000;
const MAX_REMEMBERED_LENGTH = 256;

/**
 * Compiles page rules and asset patterns into a look-up by path.
 *
 * A pattern is a path; `:name` stands for one segment and a final `/*` for everything below, the
 * path itself included. The most specific pattern that matches wins. A rule opens a path only in
 * its plain spelling, and shuts it in every reading, together with the addresses at which
 * frameworks bring its data.
 *
 * @param defaultRule The rule of a path that no pattern names.
 * @param work Counts what paths take that are not remembered. Default: they are not counted.
 */
export function compilePathRules(
	pages: Readonly<Record<string, Rule<PageAuthContext>>>,
	assets: readonly string[],
	defaultRule: Rule<PageAuthContext>,
	work: Work = { steps: 0 },
): (path: string) => PathRules {
	const exact = new PatternTree<Pattern>();
	const folded = new PatternTree<Pattern>();
	/** By the shorter addresses at which file servers bring the files that patterns name. */
	const files = new PatternTree<Pattern>();
	for (const pattern of [
		...Object.entries(pages).map(([text, rule]) => compilePattern(text, { rule, isAsset: false })),
		...assets.map((text) => compilePattern(text, { rule: false, isAsset: true })),
		// proven: functions-as-assets
		...functionsBeside(assets, pages).map((text) =>
			compilePattern(text, { rule: defaultRule, isAsset: false }),
		),
	]) {
		exact.add(pattern.segments, pattern);
		folded.add(pattern.folded, pattern);
		// A rule that opens the file says nothing about anything else.
		// proven: file-short-address
		if (pattern.rule !== false)
			for (const address of addressesOfFile(pattern.folded)) files.add(address, pattern);
	}
	const remembered = new Map<string, PathRules>();

	return (path) => {
		const known = remembered.get(path);
		if (known) return known;
		const found = resolve(path);
		if (path.length <= MAX_REMEMBERED_LENGTH) {
			if (remembered.size >= MAX_REMEMBERED) remembered.clear();
			remembered.set(path, found);
		}
		return found;
	};

	function resolve(path: string): PathRules {
		if (path.length > MAX_PATH_LENGTH) return NOBODYS; // proven: long-paths
		const plain = isPlainPath(path);
		if (!plain && path.length > MAX_ODD_LENGTH) return NOBODYS; // proven: long-odd-paths
		const readings = readPath(path, work);
		if (!readings) return NOBODYS;
		const verdict = new Verdict(defaultRule);
		// Of two patterns that are one in this spelling, the first.
		const own = plain ? exact.find(path, work)?.slice(0, 1) : undefined; // proven: exact-not-plain
		verdict.add(own);
		for (const reading of readings.paths) verdict.add(folded.find(reading, work)); // proven: no-path-readings
		// proven: no-data-addresses
		for (const page of readings.pages) {
			const found = folded.find(page, work);
			if (!own?.[0] || !outvotes(own[0], found?.[0])) verdict.add(found);
		}
		// A pattern for this very name knows what it speaks of: `/app.js` is open beside a shut `/app`.
		if (own?.[0] && isOfOneName(own[0])) return verdict.rules();
		// proven: no-stems
		for (const stem of readings.stems) {
			const found = folded.find(stem, work);
			if (found) verdict.add(found);
		}
		for (const reading of readings.paths) {
			const found = files.find(reading, work);
			if (found) verdict.add(found);
		}
		return verdict.rules();
	}
}

/** Gathers what the readings of one path say. */
class Verdict {
	readonly #default: Rule<PageAuthContext>;
	readonly #rules = new Set<Rule<PageAuthContext>>();
	readonly #named = new Set<Rule<PageAuthContext>>();
	#isDefault = true;
	#isAsset = true;

	constructor(defaultRule: Rule<PageAuthContext>) {
		this.#default = defaultRule;
	}

	/** The patterns that one reading means; `undefined` for none. */
	add(patterns: readonly Pattern[] | undefined): void {
		if (patterns === undefined) {
			this.#rules.add(this.#default); // proven: default-open
			this.#isAsset = false; // proven: asset-in-one-reading
			return;
		}
		this.#isDefault = false; // proven: default-in-one-reading
		for (const { rule, isAsset } of patterns) {
			this.#rules.add(rule);
			this.#named.add(rule);
			this.#isAsset &&= isAsset;
		}
	}

	rules(): PathRules {
		return {
			rules: [...this.#rules], // proven: loosest-rule
			named: [...this.#named],
			isDefault: this.#isDefault,
			isAsset: this.#isAsset,
		};
	}
}

/**
 * True if a pattern names an address itself, such as `/export.data`, and the page that it may be
 * the data of has no rule but one for everything around: the more specific pattern decides, as it
 * does elsewhere.
 */
function outvotes(own: Pattern, ofPage: Pattern | undefined): boolean {
	if (!isOfOneName(own)) return false; // proven: data-of-wide-pattern
	if (ofPage === undefined) return true;
	if (ofPage.folded.at(-1) !== REST) return false;
	return ofPage.folded
		.slice(0, -1)
		.every((segment, i) => segment === PARAMETER || segment === own.folded[i]);
}

/**
 * True for a pattern that names what it is for, and is not for any segment or for everything below.
 */
function isOfOneName({ segments }: Pattern): boolean {
	return segments.length === 0 || typeof segments.at(-1) === "string";
}

/** An ending of a file's name. What begins with a digit is rather a version. */
const ENDING = /\.[a-z][a-z0-9]*$/;

/**
 * The addresses besides its own at which a file server may bring a file: without its ending, or one
 * of several, and a folder for the file that stands for it. None where a pattern names no file.
 */
function addressesOfFile(pattern: readonly PatternSegment[]): PatternSegment[][] {
	const folder = pattern.slice(0, -1);
	const name = pattern.at(-1);
	if (typeof name !== "string") return [];
	const addresses: PatternSegment[][] = [];
	for (let left = name; ; ) {
		const end = left.search(ENDING);
		if (end <= 0) return addresses;
		left = left.slice(0, end);
		addresses.push([...folder, left]);
		if (left === "index") addresses.push(folder); // proven: folder-of-index
	}
}

/**
 * The rules of an address of which the host knows the page: what the page's path says, and what
 * patterns say of the address itself. The default of the address does not count, or no data of an
 * open page could be open.
 */
export function withPage(ofAddress: PathRules, ofPage: PathRules): PathRules {
	return {
		rules: [...new Set([...ofPage.rules, ...ofAddress.named])], // proven: page-opens-address
		named: [...new Set([...ofPage.named, ...ofAddress.named])],
		isDefault: ofPage.isDefault && ofAddress.isDefault,
		isAsset: ofPage.isAsset && ofAddress.isAsset,
	};
}

/** What is wrong with a pattern, or `undefined`. */
export function patternProblem(pattern: string): string | undefined {
	if (!pattern.startsWith("/")) return "must start with a slash";
	if (/[?#]/.test(pattern))
		return "must not have a query or a fragment: those take no part in matching";
	const star = pattern.indexOf("*");
	if (star >= 0 && (star !== pattern.length - 1 || !pattern.endsWith("/*")))
		return "may have a * only as the last segment";
	if (!isPlainPath(pattern.replace(/\*$/, "")))
		return "must be written plainly: no dots, duplicate slashes, semicolons or needless encoding";
	return undefined;
}

interface Pattern {
	readonly segments: readonly PatternSegment[];
	readonly folded: readonly PatternSegment[];
	readonly rule: Rule<PageAuthContext>;
	readonly isAsset: boolean;
}

function compilePattern(text: string, target: Pick<Pattern, "rule" | "isAsset">): Pattern {
	const segments = patternSegments(text);
	return { segments, folded: segments.flatMap(foldSegment), ...target };
}

/**
 * SvelteKit serves remote functions beside its files: by `/_app/*` as assets you mean the files.
 */
function functionsBeside(
	assets: readonly string[],
	pages: Readonly<Record<string, unknown>>,
): string[] {
	return assets
		.filter((text) => text.endsWith("/_app/*"))
		.map((text) => text.replace("*", "remote/*"))
		.filter((text) => !Object.hasOwn(pages, text) && !assets.includes(text));
}

/** By itself, so that a literal never becomes a parameter; of some letters that makes several. */
function foldSegment(segment: PatternSegment): readonly PatternSegment[] {
	return typeof segment === "string" ? splitPath(foldPattern(`/${segment}`)) : [segment];
}
