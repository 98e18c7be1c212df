import type { MiddlewareHandler } from "hono";
import type { createRequestHandler, ServerBuild } from "react-router";
import type { toLoadContext } from "../app/page-context.ts";

/** React Router's half of the app as a bundler made it: built files, or Vite. */
export interface FrontEnd {
	readonly isDevelopment: boolean;
	/** The routes and the document. Asked for at every request: in development they change. */
	readonly build: () => Promise<DashboardBuild>;
	/** Answers what lies below `/web/`. */
	readonly files: MiddlewareHandler;
	close(): Promise<void>;
}

/**
 * A server build of this app, with what `app/entry.server.tsx` exports beyond what React Router
 * asks for.
 */
export type DashboardBuild = Omit<ServerBuild, "entry"> & {
	readonly entry: {
		readonly module: ServerBuild["entry"]["module"] & {
			readonly createRequestHandler: typeof createRequestHandler;
			readonly toLoadContext: typeof toLoadContext;
		};
	};
};
