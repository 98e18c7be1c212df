import type { Work } from "./path.ts";

/** Any one segment: `:name`. */
export const PARAMETER: unique symbol = Symbol("parameter");
/** Everything below, and the path itself: `*`. */
export const REST: unique symbol = Symbol("rest");

/** One segment of a pattern. */
export type PatternSegment = string | typeof PARAMETER | typeof REST;

/** A pattern's segments as they are written. */
export function patternSegments(pattern: string): PatternSegment[] {
	return splitPath(pattern).map((segment) =>
		segment === "*" ? REST : segment.startsWith(":") ? PARAMETER : segment,
	);
}

export function splitPath(path: string): string[] {
	return path === "/" ? [] : path.slice(1).split("/");
}

interface Node<T> {
	readonly literals: Map<string, Node<T>>;
	parameter: Node<T> | undefined;
	/** Of the patterns that end here. */
	ends: T[] | undefined;
	/** Of those that go on with anything. */
	rest: T[] | undefined;
}

/**
 * Patterns by their segments: finding the one that counts looks at each beginning that several
 * share once, and never at one that differs.
 */
export class PatternTree<T> {
	readonly #root: Node<T> = newNode();

	add(segments: readonly PatternSegment[], value: T): void {
		let node = this.#root;
		for (const segment of segments) {
			if (segment === REST) {
				node.rest ??= [];
				node.rest.push(value);
				return;
			}
			node = childOf(node, segment);
		}
		node.ends ??= []; // proven: one-of-equal-patterns
		node.ends.push(value);
	}

	/**
	 * What was added for the most specific pattern that matches, in the order in which it was added;
	 * several if they are the same here. From the left, a literal segment beats a parameter, a
	 * parameter the end of the pattern, and that beats a `*`.
	 */
	find(path: string, work: Work): readonly T[] | undefined {
		work.steps += path.length;
		return findBelow(this.#root, splitPath(path), 0, work);
	}
}

function findBelow<T>(
	node: Node<T>,
	parts: readonly string[],
	at: number,
	work: Work,
): readonly T[] | undefined {
	work.steps++;
	const part = parts[at];
	if (part === undefined) return node.ends ?? node.rest;
	const next = node.literals.get(part);
	return (
		// proven: no-specificity
		(next && findBelow(next, parts, at + 1, work)) ??
		(node.parameter && findBelow(node.parameter, parts, at + 1, work)) ??
		node.rest // proven: prefix-match
	);
}

function childOf<T>(node: Node<T>, segment: string | typeof PARAMETER): Node<T> {
	const known = segment === PARAMETER ? node.parameter : node.literals.get(segment);
	if (known) return known;
	const made = newNode<T>();
	if (segment === PARAMETER) node.parameter = made;
	else node.literals.set(segment, made);
	return made;
}

function newNode<T>(): Node<T> {
	return { literals: new Map(), parameter: undefined, ends: undefined, rest: undefined };
}
