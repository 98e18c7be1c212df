import { type SetCookie, serializeCookie } from "./cookies.ts";

/** What every answer gets that depends on who asks, or that sets a cookie of ours. */
const PRIVATE_CACHE_CONTROL = "private, no-store";

/**
 * Writes cookies and cache headers together: there is no other place that appends a `Set-Cookie`,
 * so none can be stored by a shared cache and handed to another person. An empty list still marks
 * the answer as depending on its cookies.
 */
export function writeSessionHeaders(headers: Headers, cookies: readonly SetCookie[]): void {
	for (const cookie of cookies) headers.append("Set-Cookie", serializeCookie(cookie));
	headers.set("Cache-Control", privateCacheControl(headers.get("Cache-Control"), cookies)); // proven: cached-pages
	headers.set("Vary", varyByCookie(headers.get("Vary"))); // proven: no-vary
}

/**
 * Headers of an answer of our own, with what `writeSessionHeaders` adds. Without cookies a plain
 * object, which `Response` takes several times faster than `Headers`: anonymous callers are many.
 *
 * @param own Without `Cache-Control` and `Vary`.
 */
export function sessionHeaders(
	own: Readonly<Record<string, string>>,
	cookies: readonly SetCookie[],
): HeadersInit {
	if (cookies.length === 0)
		return { ...own, "Cache-Control": PRIVATE_CACHE_CONTROL, Vary: "Cookie" };
	const headers = new Headers(own);
	writeSessionHeaders(headers, cookies);
	return headers;
}

/**
 * The `Cache-Control` of a private answer: what the app said if that is private too and no cookie
 * is set, else `private, no-store`.
 */
export function privateCacheControl(
	given: string | null | undefined,
	cookies: readonly SetCookie[],
): string {
	return given && cookies.length === 0 && isPrivate(given) ? given : PRIVATE_CACHE_CONTROL; // proven: public-pages
}

/** The `Vary` of an answer that differs by cookie. */
export function varyByCookie(given: string | null | undefined): string {
	if (!given) return "Cookie";
	return /(^|,)\s*(\*|cookie)\s*(,|$)/i.test(given) ? given : `${given}, Cookie`;
}

/** The `Vary` of an answer that differs by one more header of the request. */
export function varyBy(given: string | null | undefined, header: string): string {
	const names = (given ?? "")
		.toLowerCase()
		.split(",")
		.map((name) => name.trim());
	if (names.includes("*") || names.includes(header.toLowerCase())) return given as string;
	return given ? `${given}, ${header}` : header;
}

/**
 * The policy of a private answer: the app's own, and beside it who may frame the answer, unless the
 * app says that itself. Several policies stand side by side, and each of them holds (CSP Level 3
 * section 3.1).
 */
export function policyWithFraming(given: string | null | undefined, framing: string): string {
	if (!given) return framing;
	return /(^|[;,\s])frame-ancestors\s/i.test(given) ? given : `${given}, ${framing}`;
}

function isPrivate(cacheControl: string): boolean {
	return /(^|,)\s*(private|no-store)\s*(,|$)/i.test(cacheControl);
}
