import { messageFor } from "../views/messages.ts";
import { routeOf } from "./audit.ts";
import { type BearerRefusal, bearerDetails, INSUFFICIENT_SCOPE } from "./bearer.ts";
import { createErrorId, type GateContext } from "./gate-context.ts";
import type { HostCall } from "./host-call.ts";
import { problemResponse } from "./render.ts";

/** Logs and tells of a refusal, and answers with it. */
export async function refuseBearer(
	gate: GateContext,
	call: HostCall,
	refusal: BearerRefusal,
	action: "page_load" | "event_handler" = "page_load",
): Promise<Response> {
	const id = createErrorId();
	gate.platform.log({ ...refusal.entry, id });
	const { identity } = refusal;
	await gate.audit?.emit(action, "failure", {
		...(identity && bearerDetails(identity)),
		route: routeOf(call.url),
		reason: refusal.reason,
		errorId: id,
	});
	return refusal.answer(id);
}

/** Answers a program that a rule refused (RFC 6750 section 3.1). */
export function refuseByRule(): Response {
	return problemResponse(403, "forbidden", messageFor("forbidden").title, {
		headers: { "WWW-Authenticate": INSUFFICIENT_SCOPE },
	});
}
