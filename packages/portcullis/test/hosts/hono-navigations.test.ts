import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { startGate } from "../support/gate-fixture.ts";
import { StateTab } from "../support/state-tab.ts";
import { listen } from "../support/web-server.ts";

test("navigations in the browser follow the tags of routes", async () => {
	const fixture = await startGate({
		serve: (gate) => {
			const app = protect(new Hono(), gate);
			app.use("*", (_, next) => next());
			app.get("/about", access(false), (c) => c.text("about"));
			app.get(
				"/closed",
				access(() => false),
				(c) => c.text("closed"),
			);
			app.get("/items/:id", (c) => c.text("item"));
			app.get("/:any", access(false), (c) => c.text("any"));
			return listen(getRequestListener(app.fetch));
		},
	});
	const tab = new StateTab(fixture.origin);
	expect(await tab.decide("/about?x=1")).toEqual({ outcome: "allow" });
	expect(await tab.decide("/closed")).toMatchObject({ outcome: "login" });
	expect(await tab.decide("/items/1")).toMatchObject({ outcome: "login" });
	expect(await tab.decide("/whatever")).toEqual({ outcome: "allow" });
	expect(await tab.decide("/nothing/there")).toMatchObject({ outcome: "login" });
});
