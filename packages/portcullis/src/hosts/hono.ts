import type { Context, Env, ExecutionContext, Hono, MiddlewareHandler } from "hono";
import { writeAdmittedHeaders } from "../app/admitted-headers.ts";
import { pathAndQuery } from "../app/answers/refusals.ts";
import type { Gate } from "../app/gate.ts";
import { internalsOf, refuseOtherVersion } from "../app/gate-internals.ts";
import { PROTECTED_ROUTES, type ProtectedRoutes, type SurfaceRoute } from "../app/surfaces.ts";
import { consoleLog } from "../audit/log.ts";
import { isThisCopy, nameOf, ONE_COPY, THIS_COPY } from "../base/copies.ts";
import { ConfigError } from "../base/errors.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { Admission, Admitted, HostCall } from "../config/host-call.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import { isHandshake } from "../guard/handshake.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import { holdSocket } from "./held-sockets.ts";
import { Registrations, registrationsOf } from "./hono-registrations.ts";
import {
	type AnyHandler,
	hasTags,
	markGuard,
	markWrapped,
	matchedRoutes,
	noteCounted,
	original,
	reachedTag,
	type Tag,
	tagOf,
} from "./hono-tags.ts";
import { makePrivate, type Outgoing } from "./outgoing.ts";
import { heldRaw, type RawSocket } from "./raw-socket.ts";

/** What `protect` adds to an app's environment: `c.var.user`. */
export interface UserVariables<U extends OIDCUserInfo = OIDCUserInfo> {
	/** The signed-in person; `undefined` only on routes that everyone may open. */
	user: User<U> | undefined;
}

/**
 * Puts the gate in front of a Hono app: the guard runs before every route, and the gate's own
 * routes are answered.
 *
 * @param app A new app. Routes are added to what this returns, which is the same app, typed with
 *   `c.var.user`.
 * @throws {ConfigError} if the app has routes or middleware already: those would run before the
 *   guard.
 */
export function protect<E extends Env, U extends OIDCUserInfo>(
	app: Hono<E>,
	gate: Gate<U>,
): Hono<E & { Variables: UserVariables<U> }> {
	refuseOtherVersion("protect()", gate);
	if (app.routes.length > 0) {
		const names = app.routes.map(({ method, path }) => `${method} ${path}`).join(", ");
		throw new ConfigError([
			{
				problem: `protect() was given an app with routes (${names}), which would be open`,
				remedy: "Call protect(new Hono(), gate) first, then add routes to what it returns.",
			},
		]);
	}
	const warnOfCopies = copiesWarning(gate);
	const known = watchRegistrations(app, warnOfCopies);
	const guard = new Guard(gate, known, decideBeforeRouting(app, gate, known));
	known.handOn = (c, index, next) => guard.handOn(c, index, next);
	app.use(
		"*",
		markGuard((c, next) => guard.handle(c, next), guard),
	);
	const routes: ProtectedRoutes = { gate, list: () => listRoutes(app.routes, known) };
	Object.defineProperty(app, PROTECTED_ROUTES, { value: routes });
	return app as unknown as Hono<E & { Variables: UserVariables<U> }>;
}

/** What was decided of a request before Hono saw it. */
interface Decided {
	readonly call: HonoCall;
	readonly admission: Admitted;
}

/** Hands over what was decided of this very request, once; `undefined` if nothing was. */
type TakeDecision = (request: Request) => Decided | undefined;

/**
 * Lets the gate decide before Hono looks for routes: what the gate answers itself then costs no
 * context and no middleware, which was a sixth of what a refusal took, and anonymous callers are
 * many.
 *
 * The guard stays the first middleware all the same, and takes over what was decided here. It
 * decides by itself wherever requests come by another way than `app.fetch`: routes that
 * `parent.route()` copied, a clone by `basePath()`.
 */
function decideBeforeRouting<E extends Env>(
	app: Hono<E>,
	gate: Gate<OIDCUserInfo>,
	known: KnownHandlers,
): TakeDecision {
	const dispatch = app.fetch;
	let handedOver: (Decided & { readonly request: Request }) | undefined;

	app.fetch = (request, env, executionCtx) => {
		surviveBreaks(env);
		// Hono answers HEAD by its GET, without the body: left to it.
		if (request.method === "HEAD") return dispatch(request, env, executionCtx);
		const call = new HonoCall(request, env, known, () =>
			known.routesOf(request.method, app.getPath(request, { env: env as never })),
		);
		const admission = gate.enter(call);
		if (isPromise(admission))
			return admission.then((settled) =>
				settled.kind === "admitted"
					? handOver({ request, call, admission: settled }, env, executionCtx)
					: settled.response,
			);
		return admission.kind === "admitted"
			? handOver({ request, call, admission }, env, executionCtx)
			: admission.response;
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

/** What a tag has decided of a request, for the time until something answers it. */
interface TagDecision {
	tag: AnyHandler | undefined;
	admission: Admitted;
}

/** The middleware that stands before everything else of a protected app. */
class Guard {
	readonly #gate: Gate<OIDCUserInfo>;
	readonly #known: KnownHandlers;
	readonly #takeDecision: TakeDecision;
	/**
	 * Variable of a request's context, of this guard alone: a `TagDecision`, where a tag has decided.
	 */
	readonly #decision = Symbol("portcullis.decision") as unknown as string;

	constructor(gate: Gate<OIDCUserInfo>, known: KnownHandlers, takeDecision: TakeDecision) {
		this.#gate = gate;
		this.#known = known;
		this.#takeDecision = takeDecision;
	}

	handle(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
		const decided = this.#takeDecision(c.req.raw);
		if (decided) return this.#proceed(c, next, decided.call, decided.admission);
		surviveBreaks(c.env);
		const call = this.#callFor(c, 0);
		const admission = this.#gate.enter(call);
		return isPromise(admission)
			? admission.then((settled) => this.#proceed(c, next, call, settled))
			: this.#proceed(c, next, call, admission);
	}

	/**
	 * Called as a handler of a tagged route hands its request on. What comes next was not what the
	 * tag spoke of, so that it is decided about before it runs: to withhold its answer would not undo
	 * what it has done.
	 *
	 * @param index The handler's place among the matched routes.
	 */
	async handOn(c: Context, index: number, next: () => Promise<void>): Promise<void> {
		const decision = c.get(this.#decision) as TagDecision | undefined;
		if (!decision?.admission.decidedByTag) return next(); // proven: hand-on
		const routes = matchedRoutes(c);
		const following = routes[index + 1];
		if (following === undefined || isSameRoute(following, routes[index])) return next();
		const call = this.#callFor(c, index + 1);
		const admission = await this.#gate.enter(call);
		if (admission.kind === "answered") return replaceResponse(c, admission.response);
		decision.tag = call.tag;
		decision.admission = admission;
		c.set("user", admission.user);
		if (call.tag) noteCounted(c, call.tag);
		this.#hold(c, call, admission);
		await next();
	}

	/** See `TagGuard`. */
	async pass(
		c: Context,
		rule: Rule<PageAuthContext>,
		next: () => Promise<void>,
	): Promise<Response | undefined> {
		const call = new LateCall(c.req.raw, c.env, this.#known, rule); // proven: late-rule
		const admission = await this.#gate.enter(call);
		if (admission.kind === "answered") return admission.response;
		c.set("user", admission.user);
		this.#hold(c, call, admission);
		await next();
		return finishHeaders(c, admission);
	}

	/** @param from Routes before this place have run. */
	#callFor(c: Context, from: number): HonoCall {
		return new HonoCall(
			c.req.raw,
			c.env,
			this.#known,
			() => matchedRoutes(c).slice(from) as unknown as MatchedRoute[],
		);
	}

	/** Of a handshake: what comes of it must not outlive what it was let in by. */
	#hold(c: Context, call: HonoCall, admission: Admitted): void {
		const socket = handshakeSocket(c.env);
		if (socket) holdSocket(this.#gate, call, admission, heldRaw(socket));
	}

	#proceed(
		c: Context,
		next: () => Promise<void>,
		call: HonoCall,
		admission: Admission,
	): Promise<Response | undefined> {
		if (admission.kind !== "admitted") return Promise.resolve(admission.response);
		c.set("user", admission.user);
		const { tag } = call;
		if (tag !== undefined) noteCounted(c, tag);
		this.#hold(c, call, admission);
		if (!admission.decidedByTag) {
			if (!admission.isPrivate) return next() as Promise<undefined>;
			const { outgoing } = nodeBindings(c.env);
			if (outgoing) {
				makePrivate(outgoing, admission);
				return next() as Promise<undefined>;
			}
		}
		return this.#finish(c, next, { tag, admission });
	}

	async #finish(c: Context, next: () => Promise<void>, decision: TagDecision): Promise<undefined> {
		c.set(this.#decision, decision);
		await next();
		// Middleware on the way, such as a file server, may have answered in place of the route whose
		// tag decided. What it wrote then needs the default rule.
		const isSettled = !decision.admission.decidedByTag || isAnsweredByTaggedRoute(c, decision.tag);
		const settled = isSettled
			? decision.admission
			: await this.#gate.enter(new HonoCall(c.req.raw, c.env));
		if (settled.kind === "admitted") return finishHeaders(c, settled);
		replaceResponse(c, settled.response);
		// It may have taken a handshake, whatever is answered now.
		const { method, headers } = c.req.raw;
		// proven: withheld-handshake
		if (isHandshake({ method, header: (name) => headers.get(name) }))
			handshakeSocket(c.env)?.destroy();
	}
}

/** True if nothing ran after the tag that decided but handlers of its own route. */
function isAnsweredByTaggedRoute(c: Context, tag: AnyHandler | undefined): boolean {
	const reached = reachedTag(c);
	if (reached === undefined || reached.tag !== tag) return false;
	const routes = matchedRoutes(c);
	return isSameRoute(routes[reached.index], routes[c.req.routeIndex]);
}

/** True for two handlers of one registration. Method and path may be those of two. */
function isSameRoute(one: Registered | undefined, other: Registered | undefined): boolean {
	if (one === undefined || other === undefined) return false;
	const [first, second] = [registrationsOf(one.handler), registrationsOf(other.handler)];
	// proven: same-path
	return (
		first.length > 0 &&
		first.length === second.length &&
		first.every((each, index) => each === second[index])
	);
}

interface Registered {
	readonly handler: AnyHandler;
}

function replaceResponse(c: Context, response: Response): void {
	// First undefined, or the headers of what is being withheld would be copied over.
	c.res = undefined;
	c.res = response;
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
	readonly incoming?: { readonly socket?: RawSocket };
	readonly outgoing?: Outgoing;
}

const NO_BINDINGS: NodeBindings = {};

function nodeBindings(env: unknown): NodeBindings {
	const bindings = env as NodeBindings | undefined;
	return typeof bindings?.outgoing?.writeHead === "function" ? bindings : NO_BINDINGS;
}

/** The socket of a handshake: @hono/node-server and @hono/node-ws then hand over no `outgoing`. */
function handshakeSocket(env: unknown): RawSocket | undefined {
	const bindings = env as NodeBindings | undefined;
	if (bindings?.incoming === undefined || bindings.outgoing !== undefined) return undefined;
	const { socket } = bindings.incoming;
	return typeof socket?.destroy === "function" ? socket : undefined;
}

/**
 * A connection that breaks during a handshake ends the process where nothing listens, and
 * @hono/node-ws does not: anybody could.
 */
function surviveBreaks(env: unknown): void {
	const socket = handshakeSocket(env);
	socket?.on("error", () => socket.destroy()); // proven: handshake-breaks
}

/** A Hono request as the gate wants it. */
export class HonoCall implements HostCall {
	readonly #request: Request;
	readonly #env: unknown;
	readonly #known: KnownHandlers | undefined;
	readonly #routes: (() => readonly MatchedRoute[]) | undefined;
	#tag: { readonly handler: AnyHandler | undefined } | undefined;

	/**
	 * @param routes The routes that match, in their order. Without `known` and them, tags do not
	 *   count.
	 */
	constructor(
		request: Request,
		env: unknown,
		known?: KnownHandlers,
		routes?: () => readonly MatchedRoute[],
	) {
		this.#request = request;
		this.#env = env;
		this.#known = known;
		this.#routes = routes;
	}

	get method(): string {
		return this.#request.method;
	}

	get url(): string {
		const socket = handshakeSocket(this.#env);
		return socket === undefined ? this.#request.url : handshakeUrl(this.#request, socket); // proven: handshake-address
	}

	get pagePath(): string | undefined {
		return this.#known?.pathOf?.(this.#request, this.#env);
	}

	get remoteAddress(): string | undefined {
		return (nodeBindings(this.#env).incoming?.socket ?? handshakeSocket(this.#env))?.remoteAddress;
	}

	/** The tag that counts. */
	get tag(): AnyHandler | undefined {
		if (!hasTags() || !this.#known || !this.#routes) return undefined;
		// Asked more than once; the routes that match are the same.
		this.#tag ??= { handler: terminalTag(this.#routes(), this.#known) };
		return this.#tag.handler;
	}

	get routeRule(): Rule<PageAuthContext> | undefined {
		const { tag } = this;
		return tag && tagOf(tag)?.rule;
	}

	// From the request and not from `env.incoming`, though that is faster: an app may be handed
	// another request beside the same bindings, as `app.request(path, init, c.env)` does, and then it
	// is that one's cookies that count.
	readonly header = (name: string): string | null => this.#request.headers.get(name);

	request(): Request {
		return this.#request;
	}

	ruleOfPath(path: string): Rule<PageAuthContext> | undefined {
		if (!hasTags() || !this.#known) return undefined;
		// As the router will look at it: decoded, and by a `getPath` of the app's own.
		const { url, headers } = this.#request;
		const asked = new Request(new URL(url).origin + path, { headers });
		// proven: tag-by-address
		const tag = terminalTag(
			this.#known.routesOf("GET", this.#known.getPath(asked, this.#env)),
			this.#known,
		);
		return tag && tagOf(tag)?.rule;
	}
}

/** A request with the rule of a tag that was not counted beforehand. */
class LateCall extends HonoCall {
	readonly #rule: Rule<PageAuthContext>;

	constructor(request: Request, env: unknown, known: KnownHandlers, rule: Rule<PageAuthContext>) {
		super(request, env, known);
		this.#rule = rule;
	}

	override get routeRule(): Rule<PageAuthContext> {
		return this.#rule;
	}
}

/**
 * The address as the browser sees it: @hono/node-ws makes it up, `http://localhost` whatever the
 * host, and `Origin` is compared with it.
 */
function handshakeUrl({ url, headers }: Request, { encrypted }: RawSocket): string {
	const host = headers.get("host");
	if (host === null || /[/\\?#@\s]/.test(host)) return url;
	const address = `${encrypted ? "https" : "http"}://${host}`;
	return URL.canParse(address) ? new URL(address).origin + pathAndQuery(url) : url;
}

/**
 * The tag of the route that is going to answer: of the first matched route that is no middleware. A
 * tag further down says nothing about this request, or `/:any` would open `/secret`.
 */
function terminalTag(
	routes: readonly MatchedRoute[],
	known: KnownHandlers,
): AnyHandler | undefined {
	for (const { handler: registered, method } of routes) {
		const handler = original(registered);
		const tag = tagOf(handler);
		if (tag !== undefined) {
			if (tag.rule === false && method === "ALL" && !known.terminal.has(handler))
				throw tagInMiddleware();
			return handler;
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
		// The first one that is no middleware says whether the route has a tag, as it does for a
		// request.
		if (routes.has(name) || (!tagOf(handler) && isMiddleware(handler, method, known))) continue;
		const counted = terminalTag([{ handler, method }], known);
		const tag = counted && tagOf(counted);
		const site = tag?.site;
		routes.set(name, {
			...{ method, path },
			...(tag === undefined ? {} : { tag: tag.rule }),
			...(site === undefined ? {} : { site }),
		});
	}
	return [...routes.values()];
}

/**
 * `use` and `all` both register for every method. Of the protected app it is known which one it
 * was; in a mounted app, middleware takes `next`.
 */
function isMiddleware(
	handler: AnyHandler,
	method: string,
	{ middleware, terminal }: KnownHandlers,
): boolean {
	if (method !== "ALL" || terminal.has(handler)) return false;
	return middleware.has(handler) || handler.length >= 2;
}

/** What the protected app registered with `use`, and what with `all`. */
interface KnownHandlers {
	readonly middleware: WeakSet<object>;
	readonly terminal: WeakSet<object>;
	/** The routes that a request would match, in their order. */
	readonly routesOf: (method: string, path: string) => readonly MatchedRoute[];
	/** The path that a request is routed by. */
	readonly getPath: (request: Request, env: unknown) => string;
	/** The same where that is not the path of its address; `undefined` for most apps. */
	readonly pathOf: ((request: Request, env: unknown) => string) | undefined;
	/** See `Guard`; there before any request is. */
	handOn: Guard["handOn"];
}

/** What of a matched route says whose tag counts. */
interface MatchedRoute {
	readonly handler: AnyHandler;
	readonly method: string;
}

/**
 * True for an app with a `getPath` of its own: by the host name, say, or a header. Compared with
 * apps of the same copy of Hono.
 */
function hasOwnPaths<E extends Env>(app: Hono<E>): boolean {
	const Made = app.constructor as new (options: { strict: boolean }) => Hono<E>;
	return ![true, false].some((strict) => new Made({ strict }).getPath === app.getPath);
}

function watchRegistrations<E extends Env>(app: Hono<E>, found: (tag: Tag) => void): KnownHandlers {
	const routesOf = (method: string, path: string): MatchedRoute[] =>
		app.router.match(method, path)[0].map(([[, route]]) => route as unknown as MatchedRoute);
	const getPath = (request: Request, env: unknown) => app.getPath(request, { env: env as never });
	const known: KnownHandlers = {
		...{ middleware: new WeakSet<object>(), terminal: new WeakSet<object>(), routesOf },
		...{ getPath, pathOf: hasOwnPaths(app) ? getPath : undefined }, // proven: own-paths
		handOn: () => Promise.reject(new Error("There is no guard yet")),
	};
	fenceTaggedRoutes(app, known, found);
	const use = app.use.bind(app) as (...args: unknown[]) => Hono<E>;
	app.use = ((...args: unknown[]) => {
		for (const handler of args) {
			if (typeof handler !== "function") continue;
			if (tagOf(handler as AnyHandler)) throw tagInMiddleware();
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

/**
 * Wraps the handlers of tagged routes, so that the guard hears of it when one hands its request on.
 * By the router, because every registration comes by there: of mounted apps and clones too.
 */
function fenceTaggedRoutes<E extends Env>(
	app: Hono<E>,
	known: KnownHandlers,
	found: (tag: Tag) => void,
): void {
	const { router } = app;
	const add = router.add.bind(router);
	const tagged = new Set<string>();
	const registrations = new Registrations(app);
	router.add = (method, path, registered) => {
		const [handler, route] = registered as unknown as [AnyHandler, { handler: AnyHandler }];
		const tag = tagOf(original(handler));
		const registration = registrations.of(method, path);
		if (tag) {
			tagged.add(`${method} ${path}`);
			found(tag);
		}
		if (!tagged.has(`${method} ${path}`)) return add(method, path, registered);
		const fenced: MiddlewareHandler = (c, next) => {
			const index = c.req.routeIndex;
			return (handler as MiddlewareHandler)(c, () => known.handOn(c, index, next));
		};
		// Both are the same to Hono, and the routes are what another app copies that mounts this one.
		route.handler = registrations.note(markWrapped(fenced, handler), registration);
		add(method, path, [fenced, route] as unknown as typeof registered);
	};
}

/**
 * Says once for a gate that tags of another copy are used: they count, but not everything of two
 * copies goes together.
 */
function copiesWarning(gate: Gate<OIDCUserInfo>): (tag: Tag) => void {
	let isSaid = false;
	return ({ copy }) => {
		if (isSaid || isThisCopy(copy)) return;
		isSaid = true;
		const message = `Two copies of portcullis are loaded: protect() is of ${nameOf(THIS_COPY)}, page() of ${nameOf(copy)}. Tags count all the same. ${ONE_COPY}`;
		const log = internalsOf(gate)?.log ?? consoleLog;
		log({ level: "warning", code: "config_invalid", reason: "two_copies", message });
	};
}

function tagInMiddleware(): ConfigError {
	const problem =
		"page({ auth: false }) was given to use(), or to all() of a mounted app, where it would open whatever lies below";
	return new ConfigError([
		{
			problem,
			remedy:
				"Put page() in front of the handler of one route, or name the paths in the gate's pages.",
		},
	]);
}
