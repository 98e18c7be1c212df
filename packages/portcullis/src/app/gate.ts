import { markCopy } from "../base/copies.ts";
import type { MaybePromise } from "../base/maybe-promise.ts";
import type { StateClasses } from "../config/options.ts";
import type { AccessResult, GateRequest, HandleOptions } from "../guard/gate-request.ts";
import type { UserClaims } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import type { StateService } from "../state/state-service.ts";
import type { Snapshot } from "../wire/state.ts";
import { finishResponse } from "./admitted-headers.ts";
import { Exchange } from "./exchange.ts";
import type { GateContext } from "./gate-context.ts";
import { RequestRouter, type RequestRouterParts } from "./request-router.ts";
import type { Surface, SurfaceRoute } from "./surfaces.ts";

/**
 * The gate in front of an app. Everything behind it is shut to anonymous callers unless a rule
 * opens it.
 *
 * Hosts call `enter` for every request, before anything of the app runs; `handle` is the host for
 * web-standard servers.
 */
export class Gate<
	U extends UserClaims = UserClaims,
	S extends StateClasses = StateClasses,
	A extends undefined = undefined,
> {
	/** The claims as a type; there is no such value. */
	declare readonly claimsType: U;
	/** The states as a type, for `createClient<typeof gate>()`; there is no such value. */
	declare readonly statesType: { readonly [K in keyof S]: InstanceType<S[K]> };

	/**
	 * What a person may be besides where no rule of a route's own says otherwise: `undefined` or
	 * `never`, as a type; there is no such value.
	 */
	declare readonly anonymousType: A;

	static {
		markCopy(Gate);
	}

	readonly #context: GateContext;
	readonly #parts: GateParts;
	readonly #router: RequestRouter;
	readonly #users = new WeakMap<Request, User<U>>();

	/** Made by `auth.gate`. */
	constructor(context: GateContext, parts: GateParts) {
		this.#context = context;
		this.#parts = parts;
		this.#router = new RequestRouter(context, parts);
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
		next: (request: Request, user: User<U> | A) => MaybePromise<Response>,
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
		const user = result.user as User<U> | A;
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
	 * was seen before and rules without checks. Never throws and never rejects: if anything goes
	 * wrong inside, the answer is a refusal.
	 */
	enter(call: GateRequest): MaybePromise<AccessResult> {
		return this.#router.enter(call);
	}
}

/** What a gate is made of. */
export interface GateParts extends RequestRouterParts {
	readonly state: StateService;
	readonly surfaces: (routes: readonly SurfaceRoute[]) => readonly Surface[];
}
