/**
 * What a terminal, a log viewer or a page does not show as it stands: control characters (ANSI
 * escapes begin with one), line and paragraph separators, bidirectional and zero-width characters,
 * lone surrogates, what Unicode has not assigned.
 */
const UNSHOWN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const EACH_UNSHOWN = new RegExp(UNSHOWN, "gu");
/** The same, one after the other. */
export const UNSHOWN_RUNS: RegExp = new RegExp(`${UNSHOWN.source}+`, "gu");
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/**
 * A text as one line that shows all that is in it: breaks and tabs become a space, everything else
 * that would not be seen becomes its code point, as `\u{202e}`. So the author of the text can
 * neither begin a line with it, nor hide a part of it or turn it around.
 *
 * @param max Characters of the result at most. Default 1000.
 */
export function oneLine(text: string, max: number = 1000): string {
	// Cut first: what is thrown away must cost nothing.
	const start = text.length > max ? text.slice(0, max) : text;
	if (!UNSHOWN.test(start)) return start;
	const shown = start
		.replace(BREAKS, " ")
		.replace(EACH_UNSHOWN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
	return shown.slice(0, max).replace(/[\ud800-\udbff]$/, "");
}

/**
 * A text as one word of a line of fields: bare where it is made of letters, digits and
 * `_ . : / @ + -`, else quoted like a string of JSON. So the value `x provider=y` becomes
 * `"x provider=y"`, and adds no field.
 */
export function oneWord(text: string, max: number = 200): string {
	const line = oneLine(text, max);
	return /^[\w.:/@+-]+$/.test(line) ? line : `"${line.replace(/["\\]/g, "\\$&")}"`;
}
