import type { Context, Handler, MiddlewareHandler } from "hono";
import { matchedRoutes as matchedByHono } from "hono/route";
import { problemResponse } from "../app/answers/render.ts";
import { consoleLog } from "../audit/log.ts";
import { type Copy, loadedCopies, ONE_COPY, shared, THIS_COPY } from "../base/copies.ts";
import { definitionSite } from "../base/definition-site.ts";
import { ConfigError } from "../base/errors.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";

/** What Hono calls for a request. */
export type AnyHandler = Handler | MiddlewareHandler;

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
/** Hono keeps the handler of a mounted app under this name when it wraps it. */
const COMPOSED_HANDLER = "__COMPOSED_HANDLER";

/** Until the first tag is made, there is none to look for among the routes of a request. */
const tags = shared("hono.tags.1", () => ({ exist: false }));
/** Tags that were refused once: that is said once. */
const refused = new WeakSet<AnyHandler>();

/**
 * Tags a route with a rule of its own, as the first handler: `app.get("/healthz", page({ auth:
 * false }), handler)`.
 *
 * A tag replaces the default rule and tightens what `pages` says; it never opens what `pages`
 * shuts. It counts only on the route that answers, and not in `use()`.
 *
 * A tag is never without effect. Wherever the guard could not count it beforehand (inside other
 * middleware, as a later handler, after a route that handed the request on), it tightens; where
 * there is no guard, its route answers 500.
 */
export function page<U extends OIDCUserInfo = OIDCUserInfo>(options: {
	auth: Rule<PageAuthContext<U>>;
}): MiddlewareHandler {
	const keys = Object.keys(options);
	if (
		keys.length !== 1 ||
		(typeof options.auth !== "boolean" && typeof options.auth !== "function")
	) {
		throw new ConfigError([
			{
				problem: `page() was given ${keys.join(", ") || "nothing"}`,
				remedy: "Pass { auth: true }, { auth: false } or { auth: check }.",
			},
		]);
	}
	const rule = options.auth as Rule<PageAuthContext>;
	const site = definitionSite();
	const tag: MiddlewareHandler = (c, next) => {
		if (variable(c, COUNTED) !== tag) return passLate(c, tag, { rule, site }, next); // proven: tag-uncounted
		setVariable(c, REACHED, { tag, index: c.req.routeIndex } satisfies ReachedTag);
		return next();
	};
	Object.defineProperty(tag, TAG, {
		value: Object.freeze({ rule, site, copy: THIS_COPY } satisfies Tag),
	});
	tags.exist = true;
	return tag;
}

/**
 * The routes that match a request, in their order. By the request itself where it says so: the
 * function of `hono/route` knows requests of its own copy of hono alone, and an app that requires
 * hono has another one than this module, which imports it.
 */
export function matchedRoutes(c: Context): ReturnType<typeof matchedByHono> {
	const { matchedRoutes: routes } = c.req as {
		readonly matchedRoutes?: ReturnType<typeof matchedByHono>;
	};
	return routes ?? matchedByHono(c);
}

/** Whether any copy of the package has made a tag. */
export function hasTags(): boolean {
	return tags.exist;
}

/** The tag that a handler is, of whichever copy. */
export function tagOf(handler: AnyHandler): Tag | undefined {
	return (handler as { [TAG]?: Tag })[TAG];
}

/** The handler that was registered, behind the wrappers of Hono and of the guard. */
export function original(handler: AnyHandler): AnyHandler {
	const inner = wrappedBy(handler);
	return inner ? original(inner) : handler;
}

/** What a wrapper wraps; `undefined` for what is none. */
export function wrappedBy(handler: AnyHandler): AnyHandler | undefined {
	return (handler as { [COMPOSED_HANDLER]?: Handler })[COMPOSED_HANDLER];
}

/** Says of a wrapper what it wraps, in Hono's own way. */
export function markWrapped<W extends MiddlewareHandler>(wrapper: W, handler: AnyHandler): W {
	return Object.defineProperty(wrapper, COMPOSED_HANDLER, { value: handler });
}

/** Makes middleware known as a guard. */
export function markGuard<M extends MiddlewareHandler>(middleware: M, guard: TagGuard): M {
	return Object.defineProperty(middleware, GUARD, { value: guard });
}

/** Notes for this very request that a tag was among the rules that granted it. */
export function noteCounted(c: Context, tag: AnyHandler): void {
	setVariable(c, COUNTED, tag);
}

/** The counted tag that was reached last. */
export function reachedTag(c: Context): ReachedTag | undefined {
	return variable(c, REACHED) as ReachedTag | undefined;
}

/**
 * A tag that was not counted: every guard before it decides now, by the tag's rule too. Without
 * one, nothing goes on.
 */
async function passLate(
	c: Context,
	tag: AnyHandler,
	{ rule, site }: Pick<Tag, "rule" | "site">,
	next: () => Promise<void>,
): Promise<Response | undefined> {
	const guards = matchedRoutes(c)
		.slice(0, c.req.routeIndex)
		.flatMap(
			({ handler }) => (original(handler as AnyHandler) as { [GUARD]?: TagGuard })[GUARD] ?? [],
		);
	const [outer, ...inner] = guards;
	if (outer === undefined) return refuse(tag, site); // proven: tag-without-guard
	let refusal: Response | undefined;
	const go = inner.reduceRight<() => Promise<void>>(
		(later, guard) => async () => {
			refusal = await guard.pass(c, rule, later);
		},
		next,
	);
	return (await outer.pass(c, rule, go)) ?? refusal;
}

function refuse(tag: AnyHandler, site: string | undefined): Response {
	if (!refused.has(tag)) {
		refused.add(tag);
		const { count, text } = loadedCopies();
		const where = site === undefined ? "A route" : `The route at ${site}`;
		const why = `${where} has a tag of page(), and no protect() before it has decided about the request; it was refused`;
		const remedy =
			count > 1
				? `${count} copies of portcullis are loaded (${text}), and the guard may be one that does not know this tag. ${ONE_COPY}`
				: "Call protect() on the app that answers first, mount parts with app.route(), and add routes to what protect() returns.";
		consoleLog({
			level: "error",
			code: "config_invalid",
			reason: "tag_without_guard",
			message: `${why}. ${remedy}`,
		});
	}
	return problemResponse(500, "config_invalid", "This route is not set up correctly");
}

function variable(c: Context, name: symbol): unknown {
	return c.get(name as unknown as string);
}

function setVariable(c: Context, name: symbol, value: unknown): void {
	c.set(name as unknown as string, value);
}
