import type { AllowResult } from "../guard/gate-request.ts";
import { policyWithFraming, varyBy, writeSessionHeaders } from "../session/write-headers.ts";

/**
 * Writes what an admitted answer must leave with: private cache headers where it depends on who
 * asks, the gate's cookies, and `Cross-Origin-Resource-Policy` unless the app set its own. Returns
 * the response itself, or a copy where its headers cannot be changed.
 */
export function finishResponse(response: Response, result: AllowResult): Response {
	if (!result.isPrivate) return response;
	try {
		writeAdmittedHeaders(response.headers, result);
		return response;
	} catch {
		// Headers of a redirect or of a fetched response are immutable.
		const copy = new Response(response.body, response);
		writeAdmittedHeaders(copy.headers, result);
		return copy;
	}
}

/** The same for hosts that have headers without a response. */
export function writeAdmittedHeaders(headers: Headers, result: AllowResult): void {
	writeSessionHeaders(headers, result.cookies);
	if (result.isByToken) headers.set("Vary", varyBy(headers.get("Vary"), "Authorization"));
	if (!headers.has("Cross-Origin-Resource-Policy"))
		headers.set("Cross-Origin-Resource-Policy", "same-origin");
	headers.set(
		"Content-Security-Policy",
		policyWithFraming(headers.get("Content-Security-Policy"), result.framing),
	);
}
