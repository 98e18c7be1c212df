import { type Context, Hono } from "hono";
import { access, protect, type UserVariables } from "portcullis/hono";
import type { RequestHandler, ServerBuild } from "react-router";
import type { DashboardBuild, FrontEnd } from "./front-end.ts";
import { gate } from "./gate.ts";
import { icon } from "./icon.ts";

export { gate };

/** The app behind its gate. React Router is handed what the guard lets pass, and nothing else. */
export function createApp(frontEnd: FrontEnd) {
	const app = protect(new Hono(), gate);
	app.get("/healthz", access(false), (c) => c.text("ok"));
	app.use("/web/*", frontEnd.files);
	// The gate's own pages ask for it too.
	app.get("/favicon.ico", (c) =>
		c.body(icon, 200, { "Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600" }),
	);
	app.all("*", reactRouter(frontEnd));
	return app;
}

/** A build's own request handler. In development a change makes a new build. */
function reactRouter({ build, isDevelopment }: FrontEnd) {
	const handlers = new WeakMap<DashboardBuild, RequestHandler>();
	const handlerOf = (current: DashboardBuild) => {
		const { createRequestHandler } = current.entry.module;
		const made = createRequestHandler(
			current as ServerBuild,
			isDevelopment ? "development" : "production",
		);
		handlers.set(current, made);
		return made;
	};
	return async (c: Context<{ Variables: UserVariables }>) => {
		const request = c.req.raw;
		const current = await build();
		const handle = handlers.get(current) ?? handlerOf(current);
		const page = {
			snapshot: () => gate.snapshot(request),
			picture: c.var.user?.picture,
			isDevelopment,
		};
		return handle(request, current.entry.module.toLoadContext(page));
	};
}
