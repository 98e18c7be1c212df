import type { Context } from "hono";
import { type AnyHandler, type MatchedRoute, matchedRoutes } from "./internals.ts";
import { registrationsOf } from "./registrations.ts";
import { reachedTag } from "./tags.ts";

type HandledRoute = Pick<MatchedRoute, "handler">;

/** True if nothing ran after the tag that decided but handlers of its own route. */
export function isAnsweredByTaggedRoute(c: Context, tag: AnyHandler | undefined): boolean {
	const reached = reachedTag(c);
	if (reached === undefined || reached.tag !== tag) return false;
	const routes = matchedRoutes(c);
	return isSameRoute(routes[reached.index], routes[c.req.routeIndex]);
}

/** True for two handlers of one registration. Method and path may be those of two. */
export function isSameRoute(
	one: HandledRoute | undefined,
	other: HandledRoute | undefined,
): boolean {
	if (one === undefined || other === undefined) return false;
	const [first, second] = [registrationsOf(one.handler), registrationsOf(other.handler)];
	// proven: same-path
	return (
		first.length > 0 &&
		first.length === second.length &&
		first.every((each, index) => each === second[index])
	);
}
