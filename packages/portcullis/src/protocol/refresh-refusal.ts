import type { RefreshRefusal } from "./types.ts";

/**
 * Codes that end a session: `invalid_grant` of RFC 6749 section 5.2, and what some servers say for
 * it.
 */
const ENDING = new Set(["invalid_grant", "invalid_code"]);
/**
 * Codes that speak of the request, the client or the server, and so of no session (RFC 6749
 * sections 4.1.2.1 and 5.2, RFC 8628 section 3.5).
 */
const KNOWN = new Set([
	"invalid_request",
	"invalid_client",
	"unauthorized_client",
	"unsupported_grant_type",
	"invalid_scope",
	"server_error",
	"temporarily_unavailable",
	"slow_down",
]);

/**
 * True if the provider has ended the session: `invalid_grant`, or a 400 or 403 that gives no known
 * reason.
 */
export function endsSession({ status, error }: RefreshRefusal): boolean {
	if (error !== undefined && ENDING.has(error)) return true; // proven: no-refusal
	return (status === 400 || status === 403) && (error === undefined || !KNOWN.has(error));
}
