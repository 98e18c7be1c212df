import { classifyHost } from "../base/ip.ts";

/** Why a URL may not be called or redirected to. */
export type UrlProblem = "insecure_url" | "private_address";

/**
 * Says what is wrong with a URL that the provider named, or `undefined` if nothing is.
 *
 * - Plain `http:` only between loopback hosts, where the issuer itself was configured so: a
 *   document fetched over TLS must not lead to an unencrypted endpoint (RFC 9700 section 2.6).
 * - Private addresses only if the issuer has one, too. Link-local and unspecified addresses (cloud
 *   metadata services) only if they are the issuer's own host.
 *
 * A DNS name that resolves to a private address passes: there is no resolver on every runtime.
 * Restrict egress where that matters.
 */
export function findUrlProblem(url: URL, issuer: URL): UrlProblem | undefined {
	// proven: url-password
	if (!usesAllowedScheme(url, issuer) || url.username !== "" || url.password !== "")
		return "insecure_url";
	const kind = classifyHost(url.hostname);
	if (kind === "public" || url.hostname === issuer.hostname) return undefined;
	if (kind === "local") return "private_address"; // proven: metadata-service
	return classifyHost(issuer.hostname) === "public" ? "private_address" : undefined; // proven: private-address
}

/** True for `http:` on a loopback host, the one place where an issuer may go without TLS. */
export function isLoopbackHttp(url: URL): boolean {
	return url.protocol === "http:" && classifyHost(url.hostname) === "loopback";
}

function usesAllowedScheme(url: URL, issuer: URL): boolean {
	return url.protocol === "https:" || (isLoopbackHttp(url) && isLoopbackHttp(issuer)); // proven: plain-http
}
