import { Hono, type MiddlewareHandler } from "hono";
import { every, except, some } from "hono/combine";
import { LinearRouter } from "hono/router/linear-router";
import { PatternRouter } from "hono/router/pattern-router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { TrieRouter } from "hono/router/trie-router";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { expectConsole } from "../support/expect-console.ts";
import { allCookies, type GateFixture, MARKER, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// A tag is never without effect: wherever it stands, its route is no more open than the tag says,
// and nothing of the route has run before that was decided.

let fixture: GateFixture;
let cookie: string;
let ran: string[];

beforeAll(async () => {
	fixture = await startGate();
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

beforeEach(() => {
	ran = [];
});

const nobody = access(() => false);
const everybody = access(false);
const signedIn = access(true);
const handsOn: MiddlewareHandler = (_, next) => next();

/** A handler that leaves a trace. */
const secret: MiddlewareHandler = async (c) => {
	ran.push(c.req.path);
	return c.text(MARKER);
};

const newApp = () => protect(new Hono(), fixture.gate);
type Fetching = { readonly fetch: (request: Request) => Response | Promise<Response> };

async function ask(
	app: Fetching,
	path: string,
	headers: Record<string, string> = {},
	method = "GET",
) {
	const response = await app.fetch(new Request(fixture.origin + path, { method, headers }));
	return { status: response.status, body: await response.text(), headers: response.headers };
}

/** As Ada, who is signed in and whom the check of `nobody` refuses. */
async function expectShut(
	app: Fetching,
	path: string,
	status: number,
	method = "GET",
): Promise<void> {
	const answer = await ask(app, path, { cookie, origin: fixture.origin }, method);
	expect([answer.status, answer.body.includes(MARKER), ran]).toEqual([status, false, []]);
}

describe("a tag that the guard cannot count beforehand decides when it is reached", () => {
	const apps: Readonly<Record<string, () => Fetching>> = {
		"behind another handler of its route": () => newApp().get("/x", handsOn, nobody, secret),
		"as the second tag of its route": () => newApp().get("/x", signedIn, nobody, secret),
		"as the second tag of its route, after an open one": () =>
			newApp().get("/x", everybody, nobody, secret),
		"on the second of two registrations of one route": () =>
			newApp().get("/x", signedIn, handsOn).get("/x", nobody, secret),
		"after a route without a tag, which hands on": () =>
			newApp().get("/*", handsOn).get("/x", nobody, secret),
		"after a route with a tag, which hands on": () =>
			newApp().get("/*", signedIn, handsOn).get("/x", nobody, secret),
		"after an open route, which hands on": () =>
			newApp().get("/*", everybody, handsOn).get("/x", nobody, secret),
		"after a route for every method": () =>
			newApp().all("/x", signedIn, handsOn).get("/x", nobody, secret),
		"inside of every()": () => newApp().get("/x", every(handsOn, nobody), secret),
		"inside of every(), in use()": () => newApp().use("/x", every(nobody)).get("/x", secret),
		"inside of some()": () => newApp().get("/x", some(nobody, handsOn), secret),
		"inside of except()": () => newApp().use("*", except("/y", nobody)).get("/x", secret),
		"called by another handler": () => newApp().get("/x", (c, next) => nobody(c, next), secret),
		bound: () => newApp().get("/x", nobody.bind(undefined), secret),
		"in use() of a mounted app": () =>
			newApp().route("/", new Hono().use(nobody).get("/x", secret)),
		"below a tag in use() of a mounted app": () =>
			newApp().route("/", new Hono().use(signedIn).get("/x", nobody, secret)),
		"in use() of a clone": () => {
			const app = newApp();
			const clone = app.basePath("/");
			clone.use(nobody);
			clone.get("/x", secret);
			return app;
		},
		"in an app that is mounted twice over": () =>
			newApp().route(
				"/",
				new Hono().route("/", new Hono().get("/x", signedIn, handsOn).get("/x", nobody, secret)),
			),
		"in an app with an error handler": () => {
			const part = new Hono().get("/x", handsOn, nobody, secret);
			part.onError((_, c) => c.text("error", 500));
			return newApp().route("/", part);
		},
		"in a parent's route behind the guard that it copied": () =>
			new Hono().route("/", newApp()).get("/x", handsOn, nobody, secret),
	};

	it.each(Object.entries(apps))("%s", async (_, make) => {
		const app = make();
		await expectShut(app, "/x", 403);
		expect((await ask(app, "/x")).status).toBe(401);
		expect(ran).toEqual([]);
	});

	it.each([LinearRouter, PatternRouter, RegExpRouter, TrieRouter])(
		"whichever router finds it: %s",
		async (Router) => {
			const app = protect(new Hono({ router: new Router() }), fixture.gate);
			app.get("/x", signedIn, handsOn).get("/x", nobody, secret).get("/plain", nobody, secret);
			await expectShut(app, "/x", 403);
			await expectShut(app, "/plain", 403);
		},
	);

	it("for every method it was registered for", async () => {
		const app = newApp();
		app.on(["POST", "PUT"], ["/a", "/b"], handsOn, nobody, secret);
		for (const path of ["/a", "/b"])
			for (const method of ["POST", "PUT"]) await expectShut(app, path, 403, method);
	});

	it("and lets in whom it grants, with private headers", async () => {
		const app = newApp().get(
			"/x",
			handsOn,
			access(({ user }) => user.sub === "ada"),
			secret,
		);
		const answer = await ask(app, "/x", { cookie });
		expect([answer.status, answer.body, answer.headers.get("cache-control")]).toEqual([
			200,
			MARKER,
			"private, no-store",
		]);
	});

	it("and opens nothing that was shut before it", async () => {
		const app = newApp().get("/x", handsOn, everybody, secret);
		expect((await ask(app, "/x")).status).toBe(401);
		expect(ran).toEqual([]);
	});
});

describe("where there is no guard before it, its route answers 500, and the log says why", () => {
	const apps: Readonly<Record<string, () => Fetching>> = {
		"in an app without protect()": () => new Hono().get("/x", access(false), secret),
		"in an app that is mounted as a function": () =>
			newApp().mount("/", new Hono().get("/x", access(true), secret).fetch, {
				replaceRequest: false,
			}),
		"in an app that a handler asks": () => {
			const part = new Hono().get("/x", access(true), secret);
			return newApp().all("/x", (c) => part.fetch(c.req.raw));
		},
		"in a parent, before the protected app": () =>
			new Hono().get("/x", access(true), secret).route("/", newApp()),
	};

	it.each(Object.entries(apps))("%s", async (_, make) => {
		expectConsole(
			"error",
			/config_invalid reason=tag_without_guard: The route at .*hono-tags-count\.test\.ts.*protect\(\)/,
		);
		await expectShut(make(), "/x", 500);
	});

	it("for a request that a handler sends to its own app, the guard decides anew", async () => {
		const app = newApp().get("/x", nobody, secret);
		app.get("/inside", (c) => app.request(`${fixture.origin}/x`, { headers: { cookie } }, c.env));
		await expectShut(app, "/inside", 403);
	});
});

describe("what a tagged route hands on is decided about before it runs", () => {
	it.each([
		["a route", () => newApp().get("/*", everybody, handsOn).get("/x", secret)],
		["a route for every method", () => newApp().get("/*", everybody, handsOn).all("/x", secret)],
		["middleware", () => newApp().get("/*", everybody, handsOn).use("/x", secret)],
		[
			"a mounted app",
			() =>
				newApp()
					.get("/*", everybody, handsOn)
					.mount("/", () => secretResponse()),
		],
		[
			"a route of a parent",
			() => new Hono().route("/", newApp().get("/*", everybody, handsOn)).get("/x", secret),
		],
		[
			"a second route of the same path",
			() => newApp().get("/x", everybody, handsOn).get("/x", secret),
		],
		[
			"a second route of the same path, by on()",
			() => newApp().on(["GET"], ["/x"], everybody, handsOn).get("/x", secret),
		],
		["a second route without a path", () => newApp().get("/x", everybody, handsOn).get(secret)],
		[
			"a second route of the same path, of a clone",
			() => {
				const app = newApp().get("/api/x", everybody, handsOn);
				app.basePath("/api").get("/x", secret);
				return {
					fetch: (request: Request) =>
						app.fetch(new Request(new URL("/api/x", request.url), request)),
				};
			},
		],
		[
			"a second app that is mounted at the same place",
			() =>
				newApp()
					.route("/", new Hono().get("/*", everybody, handsOn))
					.route("/", new Hono().get("/*", secret)),
		],
		[
			"a foreign app that is mounted at the same place",
			() =>
				newApp()
					.all("/*", everybody, handsOn)
					.mount("/", () => secretResponse()),
		],
		[
			"a route of the parent, of the same path",
			() => new Hono().route("/", newApp().get("/x", everybody, handsOn)).get("/x", secret),
		],
		[
			"a route, by a tag that hands on itself",
			() => newApp().get("/*", everybody).get("/x", secret),
		],
		[
			"a route, by one that hands on later",
			() => newApp().get("/*", everybody, later).get("/x", secret),
		],
	])("%s", async (_, make) => {
		const answer = await ask(make(), "/x");
		expect([answer.status, answer.body.includes(MARKER), ran]).toEqual([401, false, []]);
	});

	it.each([
		["a route", () => newApp().get("/x", everybody, handsOn, secret)],
		["on()", () => newApp().on(["POST", "GET"], ["/y", "/x"], everybody, handsOn, secret)],
		["a mounted app", () => newApp().route("/", new Hono().get("/x", everybody, handsOn, secret))],
		[
			"a mounted app that is protected itself",
			() => newApp().route("/", newApp().get("/x", everybody, handsOn, secret)),
		],
		["a clone", () => newApp().basePath("/").get("/x", everybody, handsOn, secret)],
	])("but not within one registration: %s", async (name, make) => {
		const answer = await ask(make(), "/x");
		// The inner guard of two asks once more, and knows no tag of the outer one.
		expect([name, answer.status, answer.body]).toEqual([name, 200, MARKER]);
	});

	it("by the tag of the route that comes next", async () => {
		const app = newApp()
			.get("/*", everybody, handsOn)
			.get("/open", access(false), secret)
			.get("/shut", nobody, secret);
		expect(await ask(app, "/open")).toMatchObject({ status: 200, body: MARKER });
		ran = [];
		await expectShut(app, "/shut", 403);
	});

	it("and lets the person in whom the next rule grants, with private headers", async () => {
		const app = newApp().get("/*", everybody, handsOn).get("/x", secret);
		const answer = await ask(app, "/x", { cookie });
		expect([answer.status, answer.body, answer.headers.get("cache-control")]).toEqual([
			200,
			MARKER,
			"private, no-store",
		]);
	});

	it("but not where nothing comes next: a 404 is the tagged route's own", async () => {
		const app = newApp().get("/*", everybody, handsOn);
		expect((await ask(app, "/nothing")).status).toBe(404);
	});

	const later: MiddlewareHandler = async (_, next) => {
		await Promise.resolve();
		await next();
	};
	const secretResponse = () => {
		ran.push("mounted");
		return new Response(MARKER);
	};
});
