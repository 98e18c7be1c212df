import type { PageAuthContext, Rule } from "./context.ts";
import { foldPattern, isPlainPath, possibleReadings } from "./path.ts";

/** What the gate's configuration says about a path. */
export interface PathRules {
	/** All of them must grant. */
	readonly rules: readonly Rule<PageAuthContext>[];
	/** True if no pattern names the path in any reading, so that only the default speaks: a route's own tag may then replace it. */
	readonly isDefault: boolean;
	/** True for assets: never looked at for who asks. */
	readonly isAsset: boolean;
}

/** Longest path that is looked at, in characters: working out its readings takes time. Nobody may have a longer one. */
const MAX_PATH_LENGTH = 2048;
const NOBODY: Rule<PageAuthContext> = () => false;

/** Paths whose rules are remembered; more than that are worked out anew. */
const MAX_REMEMBERED = 2000;
const MAX_REMEMBERED_LENGTH = 256;

/**
 * Compiles page rules and asset patterns into a look-up by path.
 *
 * A pattern is a path; `:name` stands for one segment and a final `/*` for everything below, the path itself included.
 * The most specific pattern that matches wins. A rule opens a path only in its plain spelling, and shuts it in every reading.
 *
 * @param defaultRule The rule of a path that no pattern names.
 */
export function compilePathRules(
	pages: Readonly<Record<string, Rule<PageAuthContext>>>,
	assets: readonly string[],
	defaultRule: Rule<PageAuthContext>,
): (path: string) => PathRules {
	const patterns = [
		...Object.entries(pages).map(([pattern, rule]) => compilePattern(pattern, { rule, isAsset: false })),
		...assets.map((pattern) => compilePattern(pattern, { rule: false, isAsset: true })),
	].sort((a, b) => compareSpecificity(b, a));
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
		if (path.length > MAX_PATH_LENGTH) return { rules: [NOBODY], isDefault: false, isAsset: false };
		const plain = isPlainPath(path);
		const exact = plain ? patterns.find((pattern) => matches(pattern.segments, path)) : undefined;
		const folded = possibleReadings(path).map((reading) =>
			patterns.find((pattern) => matches(pattern.folded, reading)),
		);
		const all = [exact, ...folded];
		const rules = new Set(all.map((pattern) => (pattern ? pattern.rule : defaultRule)));
		return {
			rules: [...rules],
			isDefault: all.every((pattern) => pattern === undefined),
			isAsset: all.every((pattern) => pattern?.isAsset === true),
		};
	}
}

/** What is wrong with a pattern, or `undefined`. */
export function patternProblem(pattern: string): string | undefined {
	if (!pattern.startsWith("/")) return "must start with a slash";
	if (/[?#]/.test(pattern)) return "must not have a query or a fragment: those take no part in matching";
	const star = pattern.indexOf("*");
	if (star >= 0 && (star !== pattern.length - 1 || !pattern.endsWith("/*")))
		return "may have a * only as the last segment";
	if (!isPlainPath(pattern.replace(/\*$/, "")))
		return "must be written plainly: no dots, duplicate slashes, semicolons or needless encoding";
	return undefined;
}

interface Pattern {
	readonly segments: readonly string[];
	readonly folded: readonly string[];
	readonly rule: Rule<PageAuthContext>;
	readonly isAsset: boolean;
}

function compilePattern(pattern: string, target: { rule: Rule<PageAuthContext>; isAsset: boolean }): Pattern {
	return { segments: split(pattern), folded: split(foldPattern(pattern)), ...target };
}

function matches(segments: readonly string[], path: string): boolean {
	const parts = split(path);
	for (const [i, segment] of segments.entries()) {
		if (segment === "*") return true;
		const part = parts[i];
		if (part === undefined || (!segment.startsWith(":") && segment !== part)) return false;
	}
	return parts.length === segments.length;
}

function split(path: string): string[] {
	return path === "/" ? [] : path.slice(1).split("/");
}

function compareSpecificity(a: Pattern, b: Pattern): number {
	const length = Math.max(a.segments.length, b.segments.length);
	for (let i = 0; i < length; i++) {
		const difference = weight(a.segments[i]) - weight(b.segments[i]);
		if (difference !== 0) return difference;
	}
	return 0;
}

function weight(segment: string | undefined): number {
	if (segment === undefined) return 1;
	if (segment === "*") return 0;
	return segment.startsWith(":") ? 2 : 3;
}
