import type { Context, MiddlewareHandler } from "hono";
import { problemResponse } from "../../app/answers/render.ts";
import { consoleLog } from "../../audit/log.ts";
import { loadedCopies, ONE_COPY } from "../../base/copies.ts";
import { definitionSite } from "../../base/definition-site.ts";
import { ConfigError } from "../../base/errors.ts";
import type { Check, PageAuthContext, Rule } from "../../guard/context.ts";
import type { UserClaims } from "../../protocol/types.ts";
import type { AnyHandler } from "./internals.ts";
import { isCounted, markTag, noteReached, passedGuards, type Tag } from "./tags.ts";
import type { LoginTag, OpenTag } from "./user-variables.ts";

/** Tags that were refused once: that is said once. */
const refused = new WeakSet<AnyHandler>();

/** For a route by the second of the two; for other middleware, which may call it, by the first. */
type Tagged<V extends object> = MiddlewareHandler & MiddlewareHandler<{ Variables: V }>;

/**
 * Tags a route with a rule of its own, as the first handler: `app.get("/healthz", access(false),
 * handler)`. Behind `access(true)` and `access(check)`, `c.var.user` is the person; behind
 * `access(false)` it may be `undefined`.
 *
 * A tag replaces the default rule and tightens what `pages` says; it never opens what `pages`
 * shuts. It counts only on the route that answers, and not in `use()`.
 *
 * A tag is never without effect. Wherever the guard could not count it beforehand (inside other
 * middleware, as a later handler, after a route that handed the request on), it tightens; where
 * there is no guard, its route answers 500.
 *
 * @throws {ConfigError} for what is neither true, false nor a function.
 */
export function access(rule: false): Tagged<OpenTag>;
export function access<U extends UserClaims = UserClaims>(
	rule: true | Check<PageAuthContext<U>>,
): Tagged<LoginTag>;
/** Where the rule is not known to the compiler, it may be `false`. */
export function access<U extends UserClaims = UserClaims>(
	rule: Rule<PageAuthContext<U>>,
): Tagged<OpenTag>;
export function access(given: Rule<never>): MiddlewareHandler {
	if (typeof given !== "boolean" && typeof given !== "function")
		throw new ConfigError([
			{
				problem: "access() was given what is no rule",
				remedy: "Write access(true), access(false) or access(check).",
			},
		]);
	const rule = given as Rule<PageAuthContext>;
	const site = definitionSite();
	const tag: MiddlewareHandler = (c, next) => {
		if (!isCounted(c, tag)) return passLate(c, tag, { rule, site }, next); // proven: tag-uncounted
		noteReached(c, tag);
		return next();
	};
	markTag(tag, { rule, site });
	return tag;
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
	const [outer, ...inner] = passedGuards(c);
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
		const why = `${where} has a tag of access(), and no protect() before it has decided about the request; it was refused`;
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
