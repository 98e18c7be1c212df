/**
 * Takes the optional white space of HTTP off both ends: space and tab alone (RFC 9110 section
 * 5.6.3). `String.trim` takes 23 other characters too. In a header they belong to the text: a name
 * that only looks like another one must not become it.
 */
export function trimSpace(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isSpace(text.charCodeAt(start))) start++;
	while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
	return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpace(code: number): boolean {
	return code === SPACE || code === TAB;
}

const SPACE = 0x20;
const TAB = 0x09;
