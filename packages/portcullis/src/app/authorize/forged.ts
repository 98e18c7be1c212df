import { hasOwnOrigin, REQUEST_HEADER } from "../../guard/forms.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import { isHandshake } from "../../guard/handshake.ts";
import type { GateContext } from "../gate-context.ts";
import type { Identity } from "../sessions/identity.ts";

export const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * Whether another site may have made the request. One that changes something must be provably
 * ours. Cookies of a session in a frame come with every request from below the same page, its
 * other frames' too: of those requests, only frames that are being loaded are let in.
 */
export function isForged(gate: GateContext, call: GateRequest, { connected }: Identity): boolean {
	if (isHandshake(call)) return !comesFromOwnOrigin(gate, call); // proven: handshake-csrf
	if (!SAFE_METHODS.has(call.method)) return !isOwnRequest(gate, call); // proven: no-page-csrf
	return connected.isEmbedded && isForeignSubresource(call); // proven: framed-subresources
}

/** Script cannot add headers to a handshake: `Origin` alone says where it comes from. */
function comesFromOwnOrigin(gate: GateContext, call: GateRequest): boolean {
	const origin = gate.findOrigin(call);
	return origin !== undefined && hasOwnOrigin(call.header, origin);
}

/**
 * A request that changes something must come from the app: by its `Origin`, or by the header that
 * only script of ours, or no browser, sends.
 */
function isOwnRequest(gate: GateContext, call: GateRequest): boolean {
	const origin = gate.findOrigin(call);
	if (origin === undefined) return false;
	if (call.header("origin") !== null) return hasOwnOrigin(call.header, origin);
	return call.header(REQUEST_HEADER) !== null; // proven: no-own-header
}

/**
 * Sent by another site's page for anything but a page: by script, or as an image, a style, a
 * script.
 */
export function isForeignSubresource({ header }: GateRequest): boolean {
	const site = header("sec-fetch-site");
	return site !== null && site !== "same-origin" && header("sec-fetch-mode") !== "navigate";
}
