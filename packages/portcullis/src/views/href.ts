/**
 * Never resolves and never leaves this module: it only gives the parser something to be relative
 * to.
 */
const base = "http://portcullis.invalid";

/**
 * Returns `path` if it is an absolute path of the own origin, parsed and re-serialised (URL
 * Standard), else `"/"`.
 *
 * Parsing alone is not enough: the parser drops tabs and newlines and takes `\` for `/`, and
 * `/.//evil.example` parses as a path of ours but serialises to `//evil.example`, which is another
 * host.
 */
export function safePath(path: string): string {
	if (!/^\/(?!\/)/.test(path) || hasControlOrBackslash(path)) return "/";
	const url = URL.parse(path, base);
	if (url === null || url.origin !== base || url.pathname.startsWith("//")) return "/";
	return quoteless(url.pathname + url.search + url.hash);
}

/**
 * Returns a URL that an `href` can carry: a path of the own origin as `safePath` does it, or an
 * absolute `http:` or `https:` URL without credentials, re-serialised. Anything else
 * (`javascript:`, `data:`, `//host`, relative) gives `"/"`.
 *
 * It does not say that the other host is a good one: for a target that a request has a say in, use
 * `safePath`.
 */
export function safeHref(href: string): string {
	if (!/^https?:\/\//i.test(href)) return safePath(href);
	const url = hasControlOrBackslash(href) ? null : URL.parse(href);
	if (url === null || url.username !== "" || url.password !== "") return "/";
	return quoteless(url.href);
}

function hasControlOrBackslash(text: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
	return /[\u0000-\u001f\u007f\\]/.test(text);
}

/**
 * The serialiser leaves `'` alone in paths and fragments. Percent-encoded it cannot end a quoted
 * URL of a meta refresh.
 */
function quoteless(url: string): string {
	return url.replaceAll("'", "%27");
}
