import { routeOf } from "../../audit/audit.ts";
import { createErrorId } from "../../audit/log.ts";
import { type BearerRefusal, bearerDetails, INSUFFICIENT_SCOPE } from "../authorize/bearer.ts";
import type { Exchange } from "../exchange.ts";
import { denyLogged, denyQuietly } from "./refuse.ts";

/** Logs and tells of a refusal, and answers with it. */
export async function denyBearer(
	exchange: Exchange,
	refusal: BearerRefusal,
	action: "page_load" | "event_handler" = "page_load",
): Promise<Response> {
	const { gate, call } = exchange;
	const id = exchange.log({ ...refusal.entry, id: createErrorId() });
	const { identity } = refusal;
	await gate.audit?.emit(action, "failure", {
		...(identity && bearerDetails(identity)),
		route: routeOf(call.url),
		reason: refusal.reason,
		errorId: id,
	});
	return denyLogged(refusal.entry.code, refusal.answer, id);
}

/** Answers a program that a rule refused (RFC 6750 section 3.1). */
export function denyByRule(): Response {
	return denyQuietly("forbidden", {
		status: 403,
		headers: { "WWW-Authenticate": INSUFFICIENT_SCOPE },
	});
}
