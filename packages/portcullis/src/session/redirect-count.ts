import {
	COOKIE_PREFIX,
	cookieBytes,
	deleteCookie,
	type RequestCookies,
	type SetCookie,
} from "./cookies.ts";

/**
 * Remembers, for a minute, the pages that we sent the browser to by ourselves. No secret, no
 * identity: it only breaks loops.
 */
export const REDIRECT_COUNT_COOKIE: string = `${COOKIE_PREFIX}portcullis-hops`;
/** Hops of our own to one page before it is explained instead. */
export const MAX_HOPS = 3;
/**
 * The same for arrivals from another site. Those are no hops of ours: a link opened in several tabs
 * counts for each of them.
 */
export const MAX_FOREIGN_ARRIVALS = 9;
const LIFETIME_SECONDS = 60;
const MAX_ENTRIES = 12;
const ENTRY = /^([A-Za-z0-9]{1,7})-([1-9])$/; // proven: no-hop-limit
/**
 * Most that the cookie adds to a request's header: twelve entries of nine characters, dots between
 * them.
 */
export const MAX_REDIRECT_COUNT_BYTES: number = cookieBytes({
	name: REDIRECT_COUNT_COOKIE,
	value: "x".repeat(MAX_ENTRIES * 10 - 1),
});

/** How often the browser was just sent to this page by us. */
export function countRedirects(requestCookies: RequestCookies, url: string): number {
	return read(requestCookies).get(hash(url)) ?? 0;
}

/** Counts one more hop to this page. */
export function addRedirect(
	requestCookies: RequestCookies,
	url: string,
	sameSite: SetCookie["sameSite"] = "Lax",
): SetCookie {
	const redirects = read(requestCookies);
	const key = hash(url);
	const count = Math.min((redirects.get(key) ?? 0) + 1, MAX_FOREIGN_ARRIVALS);
	redirects.delete(key);
	redirects.set(key, count);
	const entries = [...redirects].slice(-MAX_ENTRIES).map(([name, times]) => `${name}-${times}`);
	return {
		name: REDIRECT_COUNT_COOKIE,
		value: entries.join("."),
		sameSite,
		maxAge: LIFETIME_SECONDS,
	};
}

/** Forgets this page's hops: it was reached. `undefined` if there is nothing to forget. */
export function clearRedirects(requestCookies: RequestCookies, url: string): SetCookie | undefined {
	const redirects = read(requestCookies);
	if (!redirects.delete(hash(url))) return undefined;
	if (redirects.size === 0) return deleteCookie(REDIRECT_COUNT_COOKIE, "Lax");
	const entries = [...redirects].map(([name, times]) => `${name}-${times}`);
	return {
		name: REDIRECT_COUNT_COOKIE,
		value: entries.join("."),
		sameSite: "Lax",
		maxAge: LIFETIME_SECONDS,
	};
}

function read(requestCookies: RequestCookies): Map<string, number> {
	const redirects = new Map<string, number>();
	// proven: many-hops
	for (const entry of (requestCookies.get(REDIRECT_COUNT_COOKIE) ?? "")
		.split(".")
		.slice(0, MAX_ENTRIES)) {
		const [, key, times] = ENTRY.exec(entry) ?? [];
		if (key && times) redirects.set(key, Number(times));
	}
	return redirects;
}

/** FNV-1a: a collision only makes two pages share a counter. */
function hash(text: string): string {
	let value = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
	return (value >>> 0).toString(36);
}
