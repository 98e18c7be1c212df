import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import type { DashboardBuild, FrontEnd } from "./front-end.ts";

const client = fileURLToPath(new URL("../dist/client", import.meta.url));
const server = new URL("../dist/server/index.js", import.meta.url);

/**
 * What `npm run build` wrote; to browsers it serves `assets/` alone, whose names change with their
 * contents.
 *
 * @throws {Error} that says what to run if there is no build.
 */
export async function builtFrontEnd(): Promise<FrontEnd> {
	const build = await load();
	const serve = serveStatic({
		root: client,
		rewriteRequestPath: (path) => path.replace(/^\/web\//, "/"),
		onFound: (_, c) => c.header("Cache-Control", "public, max-age=31536000, immutable"),
	});
	return {
		isDevelopment: false,
		build: async () => build,
		files: (c, next) => (c.req.path.startsWith("/web/assets/") ? serve(c, next) : next()),
		close: async () => {},
	};
}

async function load(): Promise<DashboardBuild> {
	try {
		return await import(server.href);
	} catch (cause) {
		throw new Error(
			"The front end is not built. Run `npm run build` in examples/okta-dashboard first.",
			{ cause },
		);
	}
}
