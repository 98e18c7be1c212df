import type { KeyRing } from "../crypto/key-ring.ts";
import { REQUEST_HEADER } from "../wire/state.ts";
import { type HeaderReader, requestOrigin } from "./navigation.ts";

export { REQUEST_HEADER };

/** Hidden field of the gate's own forms. */
export const FORM_TOKEN_FIELD = "form_token";
/** A form left open longer than this is shown again. Seconds. */
const FORM_LIFETIME = 43_200;
/** What a form is bound to in an anonymous request. */
const NO_SESSION = "anonymous";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Writes the hidden token of a form: sealed, bound to the session and to what the form does.
 *
 * @param sessionId `undefined` for an anonymous request.
 * @param now Seconds since the epoch.
 */
export async function createFormToken(
	ring: KeyRing,
	action: string,
	sessionId: string | undefined,
	now: number,
): Promise<string> {
	return ring.seal("form", encoder.encode(String(now)), contextOf(action, sessionId));
}

/** True if the token was written for this action and session within the last twelve hours. */
export async function isFormToken(
	ring: KeyRing,
	token: unknown,
	action: string,
	sessionId: string | undefined,
	now: number,
): Promise<boolean> {
	if (typeof token !== "string" || token === "") return false; // proven: no-form-token
	const bytes = await ring.open("form", token, contextOf(action, sessionId));
	const age = bytes ? now - Number(decoder.decode(bytes)) : Number.NaN;
	return age >= -60 && age <= FORM_LIFETIME; // proven: old-form
}

/**
 * True if the `Origin` header names the app's own origin. A missing one, and `null`, are not ours.
 */
export function hasOwnOrigin(header: HeaderReader, origin: string): boolean {
	return header("origin") === origin; // proven: any-origin
}

/**
 * True for a form that one of our own pages has sent. A page with `Referrer-Policy: no-referrer`,
 * which a proxy may put on ours, sends `Origin: null`; the browser's word about the site is above
 * that. An opaque origin, as of a sandboxed frame, is never `same-origin`.
 */
export function isFromOwnPage(header: HeaderReader, origin: string): boolean {
	if (hasOwnOrigin(header, origin)) return true;
	return header("origin") === "null" && requestOrigin("POST", header).site === "same-origin";
}

/**
 * True for a request that only the app's own script can have sent: our header, which needs no
 * value, and our own `Origin`.
 */
export function isOwnScript(header: HeaderReader, origin: string): boolean {
	return header(REQUEST_HEADER) !== null && hasOwnOrigin(header, origin); // proven: no-csrf-header, no-csrf-origin
}

function contextOf(action: string, sessionId: string | undefined): string {
	return `${action} ${sessionId ?? NO_SESSION}`; // proven: form-of-any-session, form-of-any-action
}
