import { AuditTrail, type TelemetryEvent } from "../../audit/audit.ts";
import { isDevelopment, isProduction } from "../../config/environment.ts";
import { Languages } from "../../config/languages.ts";
import type { GateOptions, StateClasses } from "../../config/options.ts";
import { rawPath } from "../../guard/path.ts";
import type { UserClaims } from "../../protocol/types.ts";
import type { Topics } from "../../state/topic.ts";
import { memory } from "../../store/memory/store.ts";
import { Authorizer } from "../authorize/authorize.ts";
import { BearerAuthentication } from "../authorize/bearer.ts";
import { Gate } from "../gate.ts";
import { createGateContext, type GateContext } from "../gate-context.ts";
import { type GateInternals, keepInternals } from "../gate-internals.ts";
import { CallbackRoutes } from "../routes/callback.ts";
import { ClaimRoutes } from "../routes/claim.ts";
import { HealthRoutes } from "../routes/health.ts";
import { createAddressLimit } from "../routes/login-limit.ts";
import { PanelRoute } from "../routes/panel.ts";
import { StateRoutes } from "../routes/state.ts";
import { OutlivingCopies } from "../sessions/outliving-copies.ts";
import { listSurfaces, type Protected } from "../surfaces.ts";
import type { AuthSetup } from "./auth-setup.ts";
import { compileGateRules } from "./gate-rules.ts";
import { createSessionParts, type SessionParts } from "./session-parts.ts";
import { type StoreUse, warnAtStart } from "./start-warnings.ts";

/**
 * Makes a gate and everything that is its own: rules, sessions, state, limits.
 *
 * @param site Where `gate` was called.
 * @throws {ConfigError} with every mistake.
 */
export function assembleGate<U extends UserClaims, S extends StateClasses, A extends undefined>(
	setup: AuthSetup,
	topics: Topics,
	options: GateOptions,
	site: string | undefined,
): Gate<U, S, A> {
	const { protects, functionRules } = compileGateRules(setup, options, site);
	const use: StoreUse = {
		store: setup.store ?? memory({ now: setup.platform.now }),
		hasStates: protects.registry.all.length > 0,
		hasBackchannel: setup.session.backchannelLogout ?? setup.store !== undefined,
	};
	warnAtStart(setup, use);
	const panel = createPanel(setup, protects);
	const audit = createAudit(setup, panel);
	const parts = createSessionParts(setup, { ...use, audit, topics, registry: protects.registry });
	const context = createContext(setup, use, audit, parts);
	const { state, refreshes, revocations } = parts;
	const { now } = setup.platform;
	const gate = new Gate<U, S, A>(context, {
		...{ pathRules: protects.pathRules, functionRules, state, revocations, panel, refreshes },
		surfaces: (routes) => listSurfaces(protects, routes),
		health: new HealthRoutes({
			...{ loader: setup.loader, store: use.store, revocations: parts.known, now },
		}),
		authorizer: new Authorizer(context, state, protects.pathRules),
		callbacks: new CallbackRoutes(),
		claims: new ClaimRoutes(now),
		states: new StateRoutes(context, state),
	});
	keepInternals(gate, internalsFor(context, protects, parts));
	return gate;
}

/** Only in development, in this very word. */
function createPanel(
	{ platform, listeners: { timeout, clockTolerance } }: AuthSetup,
	protects: Protected,
): PanelRoute | undefined {
	if (!isDevelopment(platform.env)) return undefined;
	return new PanelRoute({ protects, timeout, clockTolerance });
}

/** There if the app or the panel listens, or the app measures. */
function createAudit(
	{ listeners, platform, telemetry }: AuthSetup,
	panel: PanelRoute | undefined,
): AuditTrail | undefined {
	const hook = panel ? panel.recording(listeners.audit) : listeners.audit;
	if (!hook && !telemetry) return undefined;
	const measure = telemetry && ((event: TelemetryEvent) => telemetry.record(event));
	return new AuditTrail(hook, platform.log, platform.now, measure);
}

function createContext(
	setup: AuthSetup,
	{ hasBackchannel }: StoreUse,
	audit: AuditTrail | undefined,
	{ identities, sessions, embedding }: SessionParts,
): GateContext {
	const { platform, origin, session, http, ui } = setup;
	const { env, log, now } = platform;
	return createGateContext({
		...{ platform, audit, identities, sessions, embedding },
		paths: setup.paths,
		log: setup.writeLine,
		views: ui.views ?? {},
		telemetry: setup.telemetry,
		languages: new Languages(ui.languages, log),
		loader: setup.loader,
		bearer: http.bearer && new BearerAuthentication(http.bearer, embedding.framing),
		sharedCallback: session.sharedCallback,
		findOrigin: origin.find,
		unknownOrigin: origin.unknown,
		findAddress: origin.findAddress,
		findCounted: origin.findCounted,
		hsts: http.hsts,
		limits: {
			start: createAddressLimit(session.loginLimit, now),
			callback: createAddressLimit(session.loginLimit, now),
		},
		outliving: isProduction(env) && !hasBackchannel ? new OutlivingCopies(log) : undefined,
	});
}

function internalsFor(
	context: GateContext,
	protects: Protected,
	{ state, identities }: SessionParts,
): GateInternals {
	const { loader, platform, paths, log } = context;
	return {
		runtime: () => loader.load(),
		protects,
		stateOf: (caller) => state.pageState(caller),
		now: platform.now,
		endpoints: paths.endpoints,
		isOwnRoute: (url) => context.ownRoute(rawPath(url)) !== undefined,
		log,
		sessionOf: async (call) => {
			const identity = await identities.resolve(await loader.load(), call.header("cookie"));
			return identity?.session.id;
		},
		onSessionEnded: (listener) => state.onSessionEnded(listener),
	};
}
