import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import {
	allCookies,
	type GateFixture,
	MARKER,
	type Person,
	startGate,
} from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";
import { listen } from "../support/web-server.ts";

let fixture: GateFixture;
let cookie: string;

beforeAll(async () => {
	fixture = await startGate({
		gate: {
			pages: {
				"/": { auth: false },
				"/open/*": { auth: false },
				"/tenant-a/open/*": { auth: false },
				"/admin/*": { auth: () => false },
			},
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

const isReached = async (response: Response) => (await response.text()).includes(MARKER);

describe("an app that routes by a path of its own", () => {
	const app = (gate: Gate<Person>) => {
		const getPath = (request: Request) => {
			const tenant = request.headers.get("x-tenant");
			return (tenant === null ? "" : `/${tenant}`) + new URL(request.url).pathname;
		};
		return protect(new Hono({ getPath }), gate).all("*", (c) => c.text(`${MARKER} ${c.req.path}`));
	};
	const ask = (path: string, headers: Record<string, string>, method = "GET") =>
		app(fixture.gate).request(fixture.origin + path, { headers, method });

	it("is judged by the path that it routes, besides that of the address", async () => {
		for (const method of ["GET", "HEAD", "OPTIONS"]) {
			expect((await ask("/open/x", {}, method)).status).toBe(200);
			expect((await ask("/open/x", { "x-tenant": "admin" }, method)).status).toBe(401);
			expect((await ask("/open/x", { "x-tenant": "admin", cookie }, method)).status).toBe(403);
			expect((await ask("/admin/x", { "x-tenant": "open", cookie }, method)).status).toBe(403);
		}
		expect(await isReached(await ask("/other", { "x-tenant": "admin", cookie }))).toBe(false);
	});

	it("opens what a pattern opens of it", async () => {
		expect(await isReached(await ask("/open/x", { "x-tenant": "tenant-a" }))).toBe(true);
		expect((await ask("/other", { "x-tenant": "tenant-a" })).status).toBe(401);
	});
});

it("finds the tag of a page that is navigated to in the browser as the router finds it", async () => {
	const { origin } = await startGate({
		auth: { auth: false },
		serve: (gate) => {
			const app = protect(new Hono(), gate);
			app.get("/café/:id", access(true), (c) => c.text(MARKER));
			return listen(getRequestListener(app.fetch));
		},
	});
	const tab = new StateTab(origin);
	for (const path of ["/caf%C3%A9/1", "/c%61f%c3%a9/1"]) {
		expect((await fetch(origin + path)).status).toBe(401);
		expect(await tab.decide(path)).toMatchObject({ outcome: "login" });
	}
	expect(await tab.decide("/elsewhere")).toEqual({ outcome: "allow" });
});
