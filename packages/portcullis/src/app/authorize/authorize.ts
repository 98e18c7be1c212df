import { routeOf } from "../../audit/audit.ts";
import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import { NO_FRAMING } from "../../config/embedding.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import { type Decision, decide } from "../../guard/decide.ts";
import type { AccessResult, AllowResult, GateRequest } from "../../guard/gate-request.ts";
import type { PathRules } from "../../guard/path-rules.ts";
import { safeReturnTarget } from "../../guard/return-target.ts";
import { REDIRECT_COUNT_COOKIE } from "../../session/redirect-count.ts";
import type { StateService } from "../../state/state-service.ts";
import type { PageDecision } from "../../wire/state.ts";
import { denyBearer, denyByRule } from "../answers/bearer-refusals.ts";
import { loginHref } from "../answers/links.ts";
import { denyAnonymous, denyForbidden, forgetRedirects } from "../answers/refusals.ts";
import { denyForged } from "../answers/refuse.ts";
import { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import { denyTokenForStepUp, sendToStepUp, stepUpOf } from "../routes/step-up.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import type { Identity } from "../sessions/identity.ts";
import { type BearerAuthentication, type BearerIdentity, bearerDetails } from "./bearer.ts";
import { callerOf } from "./caller.ts";
import { isForeignSubresource, isForged, SAFE_METHODS } from "./forged.ts";
import { type Denied, PageAudit } from "./page-audit.ts";

/** What a request is about to reach: the rules that all have to grant. */
export interface Reached {
	readonly rules: readonly Rule<PageAuthContext>[];
	/** True if every rule is `false`. */
	readonly isOpen: boolean;
	/** True if the route's tag stands in for the default rule. */
	readonly decidedByTag: boolean;
}

/** The rules that a path and the tag of its route come to. */
export function reachedBy(found: PathRules, tag: Rule<PageAuthContext> | undefined): Reached {
	const decidedByTag = found.isDefault && tag !== undefined;
	const rules = tag === undefined ? found.rules : decidedByTag ? [tag] : [...found.rules, tag]; // proven: tag-opens
	return { rules, isOpen: rules.every((rule) => rule === false), decidedByTag };
}

/** The same with rules that have to grant as well. */
export function withRules(reached: Reached, more: readonly Rule<PageAuthContext>[]): Reached {
	if (more.length === 0) return reached;
	const rules = [...new Set([...reached.rules, ...more])]; // proven: function-opens-page
	return { ...reached, rules, isOpen: rules.every((rule) => rule === false) };
}

/**
 * Decides who may have a page and says what becomes of the request: with a session, with an access
 * token, and for a navigation in the browser that only asks. Events and values are decided by the
 * same `decide`, where they run.
 */
export class Authorizer {
	readonly #gate: GateContext;
	readonly #state: StateService;
	readonly #pathRules: (path: string) => PathRules;
	readonly #audit: PageAudit;

	constructor(gate: GateContext, state: StateService, pathRules: (path: string) => PathRules) {
		this.#gate = gate;
		this.#state = state;
		this.#pathRules = pathRules;
		this.#audit = new PageAudit(gate);
	}

	/** Admits a request by its session, or refuses it. Answers at once where no check takes time. */
	bySession(call: GateRequest, reached: Reached): MaybePromise<AccessResult> {
		const { loader, identities } = this.#gate;
		const cookies = call.header("cookie");
		const { current } = loader;
		if (!current) throw new TypeError("The providers are not loaded yet");
		const known = identities.find(current, cookies);
		if (known && isEveryday(call, reached, known))
			return this.#admitted(call, known, known.allowed);
		const identity = known ?? identities.open(current, cookies);
		if (isPromise(identity))
			return identity.then((resolved) => this.#admit(call, resolved, reached));
		return this.#admit(call, identity, reached);
	}

	#admit(
		call: GateRequest,
		identity: Identity | undefined,
		reached: Reached,
	): MaybePromise<AccessResult> {
		const { rules, isOpen, decidedByTag } = reached;
		const mayBeForged = identity !== undefined && isForged(this.#gate, call, identity);
		if (isOpen) {
			// Everyone may; but a request that another site made must not act in the person's name.
			const user = mayBeForged ? undefined : identity?.user; // proven: open-page-identity
			return { ...this.#open(decidedByTag), user, isPrivate: identity !== undefined };
		}
		if (mayBeForged) return this.#denyForged(call, identity);
		const decision = decide<PageAuthContext>(
			rules,
			identity && (() => this.#context(call, identity)),
		);
		if (isPromise(decision))
			return decision.then((decided) => this.#conclude(call, identity, decided, decidedByTag));
		return this.#conclude(call, identity, decision, decidedByTag);
	}

	#conclude(
		call: GateRequest,
		identity: Identity | undefined,
		decision: Decision,
		decidedByTag: boolean,
	): MaybePromise<AccessResult> {
		if (decision.outcome === "granted" && identity) {
			const countsRedirects = call.header("cookie")?.includes(REDIRECT_COUNT_COOKIE) === true;
			if (!countsRedirects && !decidedByTag)
				return this.#admitted(call, identity, identity.allowed);
			const exchange = new Exchange(this.#gate, call);
			const cookies = countsRedirects
				? forgetRedirects(exchange.requestCookies, exchange.here)
				: NO_COOKIES;
			return this.#admitted(call, identity, { ...identity.allowed, decidedByTag, cookies });
		}
		const exchange = new Exchange(this.#gate, call);
		if (decision.outcome === "denied") return this.#deny(exchange, identity, decision);
		const refusal = denyAnonymous(exchange);
		if (this.#gate.audit) return this.#audit.anonymous(exchange, refusal).then(answered);
		return isPromise(refusal) ? refusal.then(answered) : answered(refusal);
	}

	/** A check said no, or that the person has to sign in again. */
	#deny(
		exchange: Exchange,
		identity: Identity | undefined,
		decision: Denied,
	): MaybePromise<AccessResult> {
		const wanted = stepUpOf(decision.error);
		if (!wanted || !identity) return this.#forbid(exchange, identity, decision);
		return sendToStepUp(exchange, identity, wanted).then(async (response) => {
			// Signing in again would be of no use.
			if (!response) return this.#forbid(exchange, identity, decision);
			const details = {
				...detailsOf(identity),
				route: routeOf(exchange.call.url),
				reason: "step_up_required",
			} as const;
			await this.#gate.audit?.emit("page_load", "redirected_to_login", details);
			return answered(response);
		});
	}

	#forbid(
		exchange: Exchange,
		identity: Identity | undefined,
		decision: Denied,
	): MaybePromise<AccessResult> {
		const details = {
			...(identity && detailsOf(identity)),
			...this.#audit.denial(exchange, decision),
		};
		const deny = () => denyForbidden(exchange, identity?.user).then(answered);
		const waiting = this.#gate.audit?.emit("page_load", "redirected_to_forbidden", details);
		return waiting ? waiting.then(deny) : deny();
	}

	#denyForged(call: GateRequest, identity: Identity): MaybePromise<AccessResult> {
		const refusal = answered(denyForged(new Exchange(this.#gate, call)));
		const details = {
			...detailsOf(identity),
			route: routeOf(call.url),
			reason: "csrf_failed",
		} as const;
		return this.#gate.audit?.emit("page_load", "failure", details)?.then(() => refusal) ?? refusal;
	}

	/**
	 * Admits a request by its access token, or refuses it. No cookie is read or set, there is no
	 * login to be sent to, and nothing that another site could forge.
	 */
	async byToken(
		bearer: BearerAuthentication,
		call: GateRequest,
		token: string,
		{ rules, isOpen, decidedByTag }: Reached,
	): Promise<AccessResult> {
		const exchange = new Exchange(this.#gate, call);
		const { runtime } = exchange;
		const contradictory = bearer.denyContradictory(runtime, call);
		if (contradictory) return answered(await denyBearer(exchange, contradictory));
		const outcome = await bearer.identify(runtime, token);
		if (outcome.kind === "refused")
			return isOpen
				? this.#open(decidedByTag)
				: answered(await denyBearer(exchange, outcome.refusal));
		const { identity } = outcome;
		const result = { ...identity.allowed, decidedByTag };
		if (isOpen) return result;
		const decision = await decide<PageAuthContext>(rules, () => this.#context(call, identity));
		if (decision.outcome === "granted")
			return this.#audit.allowed(call, () => bearerDetails(identity), result);
		const isDenied = decision.outcome === "denied";
		const wanted = isDenied ? stepUpOf(decision.error) : undefined;
		const denial = isDenied ? this.#audit.denial(exchange, decision) : { route: routeOf(call.url) };
		const details = { ...bearerDetails(identity), ...denial };
		await this.#gate.audit?.emit("page_load", "redirected_to_forbidden", details);
		return answered(wanted ? denyTokenForStepUp(wanted) : denyByRule());
	}

	/**
	 * Says who may go to a path for navigations that never reach the server: by the same rules.
	 *
	 * @returns `undefined` for what is no path of the app.
	 */
	async clientNavigation(
		exchange: Exchange,
		path: string,
		identity: Identity | undefined,
	): Promise<PageDecision | undefined> {
		const { call, origin } = exchange;
		const { audit, paths, ownRoute } = this.#gate;
		const target = safeReturnTarget(path, origin);
		const pathname = target.split(/[?#]/, 1)[0] ?? "/";
		if (target === "/" && !/^\/(?:[?#]|$)/.test(path) && path !== origin && path !== `${origin}/`)
			return undefined;
		if (ownRoute(pathname)) return { outcome: "allow" };
		const { rules, isOpen } = reachedBy(this.#pathRules(pathname), call.ruleOfPath?.(pathname));
		const decision = await decide<PageAuthContext>(
			rules,
			identity && (() => this.#context(call, identity)),
		);
		const details = {
			...(identity && detailsOf(identity)),
			route: routeOf(`app://app${pathname}`),
		};
		if (decision.outcome === "granted") {
			if (!isOpen) await audit?.emit("page_load", "allowed", details);
			return { outcome: "allow" };
		}
		if (decision.outcome === "anonymous") {
			await audit?.emit("page_load", "redirected_to_login", {
				...details,
				reason: "login_required",
			});
			return { outcome: "login", href: loginHref(this.#gate, target) };
		}
		if (stepUpOf(decision.error) && identity && !identity.connected.isEmbedded) {
			// Loaded in full, the page itself leads to the provider.
			await audit?.emit("page_load", "redirected_to_login", {
				...details,
				reason: "step_up_required",
			});
			return { outcome: "login", href: target };
		}
		const { reason, errorId } = this.#audit.denial(exchange, decision);
		await audit?.emit("page_load", "redirected_to_forbidden", { ...details, reason, errorId });
		return { outcome: "forbidden", href: paths.forbidden };
	}

	#context(call: GateRequest, identity: Identity | BearerIdentity): PageAuthContext {
		const { platform } = this.#gate;
		const getState = this.#state.pageState(callerOf(new Exchange(this.#gate, call), identity));
		return {
			kind: "page",
			user: identity.user,
			request: call.request(),
			getState,
			now: platform.now,
		};
	}

	#admitted(call: GateRequest, identity: Identity, result: AllowResult): MaybePromise<AllowResult> {
		if (!this.#gate.audit?.hearsAllowed) return result;
		return this.#audit.allowed(call, () => detailsOf(identity), result);
	}

	#open(decidedByTag: boolean): AllowResult {
		const { framing } = this.#gate.embedding;
		return { ...ASSET, decidedByTag, framing };
	}
}

/**
 * Nearly every request: a person who was here before, for a page that takes a login and no more.
 * Nothing is allocated for it, and the cookies, 5 kB of them, are not looked through for hops once
 * more, which took 1 us of 20: `find` knows no header with hops.
 */
function isEveryday(call: GateRequest, { rules, decidedByTag }: Reached, known: Identity): boolean {
	return (
		!decidedByTag &&
		rules.length === 1 &&
		rules[0] === true &&
		SAFE_METHODS.has(call.method) &&
		call.header("upgrade") === null && // proven: handshake-fast
		!(known.connected.isEmbedded && isForeignSubresource(call))
	);
}

const NO_COOKIES = [] as const;

/** The result of a file that everyone may have, and that no cookie is looked at for. */
export const ASSET: AllowResult = {
	kind: "allow",
	user: undefined,
	isPrivate: false,
	decidedByTag: false,
	cookies: NO_COOKIES,
	framing: NO_FRAMING,
};

export function answered(response: Response): AccessResult {
	return { kind: "respond", response };
}
