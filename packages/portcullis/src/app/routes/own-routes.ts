import { isPublicHttps } from "../../config/origin.ts";
import { denyBearer } from "../answers/bearer-refusals.ts";
import { forbiddenPage } from "../answers/refusals.ts";
import { denyEndpoint, denyMethod } from "../answers/refuse.ts";
import { jsonResponse } from "../answers/render.ts";
import { errorResponse } from "../answers/responder.ts";
import { sessionAnswer } from "../answers/session-answer.ts";
import type { Authorizer } from "../authorize/authorize.ts";
import type { Exchange } from "../exchange.ts";
import type { RevocationList } from "../sessions/revocation-list.ts";
import { handleBackchannelLogout } from "./backchannel.ts";
import type { CallbackRoutes } from "./callback.ts";
import type { ClaimRoutes } from "./claim.ts";
import type { HealthRoutes } from "./health.ts";
import { handleLogin, handleStart } from "./login.ts";
import { handleLogout, handleLogoutPage } from "./logout.ts";
import type { PanelRoute } from "./panel.ts";
import type { OwnRoute } from "./paths.ts";
import { handlePopupStart } from "./popup.ts";
import type { RefreshRoutes } from "./refresh.ts";
import type { StateRoutes } from "./state.ts";
import { handleStepUp } from "./step-up.ts";
import { allowedMethods, handlerFor, type RouteEntry, type RouteTable } from "./table.ts";
import { denyTooMany } from "./too-many.ts";

const HSTS = "Strict-Transport-Security";

/** What the routes of one gate are made of. */
export interface RouteParts {
	readonly health: HealthRoutes;
	/** `undefined` where providers cannot end sessions. */
	readonly revocations: RevocationList | undefined;
	/** In development alone. */
	readonly panel: PanelRoute | undefined;
	readonly callbacks: CallbackRoutes;
	readonly claims: ClaimRoutes;
	readonly refreshes: RefreshRoutes;
	readonly states: StateRoutes;
	readonly authorizer: Authorizer;
}

/** Every route of the gate's own: who may ask by which method, and what answers. */
function createTable(parts: RouteParts): RouteTable {
	const { health, revocations, panel, callbacks, claims, refreshes, states, authorizer } = parts;
	const unknown = (exchange: Exchange) =>
		denyEndpoint(exchange, `one of those below ${exchange.gate.paths.endpoints}`);
	return {
		login: {
			audience: "browser",
			get: (exchange) => handleLogin(exchange),
			post: (exchange) => handlePopupStart(exchange, undefined),
			measured: "login",
			measuresPostOnly: true,
		},
		start: {
			audience: "browser",
			limit: "start",
			get: (exchange, { provider }) => handleStart(exchange, provider),
			head: false, // proven: head-begins
			post: (exchange, { provider }) => handlePopupStart(exchange, provider),
			measured: "login",
		},
		callback: {
			audience: "browser",
			limit: "callback",
			get: (exchange, { provider }) => callbacks.answer(exchange, provider),
			head: false, // proven: head-completes
			post: (exchange) => callbacks.handOver(exchange),
			measured: "callback",
		},
		continue: {
			audience: "browser",
			limit: "callback",
			post: (exchange, { provider }) => callbacks.handleContinue(exchange, provider),
			measured: "callback",
		},
		"step-up": {
			audience: "browser",
			limit: "start", // proven: step-up-link-limit
			get: (exchange, { wanted }) => handleStepUp(exchange, wanted),
		},
		logout: {
			audience: "browser",
			get: handleLogoutPage,
			post: handleLogout,
			measured: "logout",
			measuresPostOnly: true,
		},
		forbidden: {
			audience: "browser",
			get: async (exchange) => forbiddenPage(exchange, (await exchange.identity())?.user),
		},
		session: { audience: "browser", isFrequent: true, get: handleSession },
		refresh: {
			audience: "browser",
			isFrequent: true,
			post: (exchange) => refreshes.answer(exchange),
			measured: "refresh",
		},
		claim: { audience: "browser", post: (exchange) => claims.answer(exchange), measured: "claim" },
		hydrate: {
			audience: "browser",
			isFrequent: true,
			post: (exchange) =>
				states.hydrate(exchange, (path, identity) =>
					authorizer.clientNavigation(exchange, path, identity),
				),
		},
		event: {
			audience: "browser",
			isFrequent: true,
			isDirect: true,
			post: (exchange) => states.event(exchange),
		},
		stream: { audience: "browser", isFrequent: true, post: (exchange) => states.stream(exchange) },
		health: { audience: "server", get: () => health.live() },
		ready: { audience: "server", get: () => health.ready() },
		"backchannel-logout": {
			audience: "server",
			post: (exchange, { provider }) => handleBackchannelLogout(exchange, revocations, provider),
			measured: "backchannel_logout",
		},
		// For every caller but a developer the panel does not exist.
		panel: { audience: "browser", opened: (exchange) => panel?.answer(exchange), any: unknown },
		unknown: { audience: "browser", any: unknown },
	};
}

/** Answers the routes of one gate. */
export class OwnRoutes {
	readonly #table: RouteTable;
	readonly #hasBearer: boolean;

	/** @param hasBearer Whether access tokens let programs in. */
	constructor(parts: RouteParts, hasBearer: boolean) {
		this.#table = createTable(parts);
		this.#hasBearer = hasBearer;
	}

	answer(exchange: Exchange, route: OwnRoute): Promise<Response> | Response {
		const entry = this.#table[route.name] as RouteEntry;
		const { telemetry } = exchange.gate;
		const { measured, measuresPostOnly } = entry;
		const { method } = exchange.call;
		const isMeasured = measured !== undefined && (method === "POST" || !measuresPostOnly);
		if (telemetry && isMeasured)
			return telemetry.route(measured, async () => this.#answer(exchange, route, entry));
		return this.#answer(exchange, route, entry);
	}

	#answer(exchange: Exchange, route: OwnRoute, entry: RouteEntry): Promise<Response> | Response {
		const isDirect = entry.isDirect && !this.#hasBearer && exchange.call.method === "POST";
		if (isDirect && entry.post && exchange.knownOrigin !== undefined)
			return entry.post(exchange, route);
		return entry.audience === "server"
			? run(exchange, route, entry)
			: this.#answerBrowser(exchange, route, entry);
	}

	/**
	 * By the origin that the browser sees, and never with two credentials that contradict each other.
	 */
	async #answerBrowser(exchange: Exchange, route: OwnRoute, entry: RouteEntry): Promise<Response> {
		const { gate, call, runtime } = exchange;
		const opened = await entry.opened?.(exchange);
		if (opened) return opened;
		const origin = exchange.knownOrigin;
		// proven: unknown-origin
		if (origin === undefined)
			return errorResponse(exchange, { code: "unknown_origin", message: gate.unknownOrigin });
		const { bearer } = gate;
		const contradictory =
			bearer?.tokenOf(call) === undefined ? undefined : bearer.denyContradictory(runtime, call);
		if (contradictory) return denyBearer(exchange, contradictory);
		const refusal = entry.limit && denyTooMany(exchange, entry.limit);
		const response = await (refusal ?? run(exchange, route, entry));
		const { hsts } = gate;
		// proven: no-hsts
		if (hsts > 0 && !entry.isFrequent && isPublicHttps(origin) && !response.headers.has(HSTS))
			response.headers.set(HSTS, `max-age=${hsts}`);
		return response;
	}
}

function run(exchange: Exchange, route: OwnRoute, entry: RouteEntry): Promise<Response> | Response {
	const handler = entry.any ?? handlerFor(entry, exchange.call.method);
	return handler ? handler(exchange, route) : denyMethod(exchange, allowedMethods(entry));
}

/** `GET session`: who the browser is. */
async function handleSession(exchange: Exchange): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const identity = await exchange.identity();
	if (identity) return jsonResponse(sessionAnswer(identity));
	const stored = await gate.identities.openStored(runtime, call.header("cookie"));
	return jsonResponse(
		sessionAnswer(undefined, stored?.session.hasRefreshToken ? stored.session : undefined),
	);
}
