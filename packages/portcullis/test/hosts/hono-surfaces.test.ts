import { Hono } from "hono";
import { expect, test } from "vitest";
import { PROTECTED_ROUTES, type ProtectedRoutes, type Surface } from "../../src/app/surfaces.ts";
import { access, protect } from "../../src/hono.ts";
import { portcullis } from "../../src/index.ts";

// The list of surfaces says of a Hono app what is so: each line is compared with what an anonymous
// request gets.

const env = { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" };
const auth = portcullis({ platform: { env, log: () => {} } });
const isAdmin = auth.check("isAdmin", () => true);
const isOwner = auth.check("isOwner", () => true);

test("lists the routes of a protected app as they are guarded", async () => {
	const gate = auth.gate({
		pages: {
			"/": { auth: false },
			"/admin/*": { auth: isAdmin },
			"/users/:id": { auth: false },
			"/open/*": { auth: false },
		},
		assets: ["/assets/*"],
	});
	const app = protect(new Hono(), gate);
	const ok = () => new Response("ok");
	app.use("*", (_, next) => next());
	app.use("/assets/*", (_, next) => next());
	app.get("/", ok);
	app.get("/healthz", access(false), ok);
	app.post("/hook", access(false), ok);
	app.all("/any", access(false), ok);
	app.get("/notes", ok);
	app.get("/notes/:id", access(isOwner), ok);
	app.get("/users/:id", ok);
	app.get("/users/:id/edit", ok);
	app.get("/admin/panel", ok);
	app.get("/admin/open", access(false), ok);
	app.get("/admin/mine", access(isOwner), ok);
	app.get("/open/door", ok);
	app.get("/open/shut", access(true), ok);
	app.get("/assets/logo.svg", ok);
	// A tag that is not first counts for nothing.
	app.get("/late", (_, next) => next(), access(false), ok);
	// Of two routes on one path the first one answers.
	app.get("/twice", ok);
	app.get("/twice", access(false), ok);
	const part = new Hono();
	part.onError((_, c) => c.text("error", 500));
	part.use((_, next) => next());
	part.get("/status", access(false), ok);
	part.get("/items/:id{[0-9]+}", ok);
	app.route("/part", part);

	const routes = routesOf(app);
	expect(routes.gate).toBe(gate);
	const listed = gate.surfaces(routes.list()).filter(({ kind }) => kind === "route");
	expect(listed.map(inWords)).toEqual([
		"ALL /any: public",
		"GET /: public",
		"GET /admin/mine: isAdmin and isOwner",
		"GET /admin/open: isAdmin",
		"GET /admin/panel: isAdmin",
		"GET /assets/logo.svg: public",
		"GET /healthz: public",
		"GET /late: signed-in, by default",
		"GET /notes: signed-in, by default",
		"GET /notes/:id: isOwner",
		"GET /open/door: public",
		"GET /open/shut: signed-in",
		"GET /part/items/:id{[0-9]+}: signed-in, by default",
		"GET /part/status: public",
		"GET /twice: signed-in, by default",
		"GET /users/:id: public",
		"GET /users/:id/edit: signed-in, by default",
		"POST /hook: public",
	]);
	for (const { name, rule } of listed) {
		const [method = "", path = ""] = name.split(" ");
		const url = `https://app.example.com${path.replace(/:id(\{.*\})?/, "7")}`;
		const { status } = await app.request(url, { method: method === "ALL" ? "PUT" : method });
		expect(status, name).toBe(rule === "public" ? 200 : 401);
	}
});

test("says where a tag stands", () => {
	const gate = auth.gate();
	const app = protect(new Hono(), gate);
	app.get("/healthz", access(false), (c) => c.text("ok"));
	app.get("/notes", (c) => c.text("ok"));
	const [healthz, notes] = gate
		.surfaces(routesOf(app).list())
		.filter(({ kind }) => kind === "route");
	expect(healthz?.site).toMatch(/hono-surfaces\.test\.ts:\d+:\d+$/);
	expect(notes?.site).toBeUndefined();
});

test("follows a default rule that is not a login", () => {
	for (const [auth, words] of [
		[false, "public, by default"],
		[isAdmin, "isAdmin, by default"],
	] as const) {
		const open = portcullis({ auth, platform: { env, log: () => {} } }).gate({
			pages: { "/x/*": { auth: true } },
		});
		const app = protect(new Hono(), open);
		app.get("/notes", (c) => c.text("ok"));
		app.get("/x/notes", (c) => c.text("ok"));
		const routes = open.surfaces(routesOf(app).list()).filter(({ kind }) => kind === "route");
		expect(routes.map(inWords)).toEqual([`GET /notes: ${words}`, "GET /x/notes: signed-in"]);
	}
});

function routesOf(app: object): ProtectedRoutes {
	return (app as { [PROTECTED_ROUTES]: ProtectedRoutes })[PROTECTED_ROUTES];
}

function inWords({ name, rule, check, isDefault }: Surface): string {
	const names = (check?.made?.of ?? [check]).map((one) =>
		typeof one === "object" ? one.name : one,
	);
	return `${name}: ${rule === "check" ? names.join(" and ") : rule}${isDefault ? ", by default" : ""}`;
}
