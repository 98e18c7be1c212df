import type { Context, MiddlewareHandler } from "hono";
import { type Copy, shared, THIS_COPY } from "../../base/copies.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import { type AnyHandler, matchedRoutes, original } from "./internals.ts";

/** What a tag says, kept on its handler: the guard may belong to another copy of the package. */
export interface Tag {
	readonly rule: Rule<PageAuthContext>;
	/** Where it stands. */
	readonly site: string | undefined;
	readonly copy: Copy;
}

/** What a guard keeps on its middleware, for tags of all copies. */
export interface TagGuard {
	/**
	 * Decides about a request whose tag the guard did not count beforehand, and goes on only if
	 * everything grants.
	 *
	 * @returns the refusal, or `undefined` once the rest has run.
	 */
	pass(
		c: Context,
		rule: Rule<PageAuthContext>,
		next: () => Promise<void>,
	): Promise<Response | undefined>;
}

/** Where a tag's own middleware notes that it was reached. */
export interface ReachedTag {
	readonly tag: AnyHandler;
	/** Its place among the matched routes. */
	readonly index: number;
}

const TAG = Symbol.for("portcullis.hono.tag.1");
const GUARD = Symbol.for("portcullis.hono.guard.1");
/**
 * Variable of a request's context: the tag that the guard has counted. A symbol, so that no
 * variable of the app is one.
 */
const COUNTED = Symbol.for("portcullis.hono.counted.1");
const REACHED = Symbol.for("portcullis.hono.reached.1");

/** Until the first tag is made, there is none to look for among the routes of a request. */
const tags = shared("hono.tags.1", () => ({ exist: false }));

/** Makes middleware known as a tag. */
export function markTag(tag: MiddlewareHandler, { rule, site }: Omit<Tag, "copy">): void {
	const value = Object.freeze({ rule, site, copy: THIS_COPY } satisfies Tag);
	Object.defineProperty(tag, TAG, { value });
	tags.exist = true;
}

/** Whether any copy of the package has made a tag. */
export function hasTags(): boolean {
	return tags.exist;
}

/** The tag that a handler is, made by any copy of the package. */
export function tagOf(handler: AnyHandler): Tag | undefined {
	return (handler as { [TAG]?: Tag })[TAG];
}

/** Makes middleware known as a guard. */
export function markGuard<M extends MiddlewareHandler>(middleware: M, guard: TagGuard): M {
	return Object.defineProperty(middleware, GUARD, { value: guard });
}

/** The guards that a request has passed, the outermost first. */
export function passedGuards(c: Context): readonly TagGuard[] {
	return matchedRoutes(c)
		.slice(0, c.req.routeIndex)
		.flatMap(
			({ handler }) => (original(handler as AnyHandler) as { [GUARD]?: TagGuard })[GUARD] ?? [],
		);
}

/** Notes for this very request that a tag was among the rules that granted it. */
export function noteCounted(c: Context, tag: AnyHandler): void {
	setVariable(c, COUNTED, tag);
}

/** Whether the guard has counted a tag. */
export function isCounted(c: Context, tag: AnyHandler): boolean {
	return variable(c, COUNTED) === tag;
}

/** Notes that a tag was reached. */
export function noteReached(c: Context, tag: AnyHandler): void {
	setVariable(c, REACHED, { tag, index: c.req.routeIndex } satisfies ReachedTag);
}

/** The counted tag that was reached last. */
export function reachedTag(c: Context): ReachedTag | undefined {
	return variable(c, REACHED) as ReachedTag | undefined;
}

function variable(c: Context, name: symbol): unknown {
	return c.get(name as unknown as string);
}

function setVariable(c: Context, name: symbol, value: unknown): void {
	c.set(name as unknown as string, value);
}
