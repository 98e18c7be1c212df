import { markCopy } from "../base/copies.ts";
import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import type { StateClasses } from "../config/options.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import type { NamingRequest } from "../guard/function-address.ts";
import type { AccessResult, GateRequest, HandleOptions } from "../guard/gate-request.ts";
import { rawPath } from "../guard/path.ts";
import { type PathRules, withPage } from "../guard/path-rules.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import type { StateService } from "../state/state-service.ts";
import type { Snapshot } from "../wire/state.ts";
import { finishResponse } from "./admitted-headers.ts";
import { refuseUnforeseen } from "./answers/refuse.ts";
import { errorFailure, fail } from "./answers/responder.ts";
import { ASSET, type Authorizer, answered, reachedBy, withRules } from "./authorize.ts";
import { Exchange } from "./exchange.ts";
import type { GateContext } from "./gate-context.ts";
import { OwnRoutes, type RouteParts } from "./routes/own-routes.ts";
import type { OwnRoute } from "./routes/paths.ts";
import type { Surface, SurfaceRoute } from "./surfaces.ts";

/**
 * The gate in front of an app. Everything behind it is shut to anonymous callers unless a rule
 * opens it.
 *
 * Hosts call `enter` for every request, before anything of the app runs; `handle` is the host for
 * web-standard servers.
 */
export class Gate<U extends OIDCUserInfo = OIDCUserInfo, S extends StateClasses = StateClasses> {
	/** The claims as a type; there is no such value. */
	declare readonly userInfoType: U;
	/** The states as a type, for `createClient<typeof gate>()`; there is no such value. */
	declare readonly statesType: { readonly [K in keyof S]: InstanceType<S[K]> };

	static {
		markCopy(Gate);
	}

	readonly #context: GateContext;
	readonly #parts: GateRouting;
	readonly #authorizer: Authorizer;
	readonly #routes: OwnRoutes;
	readonly #users = new WeakMap<Request, User<U>>();

	/** Made by `kit.gate`. */
	constructor(context: GateContext, parts: GateRouting) {
		this.#context = context;
		this.#parts = parts;
		this.#authorizer = parts.authorizer;
		this.#routes = new OwnRoutes(parts, context.bearer !== undefined);
	}

	/**
	 * Imports lazily named providers and derives the cookie keys, so that mistakes in them show at
	 * start instead of at the first request. Needs no network: the providers themselves are asked at
	 * the first login.
	 *
	 * @throws {ConfigError} with every mistake.
	 */
	async ready(): Promise<void> {
		const runtime = await this.#context.loader.load();
		this.#context.bearer?.check(runtime);
	}

	/**
	 * The host for servers that speak `Request` and `Response`: decides, calls `next` only for a
	 * request that may pass, and writes the headers that keep a private answer out of shared caches.
	 *
	 * @param next The app. Gets the request and the person, `undefined` where a surface is open to
	 *   everyone.
	 * @param options What the server knows besides the request. Default: nothing.
	 */
	async handle(
		request: Request,
		next: (request: Request, user: User<U> | undefined) => MaybePromise<Response>,
		{ pagePath, remoteAddress }: HandleOptions = {},
	): Promise<Response> {
		const { method, url } = request;
		const header = (name: string) => request.headers.get(name);
		const result = await this.enter({
			method,
			url,
			header,
			request: () => request,
			pagePath,
			remoteAddress,
		});
		if (result.kind === "respond") return result.response;
		const user = result.user as User<U> | undefined;
		if (user) this.#users.set(request, user);
		return finishResponse(await next(request, user), result);
	}

	/**
	 * The person of a request that `handle` let pass; `undefined` for an anonymous one, and for a
	 * request that it has not seen.
	 */
	user(request: Request): User<U> | undefined {
		return this.#users.get(request);
	}

	/**
	 * What a server puts into the first page, so that it has real values before any script runs: the
	 * session, and the values of server state as the caller of this request may see them. Hand it to
	 * `PortcullisProvider` or `createClient`.
	 *
	 * @param request Its cookies say who asks.
	 * @param options `states`: names of those that the page needs. Default: all.
	 * @throws {StateError} if the store does not answer.
	 */
	async snapshot(
		request: Request,
		options: { readonly states?: readonly (keyof S & string)[] } = {},
	): Promise<Snapshot> {
		await this.#context.loader.load();
		const header = (name: string) => request.headers.get(name);
		const call: GateRequest = {
			method: request.method,
			url: request.url,
			header,
			request: () => request,
		};
		return this.#parts.states.snapshot(new Exchange(this.#context, call), options.states);
	}

	/**
	 * Everything that the gate protects, and for whom it is: what `portcullis surfaces` prints.
	 *
	 * @param routes Routes of the app behind the gate, which it does not know by itself. Default:
	 *   none.
	 */
	surfaces(routes: readonly SurfaceRoute[] = []): readonly Surface[] {
		return this.#parts.surfaces(routes);
	}

	/**
	 * Takes the process out of service while it still answers: `health/ready` says 503 from now on,
	 * open streams end with a goodbye, so that browsers open new ones elsewhere, and new streams end
	 * at once. Everything else goes on until `close`.
	 */
	drain(): void {
		this.#parts.health.drain();
		this.#parts.state.drain();
	}

	/**
	 * Says goodbye to streams, aborts background events and closes the store. For a process that is
	 * about to stop: the last thing it does.
	 */
	async close(): Promise<void> {
		this.drain();
		this.#parts.revocations?.close();
		await this.#parts.state.close();
	}

	/**
	 * The contract for hosts: says what becomes of one request. Answers at once for a session that
	 * was seen before and rules without checks. Never throws and never rejects: whatever goes wrong
	 * inside, the answer is a refusal.
	 */
	enter(call: GateRequest): MaybePromise<AccessResult> {
		if (this.#context.loader.current === undefined) return this.#load(call);
		try {
			const result = this.#enter(call);
			return isPromise(result)
				? result.catch((error: unknown) => this.#refuseInternally(call, error))
				: result;
		} catch (error) {
			return this.#refuseInternally(call, error); // proven: thrown-when-loaded
		}
	}

	async #load(call: GateRequest): Promise<AccessResult> {
		try {
			// They are to say that the providers cannot be loaded, if they cannot.
			const route = this.#context.ownRoute(rawPath(call.url));
			if (route?.name !== "health" && route?.name !== "ready") await this.#context.loader.load();
			return await this.#enter(call);
		} catch (error) {
			return this.#refuseInternally(call, error); // proven: thrown-inside
		}
	}

	#enter(call: GateRequest): MaybePromise<AccessResult> {
		const path = rawPath(call.url);
		const route = this.#context.ownRoute(path);
		if (route) return this.#answer(call, route);

		const { pathRules, functionRules } = this.#parts;
		const ofPath = pathRules(path);
		const found =
			call.pagePath === undefined ? ofPath : ofPage(call, ofPath, pathRules(call.pagePath));
		const reached = withRules(reachedBy(found, call.routeRule), functionRules(call)); // proven: named-functions
		if (reached.isOpen && found.isAsset) return ASSET;

		const { bearer } = this.#context;
		const token = bearer?.tokenOf(call);
		if (bearer && token !== undefined)
			return this.#authorizer.byToken(bearer, call, token, reached);
		return this.#authorizer.bySession(call, reached);
	}

	#answer(call: GateRequest, route: OwnRoute): MaybePromise<AccessResult> {
		const answer = this.#routes.answer(new Exchange(this.#context, call), route);
		return isPromise(answer) ? answer.then(answered) : answered(answer);
	}

	async #refuseInternally(call: GateRequest, error: unknown): Promise<AccessResult> {
		const exchange = new Exchange(this.#context, call);
		try {
			return answered(await fail(exchange, errorFailure(error, {})));
		} catch (cause) {
			return answered(refuseUnforeseen(exchange, cause));
		}
	}
}

/**
 * The rules of an address of which the host names the page. In SvelteKit the page of a remote
 * function is what the caller says in a header: it opens nothing then, and can only shut.
 */
function ofPage({ header }: GateRequest, ofPath: PathRules, page: PathRules): PathRules {
	const isClaimed = header("x-sveltekit-pathname") !== null;
	return withPage(isClaimed ? { ...ofPath, named: ofPath.rules } : ofPath, page); // proven: claimed-page
}

/** What a gate decides and answers with. */
export interface GateRouting extends RouteParts {
	readonly pathRules: (path: string) => PathRules;
	/** The rules of the functions that a request names. */
	readonly functionRules: (request: NamingRequest) => readonly Rule<PageAuthContext>[];
	readonly state: StateService;
	readonly surfaces: (routes: readonly SurfaceRoute[]) => readonly Surface[];
}
