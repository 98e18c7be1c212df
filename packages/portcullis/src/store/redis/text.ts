/** Starts a text that is written as JSON. */
const ESCAPE = "\u0000";

/** A method of ES2024: every platform has it that runs this, but not every library of types. */
interface Checked {
	isWellFormed(): boolean;
}

/**
 * A text as Redis keeps it, in UTF-8. That has no lone surrogates: a text with one is written as
 * JSON, which escapes them.
 */
export function toRedis(text: string): string {
	const isPlain = (text as unknown as Checked).isWellFormed() && !text.startsWith(ESCAPE);
	return isPlain ? text : ESCAPE + JSON.stringify(text);
}

/**
 * What `toRedis` was given.
 *
 * @throws {SyntaxError} for what it did not write.
 */
export function fromRedis(text: string): string {
	return text.startsWith(ESCAPE) ? (JSON.parse(text.slice(ESCAPE.length)) as string) : text;
}
