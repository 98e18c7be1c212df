import { trimSpace } from "../base/http-space.ts";

/** Longest cookie header that is looked at. Node answers 431 far below; other hosts may not. */
const MAX_HEADER_LENGTH = 65_536;
/**
 * Every cookie of ours starts with this (RFC 6265bis section 4.1.3.2): host only, `Secure`,
 * `Path=/`.
 */
export const COOKIE_PREFIX = "__Host-";

/** The cookies of a request that may be ours, by exact name. */
export type RequestCookies = ReadonlyMap<string, string>;

/** A cookie to be set. An empty value with `maxAge` 0 deletes it. */
export interface SetCookie {
	readonly name: string;
	readonly value: string;
	/**
	 * `None` is for cookies in another site's frame, and always goes with `Partitioned`: each
	 * embedding site then has its own.
	 */
	readonly sameSite: "Strict" | "Lax" | "None";
	/** Seconds. */
	readonly maxAge: number;
}

/**
 * Reads a `Cookie` header. Names are compared exactly, also in case. A name that comes twice is
 * left out: two values contradict each other, and neither is believed. Space and tab separate, and
 * nothing else does: a sibling subdomain can set any other name for the whole domain, one that
 * begins with a no-break space too.
 */
export function parseCookies(header: string | null | undefined): RequestCookies {
	const requestCookies = new Map<string, string>();
	if (!header || header.length > MAX_HEADER_LENGTH) return requestCookies; // proven: long-cookie-header
	let twice: Set<string> | undefined;
	for (const part of header.split(";")) {
		const pair = trimSpace(part); // proven: cookie-false-space
		if (!pair.startsWith(COOKIE_PREFIX)) continue; // proven: no-host-prefix
		const equals = pair.indexOf("=");
		if (equals < 0) continue;
		const name = pair.slice(0, equals);
		if (requestCookies.has(name)) {
			twice ??= new Set();
			twice.add(name);
		}
		requestCookies.set(name, pair.slice(equals + 1));
	}
	if (twice) for (const name of twice) requestCookies.delete(name); // proven: cookie-twice
	return requestCookies;
}

/**
 * Writes a `Set-Cookie` value. The attributes are the same for setting and deleting: a `__Host-`
 * deletion without them is ignored.
 */
export function serializeCookie({ name, value, sameSite, maxAge }: SetCookie): string {
	const partitioned = sameSite === "None" ? "; Partitioned" : "";
	// proven: no-http-only, no-secure, no-same-site
	return `${name}=${value}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=${sameSite}${partitioned}`;
}

export function deleteCookie(name: string, sameSite: SetCookie["sameSite"]): SetCookie {
	return { name, value: "", sameSite, maxAge: 0 };
}

/**
 * Bytes that a cookie adds to the request header: name, `=`, value and the separator. All of it is
 * ASCII.
 */
export function cookieBytes({ name, value }: Pick<SetCookie, "name" | "value">): number {
	return name.length + 1 + value.length + 2;
}
