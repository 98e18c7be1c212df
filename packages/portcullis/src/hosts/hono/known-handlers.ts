import type { Context, Env, Hono, MiddlewareHandler } from "hono";
import { type RegisteredHandlers, tagInMiddleware } from "./counted-tag.ts";
import {
	type AnyHandler,
	type MatchedRoute,
	markWrapped,
	original,
	replaceRegistered,
	routesOf,
} from "./internals.ts";
import { Registrations } from "./registrations.ts";
import { type Tag, tagOf } from "./tags.ts";

/** What is known of the routes of a protected app. */
export interface KnownHandlers extends RegisteredHandlers {
	/** The routes that a request would match, in their order. */
	readonly routesOf: (method: string, path: string) => readonly MatchedRoute[];
	/** The path that a request is routed by. */
	readonly getPath: (request: Request, env: unknown) => string;
	/** The same where that is not the path of its address; `undefined` for most apps. */
	readonly pathOf: ((request: Request, env: unknown) => string) | undefined;
	/** See `Guard`; there before any request is. */
	forward: (c: Context, index: number, next: () => Promise<void>) => Promise<void>;
}

/**
 * Watches what is registered from now on.
 *
 * @param found Hears of each tag.
 */
export function watchRegistrations<E extends Env>(
	app: Hono<E>,
	found: (tag: Tag) => void,
): KnownHandlers {
	const getPath = (request: Request, env: unknown) => app.getPath(request, { env: env as never });
	const known: KnownHandlers = {
		...{ middleware: new WeakSet<object>(), terminal: new WeakSet<object>() },
		routesOf: (method, path) => routesOf(app, method, path),
		...{ getPath, pathOf: hasOwnPaths(app) ? getPath : undefined }, // proven: own-paths
		forward: () => Promise.reject(new Error("There is no guard yet")),
	};
	fenceTaggedRoutes(app, known, found);
	const use = app.use.bind(app) as (...args: unknown[]) => Hono<E>;
	app.use = ((...args: unknown[]) => {
		for (const handler of args) {
			if (typeof handler !== "function") continue;
			if (tagOf(handler as AnyHandler)) throw tagInMiddleware();
			known.middleware.add(handler);
		}
		return use(...args);
	}) as typeof app.use;
	const all = app.all.bind(app) as (...args: unknown[]) => Hono<E>;
	app.all = ((...args: unknown[]) => {
		for (const handler of args) if (typeof handler === "function") known.terminal.add(handler);
		return all(...args);
	}) as typeof app.all;
	return known;
}

/**
 * True for an app with a `getPath` of its own: by the host name, say, or a header. Compared with
 * apps of the same copy of Hono.
 */
function hasOwnPaths<E extends Env>(app: Hono<E>): boolean {
	const Made = app.constructor as new (options: { strict: boolean }) => Hono<E>;
	return ![true, false].some((strict) => new Made({ strict }).getPath === app.getPath);
}

/**
 * Wraps the handlers of tagged routes, so that the guard hears of it when one hands its request on.
 */
function fenceTaggedRoutes<E extends Env>(
	app: Hono<E>,
	known: KnownHandlers,
	found: (tag: Tag) => void,
): void {
	const tagged = new Set<string>();
	const registrations = new Registrations(app);
	replaceRegistered(app, ({ method, path, handler }) => {
		const tag = tagOf(original(handler));
		const registration = registrations.of(method, path);
		if (tag) {
			tagged.add(`${method} ${path}`);
			found(tag);
		}
		if (!tagged.has(`${method} ${path}`)) return undefined;
		const fenced: MiddlewareHandler = (c, next) => {
			const index = c.req.routeIndex;
			return (handler as MiddlewareHandler)(c, () => known.forward(c, index, next));
		};
		return registrations.note(markWrapped(fenced, handler), registration);
	});
}
