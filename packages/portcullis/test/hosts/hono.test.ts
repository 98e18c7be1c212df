import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { protect } from "../../src/hono.ts";
import { listen } from "../support/web-server.ts";
import { APP_PATHS, appResponse, hostBehaviours } from "./behaviours.ts";

hostBehaviours(
	"Hono",
	(gate) => {
		const app = protect(new Hono(), gate);
		for (const path of APP_PATHS) app.all(path, (c) => appResponse(c.req.raw, c.var.user));
		app.onError((_, c) => c.text("Internal error", 500));
		return listen(getRequestListener(app.fetch));
	},
	"console",
);
