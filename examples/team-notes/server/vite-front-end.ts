import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import { createServer, type ViteDevServer } from "vite";
import type { FrontEnd } from "./front-end.ts";

/**
 * Vite in development, behind the guard and on the app's own origin: cookies, CSRF and redirect
 * URIs are those of production.
 *
 * @param server Carries the websocket of hot reloading as well, so that no second port is needed.
 */
export async function viteFrontEnd(server: Server): Promise<FrontEnd> {
	const vite = await createServer({
		configFile: fileURLToPath(new URL("../vite.config.ts", import.meta.url)),
		appType: "custom",
		logLevel: "warn",
		server: { middlewareMode: true, ws: { server } },
	});
	return {
		scripts: ["/web/@vite/client", "/web/main.tsx"],
		styles: "/web/styles.css",
		// Vite's error overlay has styles of its own, and a worker waits for the server to come back.
		policy: { "style-src": "'self' 'unsafe-inline'", "worker-src": "blob:" },
		files: handOver(vite),
		close: () => vite.close(),
	};
}

/** Vite speaks Node's requests and responses, and calls back for what it does not have. */
function handOver(vite: ViteDevServer): MiddlewareHandler<{ Bindings: HttpBindings }> {
	return async (c, next) => {
		const { incoming, outgoing } = c.env;
		const answered = await new Promise<boolean>((resolve, reject) => {
			outgoing.once("close", () => resolve(true));
			vite.middlewares(incoming, outgoing, (error?: unknown) =>
				error ? reject(error) : resolve(false),
			);
		});
		if (answered) return RESPONSE_ALREADY_SENT;
		return next();
	};
}
