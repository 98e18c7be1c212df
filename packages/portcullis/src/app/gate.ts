import { markCopy } from "../base/copies.ts";
import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import { isPromise } from "../base/maybe-promise.ts";
import type { MaybePromise } from "../crypto/aead.ts";
import type { PageAuthContext, Rule } from "../guard/context.ts";
import { type Decision, decide } from "../guard/decide.ts";
import { hasOwnOrigin, REQUEST_HEADER } from "../guard/forms.ts";
import { isHandshake } from "../guard/handshake.ts";
import { rawPath } from "../guard/path.ts";
import { type PathRules, withPage } from "../guard/path-rules.ts";
import { safeReturnTarget } from "../guard/return-target.ts";
import type { StepUpRequirement } from "../guard/step-up.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import { HOPS_COOKIE } from "../session/hops.ts";
import { UsedTransactions } from "../session/used-transactions.ts";
import type { User } from "../session/user.ts";
import { policyWithFraming, varyBy, writeSessionHeaders } from "../session/write-headers.ts";
import type { StateService } from "../state/state-service.ts";
import type { PageDecision, Snapshot } from "../wire/state.ts";
import { type AuditDetails, routeOf } from "./audit.ts";
import { detailsOf } from "./audit-details.ts";
import { answerBackchannelLogout } from "./backchannel-routes.ts";
import { type BearerAuthentication, type BearerIdentity, bearerDetails } from "./bearer.ts";
import { refuseBearer, refuseByRule } from "./bearer-refusals.ts";
import { CallbackRoutes } from "./callback-routes.ts";
import { ClaimRoutes } from "./claim-routes.ts";
import { NO_FRAMING } from "./embedding.ts";
import { errorFailure } from "./failures.ts";
import { createErrorId, fail, type GateContext, jarOf, logFor, loginHref, secondsNow } from "./gate-context.ts";
import type { HealthRoutes } from "./health-routes.ts";
import type { Admission, Admitted, HandleOptions, HostCall } from "./host-call.ts";
import type { Identity } from "./identity.ts";
import { answerLogin, answerStart } from "./login-routes.ts";
import { answerLogout, answerLogoutPage } from "./logout-routes.ts";
import type { StateClasses } from "./options.ts";
import { isPublicHttps } from "./origin.ts";
import type { PanelRoute } from "./panel-route.ts";
import { answerPopupStart } from "./popup-routes.ts";
import { forbiddenPage, forgetHops, pathAndQuery, refuseAnonymous, refuseForbidden } from "./refusals.ts";
import { refuseEndpoint, refuseForged, refuseMethod, refuseUnforeseen } from "./refuse.ts";
import { jsonResponse } from "./render.ts";
import type { RevocationList } from "./revocation-list.ts";
import type { OwnRoute } from "./routes.ts";
import type { Runtime } from "./runtime.ts";
import { sessionAnswer } from "./session-answer.ts";
import { callerOf, StateRoutes } from "./state-routes.ts";
import { answerStepUp, answerStepUpRoute, refuseTokenForStepUp, stepUpOf } from "./step-up.ts";
import type { Surface, SurfaceRoute } from "./surfaces.ts";
import type { TelemetryRoute } from "./telemetry.ts";

const HSTS = "Strict-Transport-Security";
/** Asked for by script, often, after a page has been there. */
const FREQUENT = new Set(["event", "hydrate", "stream", "refresh", "session"]);
type BrowserRoute = Exclude<OwnRoute, { name: "health" | "ready" | "backchannel-logout" }>;
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * The gate in front of an app. Everything behind it is shut to anonymous callers unless a rule opens it.
 *
 * Hosts call `enter` for every request, before anything of the app runs; `handle` is the host for web-standard servers.
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
	readonly #pathRules: (path: string) => PathRules;
	readonly #state: StateService;
	readonly #surfaces: (routes: readonly SurfaceRoute[]) => readonly Surface[];
	readonly #stateRoutes: StateRoutes;
	readonly #callbacks: CallbackRoutes = new CallbackRoutes();
	readonly #claims: ClaimRoutes;
	readonly #servers: ServerParts;
	readonly #users = new WeakMap<Request, User<U>>();
	/** Requests whose admission the audit hook has heard of. */
	readonly #audited = new WeakSet<Request>();
	/** Sessions whose end the audit hook has heard of: their cookies may come many times. */
	readonly #stale: UsedTransactions = new UsedTransactions();

	/** Made by `kit.gate`. */
	constructor(
		context: GateContext,
		pathRules: (path: string) => PathRules,
		state: StateService,
		surfaces: (routes: readonly SurfaceRoute[]) => readonly Surface[],
		servers: ServerParts,
	) {
		this.#servers = servers;
		this.#surfaces = surfaces;
		this.#context = context;
		this.#pathRules = pathRules;
		this.#state = state;
		this.#claims = new ClaimRoutes(context.platform.now);
		this.#stateRoutes = new StateRoutes(context, state);
	}

	/**
	 * Imports lazily named providers and derives the cookie keys, so that mistakes in them show at start instead of at the first request.
	 * Needs no network: the providers themselves are asked at the first login.
	 *
	 * @throws {ConfigError} with every mistake.
	 */
	async ready(): Promise<void> {
		const runtime = await this.#context.loader.load();
		this.#context.bearer?.check(runtime);
	}

	/**
	 * The host for servers that speak `Request` and `Response`: decides, calls `next` only for a request that may pass, and writes the
	 * headers that keep a private answer out of shared caches.
	 *
	 * @param next The app. Gets the request and the person, `undefined` where a surface is open to everyone.
	 * @param options What the server knows besides the request. Default: nothing.
	 */
	async handle(
		request: Request,
		next: (request: Request, user: User<U> | undefined) => MaybePromise<Response>,
		{ pagePath, remoteAddress }: HandleOptions = {},
	): Promise<Response> {
		const { method, url } = request;
		const header = (name: string) => request.headers.get(name);
		const admission = await this.enter({ method, url, header, request: () => request, pagePath, remoteAddress });
		if (admission.kind === "answered") return admission.response;
		const user = admission.user as User<U> | undefined;
		if (user) this.#users.set(request, user);
		return finishResponse(await next(request, user), admission);
	}

	/** The person of a request that `handle` let pass; `undefined` for an anonymous one, and for a request that it has not seen. */
	user(request: Request): User<U> | undefined {
		return this.#users.get(request);
	}

	/**
	 * What a server puts into the first page, so that it has real values before any script runs: the session, and the values of server state as
	 * the caller of this request may see them. Hand it to `PortcullisProvider` or `createClient`.
	 *
	 * @param request Its cookies say who asks.
	 * @param options `states`: names of those that the page needs. Default: all.
	 * @throws {StateError} if the store does not answer.
	 */
	async snapshot(
		request: Request,
		options: { readonly states?: readonly (keyof S & string)[] } = {},
	): Promise<Snapshot> {
		const runtime = this.#context.loader.current ?? (await this.#context.loader.load());
		const header = (name: string) => request.headers.get(name);
		const identity = await this.#context.identities.resolve(runtime, header("cookie"));
		const call: HostCall = { method: request.method, url: request.url, header, request: () => request };
		return this.#stateRoutes.snapshot(runtime, call, identity, options.states);
	}

	/**
	 * Everything that the gate protects, and for whom it is: what `portcullis surfaces` prints.
	 *
	 * @param routes Routes of the app behind the gate, which it does not know by itself. Default: none.
	 */
	surfaces(routes: readonly SurfaceRoute[] = []): readonly Surface[] {
		return this.#surfaces(routes);
	}

	/**
	 * Takes the process out of service while it still answers: `health/ready` says 503 from now on, open streams end with a goodbye, so that
	 * browsers open new ones elsewhere, and new streams end at once. Everything else goes on until `close`.
	 */
	drain(): void {
		this.#servers.health.drain();
		this.#state.drain();
	}

	/** Says goodbye to streams, aborts background events and closes the store. For a process that is about to stop: the last thing it does. */
	async close(): Promise<void> {
		this.drain();
		this.#servers.revocations?.close();
		await this.#state.close();
	}

	/**
	 * The contract for hosts: says what becomes of one request. Answers at once for a session that was seen before and rules without checks.
	 * Never throws and never rejects: whatever goes wrong inside, the answer is a refusal.
	 */
	enter(call: HostCall): MaybePromise<Admission> {
		const runtime = this.#context.loader.current;
		if (runtime === undefined) return this.#load(call);
		try {
			const admission = this.#enter(runtime, call);
			return isPromise(admission)
				? admission.catch((error: unknown) => this.#refuseInternally(call, error))
				: admission;
		} catch (error) {
			return this.#refuseInternally(call, error);
		}
	}

	async #load(call: HostCall): Promise<Admission> {
		try {
			// They are to say that the runtime cannot be loaded, if it cannot.
			const name = this.#context.ownRoute(rawPath(call.url))?.name;
			if (name === "health" || name === "ready") return answered(await this.#answerHealth(call, name));
			return await this.#enter(await this.#context.loader.load(), call);
		} catch (error) {
			return this.#refuseInternally(call, error); // proven: thrown-inside
		}
	}

	#enter(runtime: Runtime, call: HostCall): MaybePromise<Admission> {
		const path = rawPath(call.url);
		const route = this.#context.ownRoute(path);
		if (route) return this.#answerMeasured(runtime, call, route).then(answered);

		const { pagePath } = call;
		const ofPath = this.#pathRules(path);
		const found = pagePath === undefined ? ofPath : withPage(ofPath, this.#pathRules(pagePath));
		const tag = call.routeRule;
		const decidedByTag = found.isDefault && tag !== undefined;
		const rules = tag === undefined ? found.rules : decidedByTag ? [tag] : [...found.rules, tag]; // proven: tag-opens
		const isOpen = rules.every((rule) => rule === false);
		if (isOpen && found.isAsset) return ASSET;

		const { bearer } = this.#context;
		if (bearer !== undefined) {
			const token = bearer.tokenOf(call);
			if (token !== undefined) return this.#enterByToken(bearer, runtime, call, token, { rules, isOpen, decidedByTag });
		}

		const cookies = call.header("cookie");
		const known = this.#context.identities.find(runtime, cookies);
		// Nearly every request: somebody who was here before, for a page that takes a login and no more. Nothing is allocated for it, and
		// the cookies, 5 kB of them, are not looked through for hops once more, which took 1 us of 20: `find` knows no header with hops.
		if (
			known &&
			!decidedByTag &&
			rules.length === 1 &&
			rules[0] === true &&
			SAFE_METHODS.has(call.method) &&
			call.header("upgrade") === null // proven: handshake-fast
		) {
			if (!known.connected.isEmbedded || !isForeignSubresource(call))
				return this.#context.audit?.hearsAllowed
					? this.#auditAdmitted(call, () => detailsOf(known), known.admission)
					: known.admission;
		}

		const identity = known ?? this.#context.identities.open(runtime, cookies);
		if (isPromise(identity))
			return identity.then((resolved) => this.#admit(runtime, call, resolved, { rules, isOpen, decidedByTag }));
		return this.#admit(runtime, call, identity, { rules, isOpen, decidedByTag });
	}

	#admit(runtime: Runtime, call: HostCall, identity: Identity | undefined, surface: Reached): MaybePromise<Admission> {
		const { rules, isOpen, decidedByTag } = surface;
		const isForged = identity !== undefined && this.#isForged(call, identity);
		if (isOpen) {
			// Everyone may; but a request that another site made must not act in the person's name.
			const user = isForged ? undefined : identity?.user; // proven: open-page-identity
			const { framing } = this.#context.embedding;
			return { kind: "admitted", user, isPrivate: identity !== undefined, decidedByTag, cookies: NO_COOKIES, framing };
		}
		if (isForged) {
			const refusal = answered(refuseForged(this.#context, call, this.#context.findOrigin(call)));
			const { audit } = this.#context;
			if (!audit) return refusal;
			const details = { ...detailsOf(identity), route: routeOf(call.url), reason: "csrf_failed" } as const;
			return audit.emit("page_load", "failure", details)?.then(() => refusal) ?? refusal;
		}
		const decision = decide<PageAuthContext>(rules, identity && (() => this.#pageContext(call, identity)));
		if (isPromise(decision))
			return decision.then((decided) => this.#conclude(runtime, call, identity, decided, decidedByTag));
		return this.#conclude(runtime, call, identity, decision, decidedByTag);
	}

	/** A request with an access token: no cookie is read or set, nobody is sent to a login, and there is nothing that another site could forge. */
	async #enterByToken(
		bearer: BearerAuthentication,
		runtime: Runtime,
		call: HostCall,
		token: string,
		{ rules, isOpen, decidedByTag }: Reached,
	): Promise<Admission> {
		const gate = this.#context;
		const contradictory = bearer.refuseContradictory(runtime, call);
		if (contradictory) return answered(await refuseBearer(gate, call, contradictory));
		const outcome = await bearer.identify(runtime, token);
		if (outcome.kind === "refused") {
			if (!isOpen) return answered(await refuseBearer(gate, call, outcome.refusal));
			const { framing } = gate.embedding;
			return { kind: "admitted", user: undefined, isPrivate: false, decidedByTag, cookies: NO_COOKIES, framing };
		}
		const { identity } = outcome;
		const admission = { ...identity.admission, decidedByTag };
		if (isOpen) return admission;
		const decision = await decide<PageAuthContext>(rules, () => this.#pageContext(call, identity));
		if (decision.outcome === "granted") return this.#auditAdmitted(call, () => bearerDetails(identity), admission);
		const wanted = decision.outcome === "denied" ? stepUpOf(decision.error) : undefined;
		const reason = decision.outcome === "denied" ? decision.reason : undefined;
		const errorId = decision.outcome === "denied" ? this.#logDenial(call, decision) : undefined;
		const details = { ...bearerDetails(identity), route: routeOf(call.url), reason, errorId };
		await gate.audit?.emit("page_load", "redirected_to_forbidden", details);
		return answered(wanted ? refuseTokenForStepUp(wanted) : refuseByRule());
	}

	#pageContext(call: HostCall, identity: Identity | BearerIdentity): PageAuthContext {
		const getState = this.#state.pageState(callerOf(this.#context, call, identity));
		return { kind: "page", user: identity.user, request: call.request(), getState, now: this.#context.platform.now };
	}

	/** For navigations that never reach the server: the same rules by the same path. */
	async #decidePage(
		call: HostCall,
		origin: string,
		path: string,
		identity: Identity | undefined,
	): Promise<PageDecision | undefined> {
		const target = safeReturnTarget(path, origin);
		const pathname = target.split(/[?#]/, 1)[0] ?? "/";
		if (target === "/" && !/^\/(?:[?#]|$)/.test(path) && path !== origin && path !== `${origin}/`) return undefined;
		if (this.#context.ownRoute(pathname)) return { outcome: "allow" };
		const found = this.#pathRules(pathname);
		const tag = call.ruleOfPath?.(pathname);
		const rules = tag === undefined ? found.rules : found.isDefault ? [tag] : [...found.rules, tag];
		const decision = await decide<PageAuthContext>(rules, identity && (() => this.#pageContext(call, identity)));
		const { audit, paths } = this.#context;
		const details = { ...(identity && detailsOf(identity)), route: routeOf(`app://app${pathname}`) };
		if (decision.outcome === "granted") {
			if (!rules.every((rule) => rule === false)) await audit?.emit("page_load", "allowed", details);
			return { outcome: "allow" };
		}
		if (decision.outcome === "anonymous") {
			await audit?.emit("page_load", "redirected_to_login", { ...details, reason: "login_required" });
			return { outcome: "login", href: loginHref(this.#context, target) };
		}
		if (stepUpOf(decision.error) && identity && !identity.connected.isEmbedded) {
			// Loaded in full, the page itself leads to the provider.
			await audit?.emit("page_load", "redirected_to_login", { ...details, reason: "step_up_required" });
			return { outcome: "login", href: target };
		}
		const errorId = this.#logDenial(call, decision);
		await audit?.emit("page_load", "redirected_to_forbidden", { ...details, reason: decision.reason, errorId });
		return { outcome: "forbidden", href: paths.forbidden };
	}

	#conclude(
		runtime: Runtime,
		call: HostCall,
		identity: Identity | undefined,
		decision: Decision,
		decidedByTag: boolean,
	): MaybePromise<Admission> {
		if (decision.outcome === "granted" && identity) {
			const countsHops = call.header("cookie")?.includes(HOPS_COOKIE) === true;
			const cookies = countsHops ? forgetHops(jarOf(call), pathAndQuery(call.url)) : NO_COOKIES;
			const admission =
				!countsHops && !decidedByTag ? identity.admission : { ...identity.admission, decidedByTag, cookies };
			return this.#context.audit?.hearsAllowed
				? this.#auditAdmitted(call, () => detailsOf(identity), admission)
				: admission;
		}
		const wanted = decision.outcome === "denied" ? stepUpOf(decision.error) : undefined;
		if (wanted && identity && decision.outcome === "denied")
			return this.#stepUp(runtime, call, identity, wanted).then(
				(response) => response ?? this.#forbid(runtime, call, identity, decision),
			);
		if (decision.outcome === "denied") return this.#forbid(runtime, call, identity, decision);
		const refusal = refuseAnonymous(this.#context, runtime, call, this.#context.findOrigin(call) ?? "null");
		if (this.#context.audit) return this.#auditAnonymous(runtime, call, refusal);
		return isPromise(refusal) ? refusal.then(answered) : answered(refusal);
	}

	/** Sends a person to sign in again; `undefined` where that would be of no use. */
	async #stepUp(
		runtime: Runtime,
		call: HostCall,
		identity: Identity,
		wanted: StepUpRequirement,
	): Promise<Admission | undefined> {
		const gate = this.#context;
		const response = await answerStepUp(gate, runtime, call, identity, wanted, () =>
			this.#refuseTooMany(call, "start"),
		);
		if (!response) return undefined;
		const details = { ...detailsOf(identity), route: routeOf(call.url), reason: "step_up_required" } as const;
		await gate.audit?.emit("page_load", "redirected_to_login", details);
		return answered(response);
	}

	#forbid(
		runtime: Runtime,
		call: HostCall,
		identity: Identity | undefined,
		decision: Decision & { outcome: "denied" },
	): MaybePromise<Admission> {
		const errorId = this.#logDenial(call, decision);
		const refuse = () => refuseForbidden(this.#context, runtime, call, identity?.user).then(answered);
		const { reason } = decision;
		const details = { ...(identity && detailsOf(identity)), route: routeOf(call.url), reason, errorId };
		const waiting = this.#context.audit?.emit("page_load", "redirected_to_forbidden", details);
		return waiting ? waiting.then(refuse) : refuse();
	}

	/** One record for a request, also where a host asks twice because another route has answered than the one whose tag decided. */
	#auditAdmitted(call: HostCall, describe: () => AuditDetails, admission: Admitted): MaybePromise<Admitted> {
		const request = call.request();
		if (this.#audited.has(request)) return admission;
		this.#audited.add(request);
		const details = { ...describe(), route: routeOf(call.url) };
		return this.#context.audit?.emit("page_load", "allowed", details)?.then(() => admission) ?? admission;
	}

	/**
	 * What became of an anonymous request is what was answered. A page that asks once more, or renews the session first, has decided nothing: the
	 * request that follows will be heard of.
	 */
	async #auditAnonymous(runtime: Runtime, call: HostCall, refusal: MaybePromise<Response>): Promise<Admission> {
		const { audit, identities } = this.#context;
		const response = await refusal;
		const challenge = response.headers.get("www-authenticate") ?? "";
		const isDecided = response.status !== 200 && !challenge.includes("refresh_required");
		if (!audit || !isDecided) return answered(response);
		const stored = await identities.openStored(runtime, call.header("cookie")).catch(() => undefined);
		const route = routeOf(call.url);
		const details = { ...(stored && detailsOf(stored)), route };
		if (stored && !stored.session.hasRefreshToken && this.#stale.take(stored.session.id, secondsNow(this.#context)))
			await audit.emit("session_expired", "success", { ...details, reason: "stale_cookies" });
		const isSentToLogin = response.status === 401 || (response.status >= 300 && response.status < 400);
		// What is neither is an error page, which has said so itself.
		if (isSentToLogin)
			await audit.emit("page_load", "redirected_to_login", {
				...details,
				reason: stored ? "stale_cookies" : "login_required",
			});
		return answered(response);
	}

	/**
	 * Whether another site may have made the request. One that changes something must be provably ours. Cookies of a session in a frame come
	 * with every request from below the same page, its other frames' too: of those requests, only frames that are being loaded are let in.
	 */
	#isForged(call: HostCall, { connected }: Identity): boolean {
		if (isHandshake(call)) return !this.#hasOwnOrigin(call); // proven: handshake-csrf
		if (!SAFE_METHODS.has(call.method)) return !this.#isOwnRequest(call); // proven: no-page-csrf
		return connected.isEmbedded && isForeignSubresource(call); // proven: framed-subresources
	}

	/** Script cannot add headers to a handshake: `Origin` alone says where it comes from. */
	#hasOwnOrigin(call: HostCall): boolean {
		const origin = this.#context.findOrigin(call);
		return origin !== undefined && hasOwnOrigin(call.header, origin);
	}

	/** A request that changes something must come from the app: by its `Origin`, or by the header that only script of ours, or no browser, sends. */
	#isOwnRequest(call: HostCall): boolean {
		const origin = this.#context.findOrigin(call);
		if (origin === undefined) return false;
		if (call.header("origin") !== null) return hasOwnOrigin(call.header, origin);
		return call.header(REQUEST_HEADER) !== null; // proven: no-own-header
	}

	#answerMeasured(runtime: Runtime, call: HostCall, route: OwnRoute): Promise<Response> {
		const { telemetry } = this.#context;
		const name = telemetry && measuredName(route, call.method);
		const answer = () => this.#answerOwn(runtime, call, route);
		return telemetry && name ? telemetry.route(name, answer) : answer();
	}

	#answerOwn(runtime: Runtime, call: HostCall, route: OwnRoute): Promise<Response> {
		// Events are far more than anything else, and are answered without a detour.
		if (route.name === "event" && call.method === "POST" && !this.#context.bearer) {
			const origin = this.#context.findOrigin(call);
			if (origin !== undefined) return this.#stateRoutes.event(runtime, call, origin);
		}
		return this.#answerOther(runtime, call, route);
	}

	async #answerOther(runtime: Runtime, call: HostCall, route: OwnRoute): Promise<Response> {
		const gate = this.#context;
		// By servers, which may know this one by another name than browsers do, and have no origin.
		if (route.name === "health" || route.name === "ready") return this.#answerHealth(call, route.name);
		if (route.name === "backchannel-logout")
			return answerBackchannelLogout(gate, runtime, call, this.#servers.revocations, route.provider);
		const panel = route.name === "panel" ? await this.#servers.panel?.answer(gate, runtime, call) : undefined;
		if (panel) return panel;
		const origin = gate.findOrigin(call);
		// proven: unknown-origin
		if (origin === undefined) return fail(gate, call, { code: "unknown_origin", message: gate.unknownOrigin });
		const { bearer } = gate;
		const contradictory = bearer?.tokenOf(call) === undefined ? undefined : bearer.refuseContradictory(runtime, call);
		if (contradictory) return refuseBearer(gate, call, contradictory);
		const response = await this.#answerBrowser(runtime, call, route, origin);
		const { hsts } = gate;
		// proven: no-hsts
		if (hsts > 0 && !FREQUENT.has(route.name) && isPublicHttps(origin) && !response.headers.has(HSTS))
			response.headers.set(HSTS, `max-age=${hsts}`);
		return response;
	}

	/** Routes that a browser comes to, by the origin that it sees. */
	async #answerBrowser(runtime: Runtime, call: HostCall, route: BrowserRoute, origin: string): Promise<Response> {
		const gate = this.#context;
		const isPost = call.method === "POST";
		if (["callback", "continue", "start", "step-up"].includes(route.name)) {
			const isStart = route.name === "start" || route.name === "step-up";
			const refusal = this.#refuseTooMany(call, isStart ? "start" : "callback");
			if (refusal) return refusal;
		}
		if (route.name === "callback") return this.#callbacks.answer(gate, runtime, call, origin, route.provider);
		if (route.name === "continue") return this.#callbacks.answerContinue(gate, runtime, call, origin, route.provider);
		if (isPost && (route.name === "login" || route.name === "start"))
			return answerPopupStart(gate, runtime, call, origin, route.name === "start" ? route.provider : undefined);
		if (route.name === "logout" && isPost) return answerLogout(gate, runtime, call, origin);
		if (
			route.name === "hydrate" ||
			route.name === "event" ||
			route.name === "stream" ||
			route.name === "refresh" ||
			route.name === "claim"
		) {
			if (!isPost) return refuseMethod(gate, call, "POST"); // proven: get-endpoints
			if (route.name === "claim") return this.#claims.answer(gate, runtime, call, origin);
			if (route.name === "refresh") return gate.refreshes.answer(gate, runtime, call, origin);
			if (route.name === "event") return this.#stateRoutes.event(runtime, call, origin);
			if (route.name === "stream") return this.#stateRoutes.stream(runtime, call, origin);
			return this.#stateRoutes.hydrate(runtime, call, origin, (path, identity) =>
				this.#decidePage(call, origin, path, identity),
			);
		}
		// To everybody but a developer the panel is no endpoint at all.
		if (route.name === "unknown" || route.name === "panel")
			return refuseEndpoint(gate, call, `one of those below ${gate.paths.endpoints}`);
		if (call.method !== "GET" && call.method !== "HEAD") {
			return refuseMethod(gate, call, ["login", "start", "logout"].includes(route.name) ? "GET, POST" : "GET");
		}
		switch (route.name) {
			case "login":
				return answerLogin(gate, runtime, call, origin);
			case "step-up":
				return answerStepUpRoute(gate, runtime, call, origin, route.wanted);
			case "start":
				return answerStart(gate, runtime, call, origin, route.provider);
			case "logout":
				return answerLogoutPage(gate, runtime, call);
			case "forbidden":
				return forbiddenPage(
					gate,
					runtime,
					call,
					(await gate.identities.resolve(runtime, call.header("cookie")))?.user,
				);
			case "session":
				return this.#answerSession(runtime, call);
		}
	}

	/** Nothing is begun, and the provider not asked, for an address that sends far more than people do. */
	#refuseTooMany(call: HostCall, what: "start" | "callback"): Promise<Response> | undefined {
		const gate = this.#context;
		const limited = gate.limits[what](gate.findCounted(call));
		if (limited.isAllowed) return undefined; // proven: callback-limit
		const { network, retryAfter, isNews } = limited;
		// As often as the log says it: a flood is not to become one of records.
		const action = isNews ? (what === "start" ? "login_started" : "login_completed") : undefined;
		const proxy = "If that is a proxy, name it in trustProxy, so that the people behind it are told apart";
		const message = `${network} ${what === "start" ? "begins more logins" : "sends more callbacks"} than loginLimit allows. ${proxy}`;
		return fail(gate, call, { code: "too_many_requests", message, retryAfter, isLogged: isNews, retryTo: "/", action });
	}

	#answerHealth(call: HostCall, name: "health" | "ready"): MaybePromise<Response> {
		if (call.method !== "GET" && call.method !== "HEAD") return refuseMethod(this.#context, call, "GET");
		const { health } = this.#servers;
		return name === "health" ? health.live() : health.ready();
	}

	async #answerSession(runtime: Runtime, call: HostCall): Promise<Response> {
		const { identities } = this.#context;
		const identity = await identities.resolve(runtime, call.header("cookie"));
		if (identity) return jsonResponse(sessionAnswer(identity));
		const stored = await identities.openStored(runtime, call.header("cookie"));
		return jsonResponse(sessionAnswer(undefined, stored?.session.hasRefreshToken ? stored.session : undefined));
	}

	/** Returns the error id, if there was something to log. */
	#logDenial(call: HostCall, decision: Decision & { outcome: "denied" }): string | undefined {
		if (decision.reason === "check_said_no" || decision.reason === "step_up_required") return undefined;
		const path = rawPath(call.url);
		const entry = {
			level: "error",
			code: "forbidden",
			message: `A check on ${path} gave no usable answer, which is a no`,
			id: createErrorId(),
			reason: decision.reason,
			cause: decision.error,
		} as const;
		return logFor(this.#context, call, entry, path);
	}

	async #refuseInternally(call: HostCall, error: unknown): Promise<Admission> {
		try {
			return answered(await fail(this.#context, call, errorFailure(error, {})));
		} catch (cause) {
			return answered(refuseUnforeseen(this.#context, cause));
		}
	}
}

/** What a route is called in measurements; `undefined` for a page that only shows something, and for what is asked all the time. */
function measuredName({ name }: OwnRoute, method: string): TelemetryRoute | undefined {
	switch (name) {
		case "start":
			return "login";
		case "login":
		case "logout":
			return method === "POST" ? name : undefined;
		case "callback":
		case "continue":
			return "callback";
		case "claim":
		case "refresh":
			return name;
		case "backchannel-logout":
			return "backchannel_logout";
		default:
			return undefined;
	}
}

/** What answers servers, or developers, instead of people. */
export interface ServerParts {
	readonly health: HealthRoutes;
	/** `undefined` where providers cannot end sessions. */
	readonly revocations: RevocationList | undefined;
	/** In development alone. */
	readonly panel?: PanelRoute | undefined;
}

/** What a request is about to reach. */
interface Reached {
	readonly rules: readonly Rule<PageAuthContext>[];
	readonly isOpen: boolean;
	readonly decidedByTag: boolean;
}

const NO_COOKIES = [] as const;
const ASSET: Admitted = {
	kind: "admitted",
	user: undefined,
	isPrivate: false,
	decidedByTag: false,
	cookies: NO_COOKIES,
	framing: NO_FRAMING,
};

/**
 * Writes what an admitted answer must leave with: private cache headers where it depends on who asks, the gate's cookies, and
 * `Cross-Origin-Resource-Policy` unless the app set its own. Returns the response itself, or a copy where its headers cannot be changed.
 */
export function finishResponse(response: Response, admission: Admitted): Response {
	if (!admission.isPrivate) return response;
	try {
		writeAdmittedHeaders(response.headers, admission);
		return response;
	} catch {
		// Headers of a redirect or of a fetched response are immutable.
		const copy = new Response(response.body, response);
		writeAdmittedHeaders(copy.headers, admission);
		return copy;
	}
}

/** The same for hosts that have headers without a response. */
export function writeAdmittedHeaders(headers: Headers, admission: Admitted): void {
	writeSessionHeaders(headers, admission.cookies);
	if (admission.isByToken) headers.set("Vary", varyBy(headers.get("Vary"), "Authorization"));
	if (!headers.has("Cross-Origin-Resource-Policy")) headers.set("Cross-Origin-Resource-Policy", "same-origin");
	headers.set("Content-Security-Policy", policyWithFraming(headers.get("Content-Security-Policy"), admission.framing));
}

/** Sent by another site's page for anything but a page: by script, or as an image, a style, a script. */
function isForeignSubresource({ header }: HostCall): boolean {
	const site = header("sec-fetch-site");
	return site !== null && site !== "same-origin" && header("sec-fetch-mode") !== "navigate";
}

/** Throws all mistakes at once, if there are any. */
export function refuseProblems(problems: readonly ConfigProblem[]): void {
	if (problems.length > 0) throw new ConfigError(problems);
}

function answered(response: Response): Admission {
	return { kind: "answered", response };
}
