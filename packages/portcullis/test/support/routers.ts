import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import {
	createServer,
	type IncomingMessage,
	type RequestListener,
	type Server,
	type ServerResponse,
} from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { access, protect as protectHono } from "../../src/hono.ts";
import type { Gate, PageAuthContext, Rule } from "../../src/index.ts";
import { protect } from "../../src/node.ts";
import type { Person } from "./gate-fixture.ts";

/** Who may reach a route. */
export type Level = "public" | "member" | "admin";

/** Routes of every app here. `:id` is a parameter, and `/admin/*` everything below. */
export const LEVELS: Readonly<Record<string, Level>> = {
	"/open/secret": "admin",
	"/open/page": "public",
	"/open": "public",
	"/secret": "member",
	"/members/list": "member",
	"/members/:id": "member",
	"/admin/panel": "admin",
	"/admin/*": "admin",
	"/admin": "admin",
	"/reports": "admin",
	"/": "public",
};

/** Says that the code of a route ran, for the request that has this in its header `x-case`. */
export type Ran = (route: string, id: string | null | undefined) => void;

/** Puts the gate before an app with the routes above and serves it. */
type Serve = (
	gate: Gate<Person>,
	ran: Ran,
	isAdmin: Rule<PageAuthContext<Person>>,
) => Promise<Server> | Server;

// biome-ignore lint/suspicious/noExplicitAny: packages of the fixtures, whose types are not installed here
type Loose = any;

const HOSTS = join(import.meta.dirname, "../../../../hosts");
const ROUTERS = join(HOSTS, "routers");
const SVELTEKIT = join(HOSTS, "sveltekit/build/handler.js");

/** One of the packages of `hosts/routers`, as Node itself loads it. */
export async function load(name: string): Promise<Loose> {
	if (!existsSync(join(ROUTERS, "node_modules")))
		throw new Error("The routers are not installed: run `node scripts/ensure-hosts.mjs`");
	const require = createRequire(join(ROUTERS, "import.cjs"));
	return importNatively(pathToFileURL(require.resolve(name)).href);
}

function importNatively(address: string): Promise<Loose> {
	return createRequire(join(ROUTERS, "import.cjs"))("./import.cjs")(address);
}

const caseOf = (request: IncomingMessage) => request.headers["x-case"] as string | undefined;

function express(name: "express" | "express4"): Serve {
	return async (gate, ran) => {
		const app = (await load(name)).default();
		for (const route of Object.keys(LEVELS)) {
			const handler = (request: IncomingMessage, response: ServerResponse) => {
				ran(route, caseOf(request));
				response.end(route);
			};
			if (route === "/admin/*") app.use("/admin", handler);
			else app.all(route, handler);
		}
		return createServer(protect(app, gate));
	};
}

const serveConnect: Serve = async (gate, ran) => {
	const app = (await load("connect")).default();
	for (const route of Object.keys(LEVELS)) {
		const mount = route.replace(/\/[:*].*/, "");
		app.use(mount, (request: IncomingMessage, response: ServerResponse, next: () => void) => {
			// Connect knows prefixes alone, and hands on what is left.
			if (mount === route && !/^\/?(?:\?|$)/.test(request.url ?? "")) return next();
			ran(route, caseOf(request));
			response.end(route);
		});
	}
	return createServer(protect(app, gate));
};

const serveKoa: Serve = async (gate, ran) => {
	const Koa = (await load("koa")).default;
	const { Router } = await load("@koa/router");
	const app = new Koa();
	app.silent = true;
	const router = new Router();
	for (const route of Object.keys(LEVELS))
		router.all(route.replace("/*", "/*rest"), (ctx: Loose) => {
			ran(route, ctx.get("x-case"));
			ctx.body = route;
		});
	app.use(router.routes());
	return createServer(protect(app.callback(), gate));
};

function fastify(routerOptions: Record<string, boolean>): Serve {
	return async (gate, ran) => {
		const app = (await load("fastify")).default({
			routerOptions,
			serverFactory: (handler: RequestListener) => createServer(protect(handler, gate)),
		});
		for (const route of Object.keys(LEVELS))
			app.all(route, (request: Loose, reply: Loose) => {
				ran(route, request.headers["x-case"]);
				return reply.send(route);
			});
		await app.ready();
		return app.server;
	};
}

const serveH3: Serve = async (gate, ran) => {
	const { H3, toNodeHandler } = await load("h3");
	const app = new H3();
	for (const route of Object.keys(LEVELS))
		app.all(route.replace("/*", "/**"), (event: Loose) => {
			ran(route, event.req.headers.get("x-case"));
			return route;
		});
	return createServer(protect(toNodeHandler(app), gate));
};

/** The routes in a Hono app, those of `/members` in one that is mounted. */
function addRoutes(app: Hono<Loose>, ran: Ran): Hono<Loose> {
	const members: Hono<Loose> = new Hono();
	for (const route of Object.keys(LEVELS)) {
		const inMembers = route.startsWith("/members");
		(inMembers ? members : app).all(inMembers ? route.slice("/members".length) : route, (c) => {
			ran(route, c.req.header("x-case"));
			return c.text(route);
		});
	}
	app.route("/members", members);
	return app;
}

const serveHono: Serve = (gate, ran) =>
	createServer(getRequestListener(addRoutes(protectHono(new Hono(), gate), ran).fetch));

const serveLooseHono: Serve = (gate, ran) =>
	createServer(
		getRequestListener(addRoutes(protectHono(new Hono({ strict: false }), gate), ran).fetch),
	);

/** Rules at the routes themselves, beside those of the gate. */
const serveTaggedHono: Serve = (gate, ran, isAdmin) => {
	const app = protectHono(new Hono<Loose>(), gate);
	for (const [route, level] of Object.entries(LEVELS)) {
		const auth = level === "public" ? false : level === "member" ? true : isAdmin;
		app.all(route, access(auth as Rule<PageAuthContext>), (c) => {
			ran(route, c.req.header("x-case"));
			return c.text(route);
		});
	}
	return createServer(getRequestListener(app.fetch));
};

const serveHonoBehindNode: Serve = (gate, ran) =>
	createServer(protect(getRequestListener(addRoutes(new Hono<Loose>(), ran).fetch), gate));

/** A build of React Router as its plugin would make it, without a bundler. */
function reactRouterBuild(ran: Ran): Loose {
	const routes: Record<string, Loose> = {
		root: { id: "root", path: "", module: { default: () => null } },
	};
	for (const route of Object.keys(LEVELS)) {
		const here = ({ request }: { request: Request }) => {
			ran(route, request.headers.get("x-case"));
			return { route };
		};
		const index = route === "/" ? { index: true } : { path: route.slice(1) };
		const module = { default: () => null, loader: here, action: here };
		routes[route] = { id: route, parentId: "root", ...index, module };
	}
	return {
		entry: {
			module: {
				default: (_: Request, status: number) => new Response("page", { status }),
				handleError() {},
			},
		},
		routes,
		assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
		publicPath: "/",
		assetsBuildDirectory: "",
		basename: "/",
		future: {},
		ssr: true,
		isSpaMode: false,
		prerender: [],
		routeDiscovery: { mode: "initial", manifestPath: "/__manifest" },
	};
}

const serveReactRouter: Serve = async (gate, ran) => {
	const app = (await load("express")).default();
	const { createRequestHandler } = await load("@react-router/express");
	app.use(createRequestHandler({ build: reactRouterBuild(ran), mode: "production" }));
	return createServer(protect(app, gate));
};

const serveReactRouterByHandle: Serve = async (gate, ran) => {
	const { createRequestHandler } = await load("react-router");
	const handler = createRequestHandler(reactRouterBuild(ran), "production");
	return createServer(
		getRequestListener((request) => gate.handle(request, (admitted) => handler(admitted))),
	);
};

/** What stands before the pages of SvelteKit, for the request that is being answered. */
interface Front {
	readonly handle: (
		request: Request,
		next: (request: Request) => Promise<Response>,
		/** The path of what SvelteKit takes for the page. */
		pagePath: string,
	) => Promise<Response>;
	readonly ran: Ran;
}
const front = new AsyncLocalStorage<Front>();

async function svelteKit(): Promise<RequestListener> {
	if (!existsSync(SVELTEKIT))
		throw new Error("SvelteKit's app is not built: run `node scripts/ensure-hosts.mjs`");
	const here: Front = {
		handle: (...args) => (front.getStore() as Front).handle(...args),
		ran: (route, id) => front.getStore()?.ran(route, id),
	};
	Object.assign(globalThis, { [Symbol.for("portcullis.hosts.sveltekit")]: here });
	return (await importNatively(pathToFileURL(SVELTEKIT).href)).handler;
}

const serveSvelteKit: Serve = async (gate, ran) => {
	const handler = await svelteKit();
	const here: Front = { handle: (request, next) => gate.handle(request, next), ran };
	return createServer((request, response) => front.run(here, () => handler(request, response)));
};

const serveSvelteKitNamingPages: Serve = async (gate, ran) => {
	const handler = await svelteKit();
	const here: Front = {
		handle: (request, next, pagePath) => gate.handle(request, next, { pagePath }),
		ran,
	};
	return createServer((request, response) => front.run(here, () => handler(request, response)));
};

const serveSvelteKitBehindNode: Serve = async (gate, ran) => {
	const handler = await svelteKit();
	const here: Front = { handle: (request, next) => next(request), ran };
	return createServer(
		protect(
			(request, response) => front.run(here, () => handler(request, response as never)),
			gate,
		),
	);
};

const FORGIVING = {
	ignoreTrailingSlash: true,
	ignoreDuplicateSlashes: true,
	caseSensitive: false,
	useSemicolonDelimiter: true,
};

/** Real routers, each with the gate before it as the documents say. */
export const ROUTER_HOSTS: Readonly<Record<string, Serve>> = {
	"Express 5": express("express"),
	"Express 4": express("express4"),
	Connect: serveConnect,
	Koa: serveKoa,
	Fastify: fastify({}),
	"Fastify, forgiving": fastify(FORGIVING),
	h3: serveH3,
	Hono: serveHono,
	"Hono without strict": serveLooseHono,
	"Hono with tags": serveTaggedHono,
	"Hono behind portcullis/node": serveHonoBehindNode,
	"React Router in Express": serveReactRouter,
	"React Router by gate.handle": serveReactRouterByHandle,
	"SvelteKit by gate.handle": serveSvelteKit,
	"SvelteKit naming the page": serveSvelteKitNamingPages,
	"SvelteKit behind portcullis/node": serveSvelteKitBehindNode,
};

/** Starts one of them, and returns its port and how to stop it. */
export async function serveRouter(
	serve: Serve,
	...args: Parameters<Serve>
): Promise<{ readonly port: number; readonly close: () => void }> {
	const server = await serve(...args);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
	const close = () => {
		server.close();
		server.closeAllConnections();
	};
	return { port: (server.address() as AddressInfo).port, close };
}
