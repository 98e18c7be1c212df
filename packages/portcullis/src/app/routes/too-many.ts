import { errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";

/**
 * Refuses a request of an address that sends far more than people do: nothing is begun then, and
 * the provider is not asked.
 *
 * @returns `undefined` for a request that may go on.
 */
export function denyTooMany(
	exchange: Exchange,
	what: "start" | "callback",
): Promise<Response> | undefined {
	const { gate, call } = exchange;
	const limited = gate.limits[what](gate.findCounted(call));
	if (limited.isAllowed) return undefined; // proven: callback-limit
	const { network, retryAfter, isFirst } = limited;
	// As often as the log says it: a flood is not to become one of records.
	const action = isFirst ? (what === "start" ? "login_started" : "login_completed") : undefined;
	const proxy =
		"If that is a proxy, name it in trustProxy, so that the people behind it are told apart";
	const sends = what === "start" ? "begins more logins" : "sends more callbacks";
	const message = `${network} ${sends} than loginLimit allows. ${proxy}`;
	return errorResponse(exchange, {
		code: "too_many_requests",
		message,
		retryAfter,
		isLogged: isFirst,
		retryTo: "/",
		action,
	});
}
