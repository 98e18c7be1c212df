import { Hono, type MiddlewareHandler } from "hono";
import { describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { ConfigError, type GateOptions } from "../../src/index.ts";
import { allCookies, MARKER, type Person, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

type App = ReturnType<typeof protect>;

const served = (c: { text(text: string): Response }) => c.text(MARKER);
const open = access(false);

/** A protected app whose requests need no network; `asAda` asks as a signed-in person. */
async function protectedApp(gateOptions: GateOptions<Person> = {}) {
	const fixture = await startGate({ gate: gateOptions });
	const browser = new ScriptedBrowser();
	const app = protect(new Hono(), fixture.gate) as App;
	const ask = async (path: string, init?: RequestInit) =>
		app.request(`${fixture.origin}${path}`, init);
	return {
		app,
		fixture,
		anonymously: async (path: string, method = "GET") => (await ask(path, { method })).status,
		async asAda(path: string): Promise<Response> {
			if (browser.jar.size === 0) await fixture.signIn(browser);
			return ask(path, { headers: { cookie: allCookies(browser) } });
		},
	};
}

describe("access() tags", () => {
	it("opens the one route that is tagged, for its method alone", async () => {
		const { app, anonymously } = await protectedApp();
		app.get("/healthz", open, served);
		app.post("/healthz", served);
		expect(await anonymously("/healthz")).toBe(200);
		expect(await anonymously("/healthz", "HEAD")).toBe(200);
		expect(await anonymously("/healthz", "POST")).toBe(401);
		expect(await anonymously("/healthz/")).toBe(401);
		expect(await anonymously("/healthz/below")).toBe(401);
	});

	it("counts on the first terminal route alone: a later public /:any does not open /secret", async () => {
		const { app, anonymously } = await protectedApp();
		app.get("/secret", served);
		app.get("/:any", open, served);
		expect(await anonymously("/secret")).toBe(401);
		expect(await anonymously("/other")).toBe(200);
	});

	it("opens no function that a request names besides: that one has an address of its own", async () => {
		const named: readonly (readonly [string, Record<string, string>])[] = [
			["/form?_action=x", {}],
			["/form?/remote=x/y", {}],
			["/form", { "Next-Action": "x" }],
		];
		const pages = {
			"/_action": { auth: false },
			"/_actions/*": { auth: false },
			"/_app/remote/*": { auth: false },
		} as const;
		for (const [options, status] of [
			[{}, 401],
			[{ pages }, 200],
		] as const) {
			const { app, fixture, anonymously } = await protectedApp(options);
			app.post("/form", open, served);
			expect(await anonymously("/form", "POST")).toBe(200);
			for (const [path, headers] of named)
				expect((await app.request(fixture.origin + path, { method: "POST", headers })).status).toBe(
					status,
				);
		}
	});

	it("does not open what a route before it answers, for every method", async () => {
		const { app, anonymously } = await protectedApp();
		app.all("/secret", served);
		app.get("/secret", open, served);
		app.on(["GET", "POST"], "/listed", served);
		app.get("/listed", open, served);
		expect(await anonymously("/secret")).toBe(401);
		expect(await anonymously("/listed")).toBe(401);
	});

	it("opens a route for all methods that is tagged itself", async () => {
		const { app, anonymously } = await protectedApp();
		app.all("/hook", open, served);
		expect([await anonymously("/hook"), await anonymously("/hook", "POST")]).toEqual([200, 200]);
	});

	it("is refused in use()", async () => {
		const { app } = await protectedApp();
		expect(() => app.use(open)).toThrow(ConfigError);
		expect(() => app.use("/public/*", open)).toThrow(ConfigError);
	});

	it("never opens what pages shuts, and tightens what it opens", async () => {
		const { app, anonymously, asAda } = await protectedApp({
			pages: {
				"/shut": { auth: true },
				"/admin/*": { auth: () => false },
				"/open": { auth: false },
				"/loose": { auth: false },
			},
		});
		app.get("/shut", open, served);
		app.get("/admin/x", open, served);
		app.get("/open", access(true), served);
		app.get(
			"/loose",
			access(() => false),
			served,
		);
		expect(await anonymously("/shut")).toBe(401);
		expect(await anonymously("/admin/x")).toBe(401);
		expect((await asAda("/admin/x")).status).toBe(403);
		expect(await anonymously("/open")).toBe(401);
		expect((await asAda("/open")).status).toBe(200);
		expect(await anonymously("/loose")).toBe(401);
		expect((await asAda("/loose")).status).toBe(403);
	});

	it("runs a check of its own on top of the one of pages", async () => {
		const { app, asAda } = await protectedApp({
			pages: { "/both": { auth: () => true }, "/neither": { auth: () => false } },
		});
		app.get(
			"/both",
			access<Person>(({ user }) => user.claims.groups?.includes("admins") === true),
			served,
		);
		app.get(
			"/neither",
			access(() => true),
			served,
		);
		expect((await asAda("/both")).status).toBe(200);
		expect((await asAda("/neither")).status).toBe(403);
	});

	it("withholds what middleware answers in place of the tagged route", async () => {
		const { app, anonymously, asAda } = await protectedApp();
		const files: MiddlewareHandler = async (c, next) =>
			c.req.path.startsWith("/files/")
				? c.text(`${MARKER} of a file`, 200, { "X-Secret": MARKER })
				: next();
		app.use("*", files);
		app.get("/:folder/:name", open, served);
		const refused = await app.request("http://localhost/files/a");
		expect(refused.status).toBe(401);
		expect(await refused.text()).not.toContain(MARKER);
		expect(refused.headers.get("x-secret")).toBeNull();
		expect(await anonymously("/other/a")).toBe(200);
		expect(await (await asAda("/files/a")).text()).toBe(`${MARKER} of a file`);
	});

	it("withholds what another route answers after the tagged one has passed the request on", async () => {
		const { app, anonymously } = await protectedApp();
		app.get("/:any", open, (c, next) => (c.req.param("any") === "mine" ? served(c) : next()));
		app.get("/secret", served);
		app.get("/:any", open, served);
		expect(await anonymously("/mine")).toBe(200);
		expect(await anonymously("/secret")).toBe(401);
		expect(await anonymously("/other")).toBe(200);
	});

	it("withholds what a mounted app's all() answers in place of the tagged route", async () => {
		const { app, anonymously } = await protectedApp();
		const mounted = new Hono();
		// Takes next and does not call it: from outside it looks like middleware.
		mounted.all("/secret", async (c, _next) => c.text(MARKER));
		mounted.get("/secret", open, served);
		app.route("/sub", mounted);
		expect(await anonymously("/sub/secret")).toBe(401);
	});

	it("keeps guarding mounted apps with middleware and an error handler of their own", async () => {
		const { app, anonymously, asAda } = await protectedApp();
		const mounted = new Hono();
		mounted.use("*", (_, next) => next());
		mounted.onError((_, c) => c.text("handled there", 500));
		mounted.get("/secret", served);
		mounted.get("/public", open, served);
		mounted.get("/broken", () => {
			throw new Error("broken");
		});
		mounted.get("/:any", open, served);
		app.route("/sub", mounted);
		expect(await anonymously("/sub/secret")).toBe(401);
		expect(await anonymously("/sub/broken")).toBe(401);
		expect(await anonymously("/sub/public")).toBe(200);
		expect(await anonymously("/sub/else")).toBe(200);
		expect(await (await asAda("/sub/broken")).text()).toBe("handled there");
		expect((await asAda("/sub/broken")).headers.get("cache-control")).toBe("private, no-store");
	});

	it("does not open a mounted app by a tag in its use()", async () => {
		const { app, anonymously } = await protectedApp();
		const mounted = new Hono();
		mounted.use("*", open);
		mounted.get("/secret", served);
		app.route("/sub", mounted);
		expect(await anonymously("/sub/secret")).toBeGreaterThanOrEqual(400);
		const body = await (await app.request("http://localhost/sub/secret")).text();
		expect(body).not.toContain(MARKER);
	});

	it("does not open a mounted app's catch-all of every method by a later tag", async () => {
		const { app, anonymously } = await protectedApp();
		const mounted = new Hono();
		mounted.onError((_, c) => c.text("handled there", 500));
		mounted.all("/secret", (c) => c.text(MARKER));
		mounted.get("/secret", open, served);
		app.route("/sub", mounted);
		expect(await anonymously("/sub/secret")).toBe(401);
	});

	it("guards apps mounted with mount(), and clones by basePath()", async () => {
		const { app, anonymously, asAda } = await protectedApp();
		app.mount("/mounted", () => new Response(MARKER));
		const api = app.basePath("/api");
		api.get("/secret", served);
		api.get("/public", open, served);
		expect(await anonymously("/mounted/x")).toBe(401);
		expect(await anonymously("/api/secret")).toBe(401);
		expect(await anonymously("/api/public")).toBe(200);
		expect((await asAda("/mounted/x")).status).toBe(200);
	});

	it("refuses or guards a tag in the use() of a basePath() clone", async () => {
		const { app } = await protectedApp();
		const api = app.basePath("/api");
		const register = () => {
			api.use("*", open);
			api.get("/secret", served);
		};
		let refused = false;
		try {
			register();
		} catch (error) {
			expect(error).toBeInstanceOf(ConfigError);
			refused = true;
		}
		if (!refused)
			expect(await (await app.request("http://localhost/api/secret")).text()).not.toContain(MARKER);
	});

	it("guards a 404, and a notFound handler", async () => {
		const { app, anonymously, asAda } = await protectedApp();
		app.notFound((c) => c.text(MARKER, 404));
		expect(await anonymously("/unknown")).toBe(401);
		expect((await asAda("/unknown")).status).toBe(404);
	});

	it("says no by itself to anything but a rule", () => {
		expect(() => access(undefined as never)).toThrow(ConfigError);
		expect(() => access("yes" as never)).toThrow(ConfigError);
		expect(() => access({ auth: true } as never)).toThrow(/access\(true\)/);
	});
});

describe("protect()", () => {
	it("refuses an app that has routes already: they would be open", async () => {
		const { gate } = await startGate();
		expect(() => protect(new Hono().get("/early", served), gate)).toThrow(/early/);
		expect(() =>
			protect(
				new Hono().use("*", (_, next) => next()),
				gate,
			),
		).toThrow(ConfigError);
		expect(() => protect(new Hono().get("/early", served), gate)).toThrow(ConfigError);
	});
});
