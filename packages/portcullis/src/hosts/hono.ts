import type { Context, Env, ExecutionContext, Handler, Hono, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Gate } from "../app/gate.ts";
import { writeAdmittedHeaders } from "../app/gate.ts";
import type { Admission, Admitted, HostCall } from "../app/host-call.ts";
import { PROTECTED_ROUTES, type ProtectedRoutes, type SurfaceRoute } from "../app/surfaces.ts";
import { definitionSite } from "../base/definition-site.ts";
import { ConfigError } from "../base/errors.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import { makePrivate, type Outgoing } from "./outgoing.ts";

/** What `protect` adds to an app's environment: `c.var.user`. */
export interface UserVariables<U extends OIDCUserInfo = OIDCUserInfo> {
	/** The signed-in person; `undefined` only on routes that everyone may open. */
	user: User<U> | undefined;
}

/** Where a tag's own middleware notes that it was reached. */
const REACHED = "portcullis.reached";

/** The tag that was reached last. */
interface ReachedTag {
	/** Its place among the matched routes. */
	readonly index: number;
	readonly rule: Rule<PageAuthContext>;
}

type AnyHandler = Handler | MiddlewareHandler;

/** The rule of a tagged handler. */
const RULES = new WeakMap<AnyHandler, Rule<PageAuthContext>>();
/** Where a tag stands. */
const SITES = new WeakMap<AnyHandler, string>();
/** False until the first tag is made: until then there is none to look for among the routes of a request. */
let hasTags = false;
/** Hono keeps the handler of a mounted app under this name when it wraps it. */
const COMPOSED_HANDLER = "__COMPOSED_HANDLER";

/**
 * Puts the gate in front of a Hono app: the guard runs before every route, and the gate's own routes are answered.
 *
 * @param app A new app. Routes are added to what this returns, which is the same app, typed with `c.var.user`.
 * @throws {ConfigError} if the app has routes or middleware already: those would run before the guard.
 */
export function protect<E extends Env, U extends OIDCUserInfo>(
	app: Hono<E>,
	gate: Gate<U>,
): Hono<E & { Variables: UserVariables<U> }> {
	if (app.routes.length > 0) {
		const names = app.routes.map(({ method, path }) => `${method} ${path}`).join(", ");
		throw new ConfigError([
			{
				problem: `protect() was given an app with routes (${names}), which would be open`,
				remedy: "Call protect(new Hono(), gate) first, then add routes to what it returns.",
			},
		]);
	}
	const known = watchRegistrations(app);
	app.use("*", guard(gate, known, decideBeforeRouting(app, gate, known)));
	const routes: ProtectedRoutes = { gate, list: () => listRoutes(app.routes, known) };
	Object.defineProperty(app, PROTECTED_ROUTES, { value: routes });
	return app as unknown as Hono<E & { Variables: UserVariables<U> }>;
}

/**
 * Tags a route with a rule of its own, as the first handler: `app.get("/healthz", page({ auth: false }), handler)`.
 *
 * A tag replaces the default rule and tightens what `pages` says; it never opens what `pages` shuts. It counts only on the route
 * that answers, and not in `use()`.
 */
export function page<U extends OIDCUserInfo = OIDCUserInfo>(options: {
	auth: Rule<PageAuthContext<U>>;
}): MiddlewareHandler {
	const keys = Object.keys(options);
	if (keys.length !== 1 || (typeof options.auth !== "boolean" && typeof options.auth !== "function")) {
		throw new ConfigError([
			{
				problem: `page() was given ${keys.join(", ") || "nothing"}`,
				remedy: "Pass { auth: true }, { auth: false } or { auth: check }.",
			},
		]);
	}
	const rule = options.auth as Rule<PageAuthContext>;
	const tag: MiddlewareHandler = (c, next) => {
		c.set(REACHED, { index: c.req.routeIndex, rule } satisfies ReachedTag);
		return next();
	};
	RULES.set(tag, rule);
	const site = definitionSite();
	if (site !== undefined) SITES.set(tag, site);
	hasTags = true;
	return tag;
}

/** What was decided of a request before Hono saw it. */
interface Decided {
	readonly call: HonoCall;
	readonly admission: Admitted;
}

/** Hands over what was decided of this very request, once; `undefined` if nothing was. */
type TakeDecision = (request: Request) => Decided | undefined;

/**
 * Lets the gate decide before Hono looks for routes: what the gate answers itself then costs no context and no middleware, which was
 * a sixth of what a refusal took, and anonymous callers are many.
 *
 * The guard stays the first middleware all the same, and takes over what was decided here. It decides by itself wherever requests come
 * by another way than `app.fetch`: routes that `parent.route()` copied, a clone by `basePath()`.
 */
function decideBeforeRouting<E extends Env>(
	app: Hono<E>,
	gate: Gate<OIDCUserInfo>,
	known: KnownHandlers,
): TakeDecision {
	const dispatch = app.fetch;
	let handedOver: (Decided & { readonly request: Request }) | undefined;

	app.fetch = (request, env, executionCtx) => {
		// Hono answers HEAD by its GET, without the body: left to it.
		if (request.method === "HEAD") return dispatch(request, env, executionCtx);
		const call = new HonoCall(request, env, known, () =>
			known.routesOf(request.method, app.getPath(request, { env: env as never })),
		);
		const admission = gate.enter(call);
		if (admission instanceof Promise)
			return admission.then((settled) =>
				settled.kind === "answered"
					? settled.response
					: handOver({ request, call, admission: settled }, env, executionCtx),
			);
		return admission.kind === "answered"
			? admission.response
			: handOver({ request, call, admission }, env, executionCtx);
	};

	const handOver = (
		decided: Decided & { readonly request: Request },
		env: E["Bindings"] | object | undefined,
		executionCtx: ExecutionContext | undefined,
	): Response | Promise<Response> => {
		handedOver = decided;
		try {
			// The guard is the first to run, and takes it before this returns.
			return dispatch(decided.request, env, executionCtx);
		} finally {
			handedOver = undefined;
		}
	};

	return (request) => {
		const decided = handedOver?.request === request ? handedOver : undefined;
		handedOver = undefined;
		return decided;
	};
}

function guard(gate: Gate<OIDCUserInfo>, known: KnownHandlers, takeDecision: TakeDecision): MiddlewareHandler {
	return (c, next) => {
		const decided = takeDecision(c.req.raw);
		if (decided) return proceed(c, next, gate, decided.call, decided.admission);
		const call = new HonoCall(c.req.raw, c.env, known, () => matchedRoutes(c) as unknown as MatchedRoute[]);
		const admission = gate.enter(call);
		return admission instanceof Promise
			? admission.then((settled) => proceed(c, next, gate, call, settled))
			: proceed(c, next, gate, call, admission);
	};
}

function proceed(
	c: Context,
	next: () => Promise<void>,
	gate: Gate<OIDCUserInfo>,
	call: HonoCall,
	admission: Admission,
): Promise<Response | undefined> {
	if (admission.kind === "answered") return Promise.resolve(admission.response);
	c.set("user", admission.user);
	if (!admission.decidedByTag) {
		if (!admission.isPrivate) return next() as Promise<undefined>;
		const { outgoing } = nodeBindings(c.env);
		if (outgoing) {
			makePrivate(outgoing, admission);
			return next() as Promise<undefined>;
		}
	}
	return finish(c, next, gate, call, admission);
}

async function finish(
	c: Context,
	next: () => Promise<void>,
	gate: Gate<OIDCUserInfo>,
	call: HonoCall,
	admission: Admitted,
): Promise<undefined> {
	await next();
	// Middleware on the way, such as a file server, may have answered in place of the route whose tag decided; or that route has
	// passed the request on, to one without the tag. What they wrote then needs the default rule.
	const isSettled = !admission.decidedByTag || isAnsweredByTaggedRoute(c, call.routeRule);
	const settled = isSettled ? admission : await gate.enter(new HonoCall(c.req.raw, c.env));
	if (settled.kind === "admitted") return finishHeaders(c, settled);
	// First undefined, or the headers of what is being withheld would be copied over.
	c.res = undefined;
	c.res = settled.response;
}

/** True if nothing ran after the tag that decided but handlers of its own route. */
function isAnsweredByTaggedRoute(c: Context, rule: Rule<PageAuthContext> | undefined): boolean {
	const tag = c.get(REACHED) as ReachedTag | undefined;
	if (tag === undefined || tag.rule !== rule) return false;
	const routes = matchedRoutes(c);
	const [tagged, last] = [routes[tag.index], routes[c.req.routeIndex]];
	return tagged !== undefined && last !== undefined && tagged.path === last.path && tagged.method === last.method;
}

function finishHeaders(c: Context, admission: Admitted): undefined {
	if (!admission.isPrivate) return;
	try {
		writeAdmittedHeaders(c.res.headers, admission);
	} catch {
		// Headers of a fetched response or of Response.redirect are immutable.
		c.res = new Response(c.res.body, c.res);
		writeAdmittedHeaders(c.res.headers, admission);
	}
}

/** What @hono/node-server hands to an app besides the request; nothing on other platforms. */
interface NodeBindings {
	readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
	readonly outgoing?: Outgoing;
}

const NO_BINDINGS: NodeBindings = {};

function nodeBindings(env: unknown): NodeBindings {
	const bindings = env as NodeBindings | undefined;
	return typeof bindings?.outgoing?.writeHead === "function" ? bindings : NO_BINDINGS;
}

/** A Hono request as the gate wants it. */
export class HonoCall implements HostCall {
	readonly #request: Request;
	readonly #env: unknown;
	readonly #known: KnownHandlers | undefined;
	readonly #routes: (() => readonly MatchedRoute[]) | undefined;
	#rule: { value: Rule<PageAuthContext> | undefined } | undefined;

	/** @param routes The routes that match, in their order. Without `known` and them, tags do not count. */
	constructor(request: Request, env: unknown, known?: KnownHandlers, routes?: () => readonly MatchedRoute[]) {
		this.#request = request;
		this.#env = env;
		this.#known = known;
		this.#routes = routes;
	}

	get method(): string {
		return this.#request.method;
	}

	get url(): string {
		return this.#request.url;
	}

	get remoteAddress(): string | undefined {
		return nodeBindings(this.#env).incoming?.socket?.remoteAddress;
	}

	get routeRule(): Rule<PageAuthContext> | undefined {
		if (!hasTags || !this.#known || !this.#routes) return undefined;
		// Asked before the app runs and after it; the routes that match are the same.
		this.#rule ??= { value: terminalRule(this.#routes(), this.#known) };
		return this.#rule.value;
	}

	// From the request and not from `env.incoming`, though that is faster: an app may be handed another request beside the same
	// bindings, as `app.request(path, init, c.env)` does, and then it is that one's cookies that count.
	readonly header = (name: string): string | null => this.#request.headers.get(name);

	request(): Request {
		return this.#request;
	}

	ruleOfPath(path: string): Rule<PageAuthContext> | undefined {
		if (!hasTags || !this.#known) return undefined;
		return terminalRule(this.#known.routesOf("GET", path), this.#known);
	}
}

/**
 * The tag of the route that is going to answer: of the first matched route that is no middleware. A tag further down says nothing
 * about this request, or `/:any` would open `/secret`.
 */
function terminalRule(routes: readonly MatchedRoute[], known: KnownHandlers): Rule<PageAuthContext> | undefined {
	for (const { handler: registered, method } of routes) {
		const handler = original(registered);
		const rule = RULES.get(handler);
		if (rule !== undefined) {
			if (rule === false && method === "ALL" && !known.terminal.has(handler)) throw tagInMiddleware();
			return rule;
		}
		if (!isMiddleware(handler, method, known)) return undefined;
	}
	return undefined;
}

/** The routes of an app, each once, with the tag that counts for it. Middleware is none. */
function listRoutes(
	registered: readonly (MatchedRoute & { readonly path: string })[],
	known: KnownHandlers,
): SurfaceRoute[] {
	const routes = new Map<string, SurfaceRoute>();
	for (const { handler: composed, method, path } of registered) {
		const handler = original(composed);
		const name = `${method} ${path}`;
		// The first one that is no middleware says whether the route has a tag, as it does for a request.
		if (routes.has(name) || (!RULES.has(handler) && isMiddleware(handler, method, known))) continue;
		const tag = terminalRule([{ handler, method }], known);
		const site = SITES.get(handler);
		routes.set(name, { method, path, ...(tag === undefined ? {} : { tag }), ...(site === undefined ? {} : { site }) });
	}
	return [...routes.values()];
}

/** `use` and `all` both register for every method. Of the protected app it is known which one it was; in a mounted app, middleware takes `next`. */
function isMiddleware(handler: AnyHandler, method: string, { middleware, terminal }: KnownHandlers): boolean {
	if (method !== "ALL" || terminal.has(handler)) return false;
	return middleware.has(handler) || handler.length >= 2;
}

function original(handler: AnyHandler): AnyHandler {
	const inner = (handler as { [COMPOSED_HANDLER]?: Handler })[COMPOSED_HANDLER];
	return inner ? original(inner) : handler;
}

/** What the protected app registered with `use`, and what with `all`. */
interface KnownHandlers {
	readonly middleware: WeakSet<object>;
	readonly terminal: WeakSet<object>;
	/** The routes that a request would match, in their order. */
	readonly routesOf: (method: string, path: string) => readonly MatchedRoute[];
}

/** What of a matched route says whose tag counts. */
interface MatchedRoute {
	readonly handler: AnyHandler;
	readonly method: string;
}

function watchRegistrations<E extends Env>(app: Hono<E>): KnownHandlers {
	const routesOf = (method: string, path: string): MatchedRoute[] =>
		app.router.match(method, path)[0].map(([[, route]]) => route as unknown as MatchedRoute);
	const known = { middleware: new WeakSet<object>(), terminal: new WeakSet<object>(), routesOf };
	const use = app.use.bind(app) as (...args: unknown[]) => Hono<E>;
	app.use = ((...args: unknown[]) => {
		for (const handler of args) {
			if (typeof handler !== "function") continue;
			if (RULES.has(handler as AnyHandler)) throw tagInMiddleware();
			known.middleware.add(handler);
		}
		return use(...args);
	}) as typeof app.use;
	const all = app.all.bind(app) as (...args: unknown[]) => Hono<E>;
	app.all = ((...args: unknown[]) => {
		for (const handler of args) if (typeof handler === "function") known.terminal.add(handler);
		return all(...args);
	}) as typeof app.all;
	return known;
}

function tagInMiddleware(): ConfigError {
	const problem =
		"page({ auth: false }) was given to use(), or to all() of a mounted app, where it would open whatever lies below";
	return new ConfigError([
		{ problem, remedy: "Put page() in front of the handler of one route, or name the paths in the gate's pages." },
	]);
}
