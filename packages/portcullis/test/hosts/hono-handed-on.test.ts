import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { protect } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { allCookies, type Person, startGate } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { type Listening, listen } from "../support/web-server.ts";

let origin: string;
let cookie: string;

beforeAll(async () => {
	const fixture = await startGate({ serve: serveWrapped });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	origin = fixture.origin;
	cookie = allCookies(browser);
});

/**
 * The protected app inside another one, which hands requests on: the same, a new one, or the same
 * with other headers.
 */
function serveWrapped(gate: Gate<Person>): Promise<Listening> {
	const app = protect(new Hono(), gate);
	app.all("/private", (c) => c.text(`for ${c.var.user?.sub}`));
	const wrapper = new Hono();
	wrapper.get("/new", (c) => app.request("/private", {}, c.env));
	wrapper.get("/other-person", (c) =>
		app.request("/private", { headers: { cookie: "someone=else" } }, c.env),
	);
	wrapper.get("/deleted", (c) => {
		c.req.raw.headers.delete("cookie");
		return app.fetch(new Request(`${origin}/private`, c.req.raw), c.env);
	});
	wrapper.get("/private", (c) => {
		if (c.req.query("strip") !== undefined) c.req.raw.headers.delete("cookie");
		return app.fetch(c.req.raw, c.env);
	});
	wrapper.post("/forged", (c) => {
		const headers = { cookie: c.req.header("cookie") ?? "", origin: "https://evil.example" };
		return app.request(`${origin}/private`, { method: "POST", headers }, c.env);
	});
	wrapper.all("*", (c) => app.fetch(c.req.raw, c.env));
	return listen(getRequestListener(wrapper.fetch));
}

const ask = (path: string, method = "GET", headers: Record<string, string> = {}): Promise<Answer> =>
	exchange(origin + path, method, { cookie, ...headers });

describe("a request that is handed on beside the c.env of another", () => {
	it("is let in by its own cookies, again and again", async () => {
		for (let i = 0; i < 3; i++) expect((await ask("/private")).body).toBe("for ada");
	});

	it.each(["/new", "/other-person", "/deleted", "/private?strip"])(
		"is nobody's without them: %s",
		async (path) => {
			const { status, body } = await ask(path);
			expect([status, body]).toEqual([401, expect.not.stringContaining("for ")]);
		},
	);

	it("is judged by its own Origin", async () => {
		expect((await ask("/private", "POST", { origin })).status).toBe(200);
		expect((await ask("/forged", "POST", { origin })).status).toBe(403);
	});
});
