/**
 * The two places where the guard rests on what Hono does inside and documents nowhere. A release
 * that does otherwise shows in `test/hosts/hono-internals.test.ts`; it breaks nothing but tags,
 * which then refuse instead of opening.
 *
 * 1. `__COMPOSED_HANDLER`: Hono wraps the handlers of a mounted app that has an error handler of
 *   its own, and keeps the handler under this name. A tag is found behind such a wrapper only by
 *   it. Held by "keeps the handler that it wraps".
 * 2. The tuples of the router: every registration arrives at `router.add(method, path, [handler,
 *   route])`, and `router.match` returns them as `[[handler, route], parameters]`. There is no
 *   public way to ask for the routes of a request before it is dispatched, or to hear of those that
 *   mounted apps and clones add. Held by "hands every registration to the router as a handler and
 *   its route".
 */
import type { Context, Env, Handler, Hono, MiddlewareHandler } from "hono";
import { matchedRoutes as matchedByHono } from "hono/route";

/** What Hono calls for a request. */
export type AnyHandler = Handler | MiddlewareHandler;

/** What of a matched route says whose tag counts. */
export interface MatchedRoute {
	readonly handler: AnyHandler;
	readonly method: string;
}

/** A registration on its way to the router. */
export interface Registered {
	readonly method: string;
	readonly path: string;
	readonly handler: AnyHandler;
}

const COMPOSED_HANDLER = "__COMPOSED_HANDLER";

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

/** The routes that a request would match, in their order. */
export function routesOf<E extends Env>(
	app: Hono<E>,
	method: string,
	path: string,
): readonly MatchedRoute[] {
	return app.router.match(method, path)[0].map(([[, route]]) => route as unknown as MatchedRoute);
}

/**
 * Asks for each registration of an app, of mounted apps and clones too, what to register in its
 * place; `undefined` leaves it as it is. By the router, because every registration comes by there.
 */
export function replaceRegistered<E extends Env>(
	{ router }: Hono<E>,
	replacement: (registered: Registered) => AnyHandler | undefined,
): void {
	const add = router.add.bind(router);
	router.add = (method, path, registered) => {
		const [handler, route] = registered as unknown as [AnyHandler, { handler: AnyHandler }];
		const replaced = replacement({ method, path, handler });
		if (replaced === undefined) return add(method, path, registered);
		// Both are the same to Hono, and the routes are what another app copies that mounts this one.
		route.handler = replaced;
		add(method, path, [replaced, route] as unknown as typeof registered);
	};
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
