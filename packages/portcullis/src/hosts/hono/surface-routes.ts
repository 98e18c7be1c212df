import type { SurfaceRoute } from "../../app/surfaces.ts";
import { countedTag, isMiddleware, type RegisteredHandlers } from "./counted-tag.ts";
import { type MatchedRoute, original } from "./internals.ts";
import { tagOf } from "./tags.ts";

/** The routes of an app, each once, with the tag that counts for it. Middleware is none. */
export function listRoutes(
	registered: readonly (MatchedRoute & { readonly path: string })[],
	known: RegisteredHandlers,
): SurfaceRoute[] {
	const routes = new Map<string, SurfaceRoute>();
	for (const { handler: composed, method, path } of registered) {
		const handler = original(composed);
		const name = `${method} ${path}`;
		// The first one that is no middleware says whether the route has a tag, as it does for a
		// request.
		if (routes.has(name) || (!tagOf(handler) && isMiddleware(handler, method, known))) continue;
		const counted = countedTag([{ handler, method }], known);
		const tag = counted && tagOf(counted);
		const site = tag?.site;
		routes.set(name, {
			...{ method, path },
			...(tag === undefined ? {} : { tag: tag.rule }),
			...(site === undefined ? {} : { site }),
		});
	}
	return [...routes.values()];
}
