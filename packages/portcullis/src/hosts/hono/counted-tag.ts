import { ConfigError } from "../../base/errors.ts";
import { type AnyHandler, type MatchedRoute, original } from "./internals.ts";
import { tagOf } from "./tags.ts";

/** What the protected app registered with `use`, and what with `all`. */
export interface RegisteredHandlers {
	readonly middleware: WeakSet<object>;
	readonly terminal: WeakSet<object>;
}

/**
 * The tag of the route that is going to answer: of the first matched route that is no middleware. A
 * tag further down says nothing about this request, or `/:any` would open `/secret`.
 */
export function countedTag(
	routes: readonly MatchedRoute[],
	known: RegisteredHandlers,
): AnyHandler | undefined {
	for (const { handler: registered, method } of routes) {
		const handler = original(registered);
		const tag = tagOf(handler);
		if (tag !== undefined) {
			if (tag.rule === false && method === "ALL" && !known.terminal.has(handler))
				throw tagInMiddleware();
			return handler;
		}
		if (!isMiddleware(handler, method, known)) return undefined;
	}
	return undefined;
}

/**
 * `use` and `all` both register for every method. Of the protected app it is known which one it
 * was; in a mounted app, middleware takes `next`.
 */
export function isMiddleware(
	handler: AnyHandler,
	method: string,
	{ middleware, terminal }: RegisteredHandlers,
): boolean {
	if (method !== "ALL" || terminal.has(handler)) return false;
	return middleware.has(handler) || handler.length >= 2;
}

/** A tag that would open more than a route. */
export function tagInMiddleware(): ConfigError {
	const problem =
		"access(false) was given to use(), or to all() of a mounted app, where it would open whatever lies below";
	return new ConfigError([
		{
			problem,
			remedy:
				"Put access() in front of the handler of one route, or name the paths in the gate's pages.",
		},
	]);
}
