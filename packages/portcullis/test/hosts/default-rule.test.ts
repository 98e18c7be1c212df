import { Hono } from "hono";
import { expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { allCookies, MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { listenFetch } from "../support/web-server.ts";

it("an explicit auth: true needs login only, where the default is a check", async () => {
	const fixture = await startGate({
		auth: { auth: () => false },
		gate: { pages: { "/profile": { auth: true } } },
	});
	const app = protect(new Hono(), fixture.gate);
	app.get("/tagged", access(true), (c) => c.text(MARKER));
	app.get("/untagged", (c) => c.text(MARKER));
	app.get("/profile", (c) => c.text(MARKER));
	// What answers in place of a tagged route has the default rule.
	app.use("/files/*", (c, next) =>
		c.req.path === "/files/taken" ? Promise.resolve(c.text(MARKER)) : next(),
	);
	app.get("/files/:name", access(true), (c) => c.text(MARKER));
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const status = async (path: string, cookie?: string) =>
		(await app.request(fixture.origin + path, cookie ? { headers: { cookie } } : {})).status;
	const cookies = allCookies(browser);
	expect([await status("/tagged", cookies), await status("/tagged")]).toEqual([200, 401]);
	expect([await status("/profile", cookies), await status("/profile")]).toEqual([200, 401]);
	expect([await status("/untagged", cookies), await status("/untagged")]).toEqual([403, 401]);
	expect([await status("/files/own", cookies), await status("/files/taken", cookies)]).toEqual([
		200, 403,
	]);
});

it("a default of false opens what nothing shuts, and a tag shuts it again", async () => {
	const fixture = await startGate({ auth: { auth: false } });
	const app = protect(new Hono(), fixture.gate);
	app.get("/shut", access(true), (c) => c.text(MARKER));
	app.get("/open", (c) => c.text(MARKER));
	expect((await app.request(`${fixture.origin}/open`)).status).toBe(200);
	expect((await app.request(`${fixture.origin}/shut`)).status).toBe(401);
});

it("data that a router fetches for a page obeys its rule, and opens with nothing but its own", async () => {
	const isNobody = () => false;
	const pages = { "/": { auth: false }, "/admin/*": { auth: isNobody } } as const;
	const fixture = await startGate({ gate: { pages } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const status = async (path: string) => (await browser.fetch(fixture.origin + path)).status;
	const statuses = async (...paths: string[]) => Promise.all(paths.map(status));
	expect(await statuses("/admin", "/admin/_.data", "/admin/audit.data", "/admin.data")).toEqual([
		403, 403, 403, 403,
	]);
	// The default: whoever is signed in.
	expect(await statuses("/_.data", "/_root.data")).toEqual([200, 200]);
	const anonymous = new ScriptedBrowser();
	expect((await anonymous.fetch(`${fixture.origin}/_.data`)).status).toBe(401);
	expect((await anonymous.fetch(`${fixture.origin}/`)).status).toBe(200);
});

it("on an open page another site's request is nobody's (R67)", async () => {
	const fixture = await startGate({
		gate: { pages: { "/vote": { auth: false } } },
		serve: (gate) =>
			listenFetch((request) =>
				gate.handle(request, (_, user) => new Response(user?.sub ?? "nobody")),
			),
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = allCookies(browser);
	const vote = async (headers: Record<string, string>, method = "POST") =>
		(await exchange(`${fixture.origin}/vote`, method, { cookie, ...headers })).body;
	expect(await vote({ origin: fixture.origin })).toBe("ada");
	expect(await vote({ "portcullis-request": "1" })).toBe("ada");
	expect(await vote({}, "GET")).toBe("ada");
	for (const headers of [
		{ origin: "https://evil.example" },
		{ origin: "null" },
		{},
		{ origin: "https://evil.example", "portcullis-request": "1" },
	]) {
		expect(await vote(headers)).toBe("nobody");
	}
});
