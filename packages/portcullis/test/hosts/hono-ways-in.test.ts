import { Hono } from "hono";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { allCookies, type GateFixture, MARKER, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// The gate decides before Hono looks for routes where it can, and in its own middleware everywhere
// else.

let fixture: GateFixture;
let cookie: string;

beforeAll(async () => {
	fixture = await startGate({
		gate: {
			pages: {
				"/checked": { auth: async ({ user }) => (await Promise.resolve(user.sub)) === "ada" },
			},
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

/** A protected app; what comes into it by which way is up to the test. */
function protectedApp() {
	const app = protect(new Hono(), fixture.gate);
	app.get("/open", access(false), (c) => c.text(`${MARKER} for everyone`));
	for (const path of ["/private", "/checked"])
		app.get(path, (c) => c.text(`${MARKER} for ${c.var.user?.sub}`));
	return app;
}

const request = (path: string, headers: Record<string, string> = {}) =>
	new Request(`${fixture.origin}${path}`, { headers });
const textOf = async (response: Response | Promise<Response>) => (await response).text();
const statusOf = async (response: Response | Promise<Response>) => (await response).status;

describe("a request is decided once", () => {
	it.each([
		["refused", "/private", false],
		["let in", "/private", true],
		["let in by a check", "/checked", true],
		["for everyone", "/open", false],
		["for everyone, signed in", "/open", true],
		["one of the gate's own", "/login", false],
	])("%s: %s", async (_, path, isSignedIn) => {
		const app = protectedApp();
		const enter = vi.spyOn(fixture.gate, "enter");
		await app.fetch(request(path, isSignedIn ? { cookie } : {}));
		expect(enter).toHaveBeenCalledTimes(1);
		enter.mockRestore();
	});
});

it("answers a refusal at once, without middleware or a context", async () => {
	await fixture.gate.ready();
	const app = protectedApp();
	const match = vi.spyOn(app.router, "match");
	const refused = app.fetch(request("/private"));
	expect(refused).toBeInstanceOf(Response);
	expect([await statusOf(refused), await textOf(refused)]).toEqual([
		401,
		expect.not.stringContaining(MARKER),
	]);
	// Once, for the tags of the route; Hono itself would have asked again.
	expect(match).toHaveBeenCalledTimes(1);
});

it("judges the same request object anew each time", async () => {
	const app = protectedApp();
	const twice = request("/private", { cookie });
	expect(await statusOf(app.fetch(twice))).toBe(200);
	twice.headers.delete("cookie");
	expect(await statusOf(app.fetch(twice))).toBe(401);
});

it("gives no request the decision about another that is under way", async () => {
	const app = protectedApp();
	const asked = Array.from({ length: 60 }, (_, i) => {
		const path = ["/private", "/checked", "/open"][i % 3] ?? "";
		const isSignedIn = i % 2 === 0;
		return {
			path,
			isSignedIn,
			answer: textOf(app.fetch(request(path, isSignedIn ? { cookie } : {}))),
		};
	});
	for (const { path, isSignedIn, answer } of asked) {
		const text = await answer;
		if (path === "/open") expect(text).toBe(`${MARKER} for everyone`);
		else if (isSignedIn) expect(text).toBe(`${MARKER} for ada`);
		else expect(text).not.toContain(MARKER);
	}
});

it("hands a request that a handler asks of the same app no decision of its own", async () => {
	const app = protectedApp();
	app.get("/around", (c) => app.fetch(request("/private"), c.env));
	expect(await statusOf(app.fetch(request("/around", { cookie })))).toBe(401);
});

describe("what a handler asks of its own guard while it runs is decided by itself", () => {
	it("another request", async () => {
		const [app, parent] = [protectedApp(), new Hono()];
		app.get("/around", () => parent.fetch(request("/private")));
		parent.route("/", app);
		expect(await statusOf(app.fetch(request("/around", { cookie })))).toBe(401);
	});

	it("the same request, without its cookies", async () => {
		const [app, parent] = [protectedApp(), new Hono()];
		app.get("/around", (c) => {
			c.req.raw.headers.delete("cookie");
			return parent.fetch(c.req.raw);
		});
		parent.route("/", app);
		expect(await statusOf(app.fetch(request("/around", { cookie })))).toBe(401);
	});
});

describe("where requests do not come by app.fetch, the guard decides", () => {
	it.each([
		["routes that a parent copied", "/sub", () => new Hono().route("/sub", protectedApp())],
		["an app that a parent mounted", "/sub", () => new Hono().mount("/sub", protectedApp().fetch)],
		["a fetch that was taken before", "", () => ({ fetch: unwrappedFetch() })],
	])("%s", async (_, prefix, make) => {
		const { fetch } = make() as Hono;
		expect(await statusOf(fetch(request(`${prefix}/private`)))).toBe(401);
		expect(await textOf(fetch(request(`${prefix}/private`, { cookie })))).toBe(`${MARKER} for ada`);
	});

	it("and HEAD is left to Hono", async () => {
		const app = protectedApp();
		for (const [headers, status] of [
			[{}, 401],
			[{ cookie }, 200],
		] as const) {
			const response = await app.request(request("/private", headers), { method: "HEAD" });
			expect([response.status, await response.text()]).toEqual([status, ""]);
		}
	});

	function unwrappedFetch(): Hono["fetch"] {
		const app = new Hono();
		const { fetch } = app;
		protect(app, fixture.gate).get("/private", (c) => c.text(`${MARKER} for ${c.var.user?.sub}`));
		return fetch;
	}
});
