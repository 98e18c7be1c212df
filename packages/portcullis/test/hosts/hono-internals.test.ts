import { Hono, type MiddlewareHandler } from "hono";
import { LinearRouter } from "hono/router/linear-router";
import { PatternRouter } from "hono/router/pattern-router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { describe, expect, test } from "vitest";
import { original, replaceRegistered, routesOf } from "../../src/hosts/hono/internals.ts";

// What src/hosts/hono/internals.ts rests on and Hono documents nowhere.

const handler: MiddlewareHandler = async (c) => c.text("own");
const replaced: MiddlewareHandler = async (c) => c.text("replaced");

test("keeps the handler that it wraps", () => {
	const mounted = new Hono().onError((_, c) => c.text("failed"));
	mounted.get("/page", handler);
	const app = new Hono().route("/part", mounted);
	const [route] = routesOf(app, "GET", "/part/page");
	expect(route?.handler).not.toBe(handler);
	expect(route && original(route.handler)).toBe(handler);
});

describe.each([
	["the default router", undefined],
	["LinearRouter", LinearRouter],
	["PatternRouter", PatternRouter],
	["RegExpRouter", RegExpRouter],
	["SmartRouter", SmartRouter],
	["TrieRouter", TrieRouter],
])("with %s", (_, Router) => {
	const create = (): Hono => {
		if (Router === undefined) return new Hono();
		const router =
			Router === SmartRouter
				? new SmartRouter<never>({ routers: [new RegExpRouter(), new TrieRouter()] })
				: new (Router as typeof TrieRouter)<never>();
		return new Hono({ router });
	};

	test("hands every registration to the router as a handler and its route", async () => {
		const app = create();
		const seen: string[] = [];
		replaceRegistered(app, ({ method, path, handler: registered }) => {
			seen.push(`${method} ${path}`);
			return registered === handler ? replaced : undefined;
		});
		app.use(async (_, next) => next());
		app.get("/own", handler);
		app.on("PURGE", "/purged", handler);
		app.route("/part", new Hono().all("/page", handler));
		app.basePath("/clone").post("/form", handler);
		const asked = [...["GET /own", "PURGE /purged", "ALL /part/page", "POST /clone/form"]] as const;
		expect(seen).toEqual(["ALL /*", ...asked]);
		for (const each of asked) {
			const [method = "", path = ""] = each.replace("ALL", "PUT").split(" ");
			const matched = routesOf(app, method, path);
			expect(matched.map((route) => route.handler).at(-1)).toBe(replaced);
			expect(await (await app.request(path, { method })).text()).toBe("replaced");
		}
		// And an app that mounts this one gets what was put in place.
		const outer = new Hono().route("/outer", app);
		expect(await (await outer.request("/outer/own")).text()).toBe("replaced");
	});
});
