import { isLoopbackInBrowsers } from "../base/ip.ts";

/**
 * True for an `http:` or `https:` URL that leads to this machine: `localhost`, a name below it (RFC
 * 6761 section 6.3), 127.0.0.0/8 or `::1`, on any port, without credentials and without a fragment
 * (RFC 6749 section 3.1.2).
 *
 * A development identity provider signs any visitor in as any person, so a code must never reach
 * another machine.
 */
export function isLoopbackUri(uri: unknown): uri is string {
	if (typeof uri !== "string" || uri.includes("#")) return false;
	const url = URL.parse(uri);
	if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
		return false;
	return isLoopbackInBrowsers(url.hostname);
}

/**
 * True for the value of a `Host` header that names this machine. With any other name the request
 * came through a host name that another party controls.
 */
export function isLoopbackHost(host: string | undefined): boolean {
	// A host is a host: with `/`, `?`, `#`, `\` or `@` in it the parser would find another one.
	if (host === undefined || /[/?#\\@]/.test(host)) return false;
	const url = URL.parse(`http://${host}`);
	return url !== null && isLoopbackInBrowsers(url.hostname);
}
