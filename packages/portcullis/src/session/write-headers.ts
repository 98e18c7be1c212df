import { type SetCookie, serializeCookie } from "./cookies.ts";

/** What every answer gets that depends on who asks, or that sets a cookie of ours. */
export const PRIVATE_CACHE_CONTROL = "private, no-store";

/**
 * Writes cookies and cache headers together: there is no other place that appends a `Set-Cookie`, so none can be stored by a
 * shared cache and handed to somebody else. An empty list still marks the answer as depending on its cookies.
 */
export function writeSessionHeaders(headers: Headers, cookies: readonly SetCookie[]): void {
	for (const cookie of cookies) headers.append("Set-Cookie", serializeCookie(cookie));
	if (cookies.length > 0 || !isPrivate(headers.get("Cache-Control")))
		headers.set("Cache-Control", PRIVATE_CACHE_CONTROL);
	addVaryCookie(headers);
}

/**
 * Headers of an answer of our own, with what `writeSessionHeaders` adds. Without cookies a plain object, which `Response` takes several
 * times faster than `Headers`: anonymous callers are many.
 *
 * @param own Without `Cache-Control` and `Vary`.
 */
export function sessionHeaders(own: Readonly<Record<string, string>>, cookies: readonly SetCookie[]): HeadersInit {
	if (cookies.length === 0) return { ...own, "Cache-Control": PRIVATE_CACHE_CONTROL, Vary: "Cookie" };
	const headers = new Headers(own);
	writeSessionHeaders(headers, cookies);
	return headers;
}

/** Says that an answer differs by cookie, without touching how long it may be kept. */
export function addVaryCookie(headers: Headers): void {
	const vary = headers.get("Vary");
	if (vary === null) headers.set("Vary", "Cookie");
	else if (!/(^|,)\s*(\*|cookie)\s*(,|$)/i.test(vary)) headers.set("Vary", `${vary}, Cookie`);
}

function isPrivate(cacheControl: string | null): boolean {
	return cacheControl !== null && /(^|,)\s*(private|no-store)\s*(,|$)/i.test(cacheControl);
}
