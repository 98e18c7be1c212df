import { isPromise, type MaybePromise } from "../base/maybe-promise.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import type { NamingRequest } from "../guard/function-address.ts";
import type { AccessResult, GateRequest } from "../guard/gate-request.ts";
import { rawPath } from "../guard/path.ts";
import { type PathRules, withPage } from "../guard/path-rules.ts";
import { denyUnforeseen } from "./answers/refuse.ts";
import { errorFailure, errorResponse } from "./answers/responder.ts";
import { ASSET, type Authorizer, answered, reachedBy, withRules } from "./authorize/authorize.ts";
import { Exchange } from "./exchange.ts";
import type { GateContext } from "./gate-context.ts";
import { OwnRoutes, type RouteParts } from "./routes/own-routes.ts";
import type { OwnRoute } from "./routes/paths.ts";

/** What requests are routed by. */
export interface RequestRouterParts extends RouteParts {
	readonly pathRules: (path: string) => PathRules;
	/** The rules of the functions that a request names. */
	readonly functionRules: (request: NamingRequest) => readonly Rule<PageAuthContext>[];
}

/** Sends each request to the gate's own route for it, or has it decided by the app's rules. */
export class RequestRouter {
	readonly #context: GateContext;
	readonly #parts: RequestRouterParts;
	readonly #authorizer: Authorizer;
	readonly #routes: OwnRoutes;

	constructor(context: GateContext, parts: RequestRouterParts) {
		this.#context = context;
		this.#parts = parts;
		this.#authorizer = parts.authorizer;
		this.#routes = new OwnRoutes(parts, context.bearer !== undefined);
	}

	/** As `Gate.enter`. */
	enter(call: GateRequest): MaybePromise<AccessResult> {
		if (this.#context.loader.current === undefined) return this.#load(call);
		try {
			const result = this.#enter(call);
			return isPromise(result)
				? result.catch((error: unknown) => this.#denyInternally(call, error))
				: result;
		} catch (error) {
			return this.#denyInternally(call, error); // proven: thrown-when-loaded
		}
	}

	async #load(call: GateRequest): Promise<AccessResult> {
		try {
			// They are to say that the providers cannot be loaded, if they cannot.
			const route = this.#context.ownRoute(rawPath(call.url));
			if (route?.name !== "health" && route?.name !== "ready") await this.#context.loader.load();
			return await this.#enter(call);
		} catch (error) {
			return this.#denyInternally(call, error); // proven: thrown-inside
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

	async #denyInternally(call: GateRequest, error: unknown): Promise<AccessResult> {
		const exchange = new Exchange(this.#context, call);
		try {
			return answered(await errorResponse(exchange, errorFailure(error, {})));
		} catch (cause) {
			return answered(denyUnforeseen(exchange, cause));
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
