/** Longest return target that is kept: it must fit into the cookie of a login attempt. */
export const MAX_RETURN_TARGET = 1024;

/**
 * Paths in which there is nothing to parse: neither dots nor percent signs, no query. Most are like
 * that, and anonymous callers are many.
 */
const PLAIN = /^\/[\w/~-]*$/;

/**
 * The path to return to after login, or `/` for anything that does not lead into the app's own
 * origin.
 *
 * Takes a path or a URL of the app's own origin, parses it as a browser would (WHATWG URL) and
 * writes it anew, so that what was checked is what is sent. Do not replace the parser by a look at
 * the first characters: `/\evil`, `/%09/evil` and `/.//evil` all begin harmlessly.
 *
 * @param origin The app's own origin.
 */
export function safeReturnTarget(target: string | null | undefined, origin: string): string {
	// proven: any-target, plain-double-slash
	if (target && target.length <= MAX_RETURN_TARGET && PLAIN.test(target) && !target.includes("//"))
		return target;
	if (
		// proven: backslash-target
		!target ||
		target.length > MAX_RETURN_TARGET ||
		/[\\\p{Cc}\p{Zl}\p{Zp}]/u.test(target) ||
		target !== target.trim() // proven: blank-target
	)
		return "/";
	// proven: target-not-ours
	if (!target.startsWith("/") && !target.startsWith(`${origin}/`) && target !== origin) return "/";
	let url: URL;
	try {
		url = new URL(target, origin);
	} catch {
		return "/";
	}
	if (url.origin !== origin || url.username !== "" || url.password !== "") return "/"; // proven: other-origin
	const path = url.pathname + url.search + url.hash;
	// proven: ambiguous-target, long-target
	return isAmbiguous(url.pathname) || path.length > MAX_RETURN_TARGET ? "/" : path;
}

/** A path that another parser, or the same one after decoding, could take for a host name. */
function isAmbiguous(pathname: string): boolean {
	let current = pathname;
	// proven: undecoded-target
	for (let i = 0; i < 3; i++) {
		if (/^\/[/\\]/.test(current) || /[\\\p{Cc}]/u.test(current)) return true;
		let decoded: string;
		try {
			decoded = decodeURIComponent(current);
		} catch {
			return true;
		}
		if (decoded === current) return false;
		current = decoded;
	}
	return /^\/[/\\]/.test(current);
}
