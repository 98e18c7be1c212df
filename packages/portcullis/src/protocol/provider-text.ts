import { UNSHOWN_RUNS } from "../base/one-line.ts";

/** Longest text of a provider that is carried on, in characters. */
const MAX_TEXT_LENGTH = 500;

/**
 * Makes a text that came from the provider, or from an attacker who forged its response, fit to be
 * shown or logged as plain text: control characters (log injection), bidirectional overrides and
 * zero-width characters (disguise) become spaces, and it is cut after 500 characters.
 *
 * The result is still untrusted and may hold markup. Escape it.
 */
export function toProviderText(text: string): string {
	const plain = withoutControls(text).trim();
	const characters = [...plain.slice(0, 2 * MAX_TEXT_LENGTH + 1)];
	return characters.length > MAX_TEXT_LENGTH
		? `${characters.slice(0, MAX_TEXT_LENGTH).join("")}…`
		: plain;
}

/**
 * The text with spaces in place of control characters, bidirectional overrides and other characters
 * that are not seen.
 */
export function withoutControls(text: string): string {
	return text.replace(UNSHOWN_RUNS, " ");
}

/**
 * An `error` code as RFC 6749 section 4.1.2.1 allows it, at most 64 characters; `unreadable` for
 * anything else.
 */
export function toErrorCode(text: string): string {
	return /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(text) && /^[\w.:/-]+$/.test(text)
		? text
		: "unreadable";
}
