import { AuditTrail } from "../audit/audit.ts";
import { consoleLog, createErrorId, createLog, type LogEntry } from "../audit/log.ts";
import { GuardedTelemetry } from "../audit/telemetry.ts";
import { networkOf } from "../base/address-range.ts";
import { definitionSite } from "../base/definition-site.ts";
import { ConfigError, type ConfigProblem, isPortcullisError } from "../base/errors.ts";
import { loginPolicies, unknownProviders } from "../config/bearer-options.ts";
import { checkGateOptions, checkOptions, resolveOptions } from "../config/check-options.ts";
import { compileEmbedding } from "../config/embedding.ts";
import { isDevelopment, isProduction, processEnvironment } from "../config/environment.ts";
import { Languages } from "../config/languages.ts";
import {
	type AnonymousOf,
	type ClaimsOf,
	DEFAULT_ROUTES,
	type GateOptions,
	type PageRules,
	type Platform,
	type PortcullisOptions,
	type ProviderRef,
	type StateClasses,
} from "../config/options.ts";
import { compileOrigin, ORIGIN_VARIABLE } from "../config/origin.ts";
import { resolveProviders } from "../config/providers.ts";
import { RuntimeLoader } from "../config/runtime.ts";
import { missingSecret, resolveSecrets } from "../config/secrets.ts";
import { noteCheck } from "../guard/check-names.ts";
import type { AuthContext, Check, PageAuthContext, Rule } from "../guard/context.ts";
import { compileFunctionRules } from "../guard/function-address.ts";
import { rawPath } from "../guard/path.ts";
import { compilePathRules } from "../guard/path-rules.ts";
import type { Generic } from "../protocol/providers/generic.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import { createStateRegistry } from "../state/registry.ts";
import { StateService } from "../state/state-service.ts";
import { createStateWords, type StateWords } from "../state/words.ts";
import { memory } from "../store/memory/store.ts";
import { type ApiFetch, type ApiFetchOptions, createApiFetch } from "./api-fetch.ts";
import { Authorizer } from "./authorize/authorize.ts";
import { BearerAuthentication } from "./authorize/bearer.ts";
import { Gate } from "./gate.ts";
import { createGateContext } from "./gate-context.ts";
import { keepInternals } from "./gate-internals.ts";
import { CallbackRoutes } from "./routes/callback.ts";
import { ClaimRoutes } from "./routes/claim.ts";
import { HealthRoutes } from "./routes/health.ts";
import { createAddressLimit } from "./routes/login-limit.ts";
import { PanelRoute } from "./routes/panel.ts";
import { RefreshRoutes } from "./routes/refresh.ts";
import { StateRoutes } from "./routes/state.ts";
import { eventAudit } from "./sessions/audit-details.ts";
import { IdentityResolver } from "./sessions/identity.ts";
import { OutlivingCopies } from "./sessions/outliving-copies.ts";
import { OwnRevocations, RevocationList } from "./sessions/revocation-list.ts";
import { SessionManager } from "./sessions/session-manager.ts";
import { SharedRefreshes } from "./sessions/shared-refreshes.ts";
import { listSurfaces, type Protected, type SurfaceRoute } from "./surfaces.ts";

/** What the rest of an app says its rules with, typed by the claims of the providers. */
export interface Kit<U extends OIDCUserInfo, D = true> extends StateWords<U, D> {
	/**
	 * Names a check. Returns it unchanged: this is where its context gets its type.
	 *
	 * @typeParam C Narrow it to make a check for one kind of surface; the compiler then refuses it on
	 *   another.
	 */
	check<C extends AuthContext<U> = AuthContext<U>>(check: Check<C>): Check<C>;
	/**
	 * The same with a name for messages and the surface manifest; without one it is what the check is
	 * assigned to.
	 */
	check<C extends AuthContext<U> = AuthContext<U>>(name: string, check: Check<C>): Check<C>;
	/**
	 * Makes a function that calls one API with the access token of whoever it is called for. Tokens
	 * go below `base`, and nowhere else.
	 *
	 * @throws {ConfigError} for a base that is no root of an API.
	 */
	apiFetch(base: string, options?: ApiFetchOptions): ApiFetch;
	/**
	 * Puts the gate in front of an app.
	 *
	 * @throws {ConfigError} with every mistake in the options of `portcullis`, of the gate, in the
	 *   environment and in the providers, each with its remedy. What can only be known after a lazy
	 *   import is reported by `gate.ready()`.
	 */
	gate<
		const S extends StateClasses = Record<never, never>,
		const P extends PageRules<U> = Record<never, never>,
	>(options?: GateOptions<U, S, P>): Gate<U, S, AnonymousOf<D, P>>;
}

/**
 * Says who signs people in. Needs no network, and neither does `kit.gate`: the providers are asked
 * at the first login.
 *
 * Reads `{PROVIDER}_*` and `OIDC_*`, `PORTCULLIS_SECRET`, `PORTCULLIS_ORIGIN` and `NODE_ENV` from
 * the environment, once.
 */
export function portcullis<
	const P extends readonly ProviderRef[] = readonly [typeof Generic],
	const D extends Rule<AuthContext<ClaimsOf<P[number]>>> = true,
>(options: PortcullisOptions<P, D> = {}): Kit<ClaimsOf<P[number]>, D> {
	type U = ClaimsOf<P[number]>;
	const auth = resolveOptions("portcullis", options).auth as unknown as Rule<PageAuthContext>;
	const session = resolveOptions("session", options.session);
	const http = resolveOptions("http", options.http);
	const ui = resolveOptions("ui", options.ui);
	const given = resolveOptions("platform", options.platform);
	const now = given.now ?? Date.now;
	const writeLine = createLog(given.log ?? consoleLog, now);
	const platform: Platform = {
		env: given.env ?? processEnvironment(),
		fetch: given.fetch ?? ((input, init) => globalThis.fetch(input, init)),
		log: writeLine,
		now,
	};
	const problems: ConfigProblem[] = checkOptions(options as unknown as PortcullisOptions);
	const telemetry =
		given.telemetry && new GuardedTelemetry(given.telemetry, platform.log, platform.now);
	const paths = { ...DEFAULT_ROUTES, ...http.routes };
	const origin = compileOrigin(options.origin, http.trustProxy, platform.env);
	const { set, problems: providerProblems } = resolveProviders(options.providers, {
		env: platform.env,
		fetch: platform.fetch,
		extraScopes: Array.isArray(options.extraScopes) ? options.extraScopes : [],
		timeout: given.timeout,
		clockTolerance: given.clockTolerance,
		now: platform.now,
		report: (cause, provider) => {
			const code = isPortcullisError(cause) ? cause.code : "internal_error";
			const message = "A hook failed after a renewal; the session was renewed all the same";
			platform.log({ level: "error", code, message, id: createErrorId(), provider, cause });
		},
		...(telemetry ? { observe: (call, run) => telemetry.providerCall(call, run) } : {}),
	});
	problems.push(...origin.problems, ...providerProblems);
	// With all providers there, a missing or weak secret shows now; a lazy provider may still bring
	// one, if it is the only one.
	if (!set.isLazy && providerProblems.length === 0) {
		const found = resolveSecrets(options.secret, platform.env, set.ready);
		if ("problems" in found) problems.push(...found.problems);
	} else if (set.isLazy) {
		const missing = missingSecret(options.secret, platform.env, options.providers?.length ?? 1);
		if (missing) problems.push(missing);
	}
	const loader = new RuntimeLoader(
		set,
		options.secret,
		platform,
		telemetry && ((...value) => telemetry.unsealFailed(...value)),
	);
	const { words, topics } = createStateWords<U, D>();

	return {
		...words,
		check: (first: unknown, second?: unknown) =>
			typeof first === "string"
				? noteCheck(second as never, first, definitionSite())
				: noteCheck(first as never, undefined, definitionSite()),
		apiFetch: (base, apiOptions = {}) => createApiFetch(platform, base, apiOptions),
		gate<S extends StateClasses, G extends PageRules<U>>(gateOptions: GateOptions<U, S, G> = {}) {
			const site = definitionSite();
			const defaultRule = auth;
			const states = createStateRegistry(gateOptions.states ?? {}, defaultRule as Rule<never>);
			const all = [
				...problems,
				...checkGateOptions(gateOptions as unknown as GateOptions, paths),
				...states.problems,
			];
			const { bearer, embed } = http;
			if (bearer && all.length === 0 && !set.isLazy)
				all.push(
					...unknownProviders(
						bearer,
						set.ready.map(({ name }) => name),
					),
					...loginPolicies(bearer, set.ready),
				);
			if (all.length > 0) throw new ConfigError(all);
			if (isProduction(platform.env) && origin.pinned.length === 0) {
				const message = `${ORIGIN_VARIABLE} is not set: redirect URIs follow the Host header, and only the provider's list of registered URIs limits them`;
				platform.log({ level: "warning", code: "config_invalid", message });
			}
			const hasStates = states.registry.all.length > 0;
			if (isProduction(platform.env) && hasStates && options.store === undefined) {
				const message =
					"No store was named: server state is kept by this process alone. Pass memory() to say that there is only one, or redis(url)";
				platform.log({ level: "warning", code: "config_invalid", message });
			}
			if (isProduction(platform.env) && embed !== undefined && options.store === undefined) {
				const message =
					"embed is set, and no store was named: where a provider cuts login popups off, people in frames cannot sign in";
				platform.log({ level: "warning", code: "config_invalid", message });
			}
			const store = options.store ?? memory({ now: platform.now });
			const hasBackchannel = session.backchannelLogout ?? options.store !== undefined;
			if (isProduction(platform.env) && hasBackchannel && !store.isShared) {
				const message =
					"Ended sessions are remembered by this process alone: after a restart, sign-outs and back-channel logouts are forgotten, and copies of cookies from before open pages again until they end. Pass redis(url) as store to keep them";
				platform.log({ level: "warning", code: "config_invalid", message });
			}
			const log = (entry: Omit<LogEntry, "id">, address?: string) =>
				writeLine(
					{ ...entry, id: createErrorId() },
					address === undefined ? undefined : networkOf(address),
				);
			const pages = Object.entries(gateOptions.pages ?? {}).map(
				([pattern, { auth }]) => [pattern, auth as Rule<PageAuthContext>] as const,
			);
			const assets = gateOptions.assets ?? [];
			const rulesByPattern = Object.fromEntries(pages);
			const pathRules = compilePathRules(rulesByPattern, assets, defaultRule);
			const functionRules = compileFunctionRules(rulesByPattern, pathRules);
			const protects: Protected = {
				pages,
				assets,
				defaultRule,
				registry: states.registry,
				pathRules,
				site,
			};
			const panel = isDevelopment(platform.env)
				? new PanelRoute({
						protects,
						timeout: given.timeout,
						clockTolerance: given.clockTolerance,
					})
				: undefined;
			const hook = panel ? panel.recording(given.audit) : given.audit;
			const audit =
				hook || telemetry
					? new AuditTrail(
							hook,
							platform.log,
							platform.now,
							telemetry && ((event) => telemetry.happened(event)),
						)
					: undefined;
			const revocations = hasBackchannel
				? new RevocationList({ store, now: platform.now, log })
				: undefined;
			const known = revocations ?? new OwnRevocations(platform.now);
			const state = new StateService({
				registry: states.registry,
				topics,
				store,
				now: platform.now,
				isDevelopment: !isProduction(platform.env),
				audit: audit && eventAudit(audit),
				log,
			});
			revocations?.onChange(() => state.endRevoked());
			const embedding = compileEmbedding(embed, store, options.store !== undefined);
			const identities = new IdentityResolver({
				now: platform.now,
				log: platform.log,
				revocations: known,
				userinfoMaxAge: session.claimsMaxAge,
				onRefused: (connected, session) => sessions.end({ session, connected }),
				isEmbedded: embedding.ancestors.length > 0,
				framing: embedding.framing,
			});
			const health = new HealthRoutes({
				loader,
				store,
				revocations: known,
				now: platform.now,
			});
			const message =
				"The store does not answer: refreshes are folded within this process alone for now";
			const shared = new SharedRefreshes(store, (cause) => {
				log({
					level: "warning",
					code: isPortcullisError(cause) ? cause.code : "internal_error",
					message,
					cause,
				});
			});
			const refreshes = new RefreshRoutes(session.outageGrace, store.isShared ? shared : undefined);
			const sessions = new SessionManager({
				now: platform.now,
				log,
				identities,
				revocations: known,
				audit,
				onEnded: (id) => {
					state.sessionEnded(id);
					refreshes.sessionEnded(id, platform.now());
				},
			});
			const context = createGateContext({
				paths,
				platform,
				log: writeLine,
				views: ui.views ?? {},
				audit,
				telemetry,
				languages: new Languages(ui.languages, platform.log),
				loader,
				identities,
				bearer: bearer && new BearerAuthentication(bearer, embedding.framing),
				embedding,
				sharedCallback: session.sharedCallback,
				findOrigin: origin.find,
				unknownOrigin: origin.unknown,
				findAddress: origin.findAddress,
				findCounted: origin.findCounted,
				hsts: http.hsts,
				limits: {
					start: createAddressLimit(session.loginLimit, platform.now),
					callback: createAddressLimit(session.loginLimit, platform.now),
				},
				sessions,
				outliving:
					isProduction(platform.env) && !hasBackchannel
						? new OutlivingCopies(platform.log)
						: undefined,
			});
			const surfaces = (routes: readonly SurfaceRoute[]) => listSurfaces(protects, routes);
			const gate = new Gate<U, S, AnonymousOf<D, G>>(context, {
				...{ pathRules, functionRules, state, surfaces, health, revocations, panel, refreshes },
				authorizer: new Authorizer(context, state, pathRules),
				callbacks: new CallbackRoutes(),
				claims: new ClaimRoutes(platform.now),
				states: new StateRoutes(context, state),
			});
			keepInternals(gate, {
				runtime: () => loader.load(),
				protects,
				stateOf: (caller) => state.pageState(caller),
				now: platform.now,
				endpoints: paths.endpoints,
				isOwnRoute: (url) => context.ownRoute(rawPath(url)) !== undefined,
				log: writeLine,
				sessionOf: async (call) => {
					const identity = await identities.resolve(await loader.load(), call.header("cookie"));
					return identity?.session.id;
				},
				onSessionEnded: (listener) => state.onSessionEnded(listener),
			});
			return gate;
		},
	};
}
