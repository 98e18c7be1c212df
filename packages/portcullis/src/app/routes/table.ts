import type { TelemetryRoute } from "../../audit/telemetry.ts";
import type { Exchange } from "../exchange.ts";
import type { OwnRoute } from "./paths.ts";

/** Answers one of the gate's own routes. */
export type Handler<R extends OwnRoute = OwnRoute> = (
	exchange: Exchange,
	route: R,
) => Promise<Response> | Response;

/** Everything that the gate knows of a route before one of its handlers runs. */
export interface RouteEntry<R extends OwnRoute = OwnRoute> {
	readonly get?: Handler<R>;
	/** Default: that of GET. `false` where a program that only looks must not begin anything. */
	readonly head?: false;
	readonly post?: Handler<R>;
	/** Answers every method. */
	readonly any?: Handler<R>;
	/**
	 * Asked first, before an origin is needed. `undefined` for a caller to whom the route does not
	 * exist.
	 */
	readonly opened?: (exchange: Exchange) => Promise<Response | undefined> | undefined;
	/**
	 * `browser`: needs the origin that people see, and refuses an access token beside a session.
	 * `server`: asked by servers, which may know this one by another name; has no origin.
	 */
	readonly audience: "browser" | "server";
	/** What counts its requests by network, where that is limited. */
	readonly limit?: "start" | "callback";
	/** Asked for by script, often, after a page has been there: without HSTS. */
	readonly isFrequent?: true;
	/**
	 * Answered without a detour where access tokens are off: events are far more than all the rest.
	 */
	readonly isDirect?: true;
	/** What it is called in measurements. None for a page that only shows something. */
	readonly measured?: TelemetryRoute;
	/** Only POST is measured. */
	readonly measuresPostOnly?: true;
}

/** One entry for each name. */
export type RouteTable = {
	readonly [N in OwnRoute["name"]]: RouteEntry<Extract<OwnRoute, { name: N }>>;
};

/** The handler for a method; HEAD is answered by that of GET. */
export function handlerFor(entry: RouteEntry, method: string): Handler | undefined {
	if (method === "GET") return entry.get; // proven: get-endpoints
	if (method === "HEAD") return entry.head === false ? undefined : entry.get;
	return method === "POST" ? entry.post : undefined;
}

/** `Allow` of a route (RFC 9110 section 10.2.1). */
export function allowedMethods({ get, post }: RouteEntry): string {
	return [...(get ? ["GET"] : []), ...(post ? ["POST"] : [])].join(", ");
}
