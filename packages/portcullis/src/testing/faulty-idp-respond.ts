import { randomBytes } from "node:crypto";
import type { Page } from "./dev-idp-respond.ts";

/** A JSON answer that must not be stored (RFC 6749 section 5.1). */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
	return new Response(JSON.stringify(body), {
		status,
		headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
	});
}

/** An OAuth error (RFC 6749 section 5.2). */
export function oauthError(error: string, description: string, status = 400): Response {
	return json({ error, error_description: description }, status);
}

/**
 * 401, with a challenge if the client used the `Authorization` header, as it must then be (RFC 6749
 * section 5.2).
 */
export function invalidClient(headers: Readonly<Record<string, string>>): Response {
	const challenge: Record<string, string> =
		headers.authorization === undefined ? {} : { "www-authenticate": 'Basic realm="faulty-idp"' };
	return json(
		{ error: "invalid_client", error_description: "Client authentication failed." },
		401,
		challenge,
	);
}

/** An HTML page without scripts. */
export function pageResponse(page: Page, status = 200): Response {
	const nonce = randomBytes(16).toString("base64");
	return new Response(String(page(nonce)), {
		status,
		headers: {
			"content-type": "text/html; charset=utf-8",
			"cache-control": "no-store",
			"content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
		},
	});
}

/** 303, so that a POST is followed by a GET (RFC 9700 section 4.12). */
export function redirect(location: string, status = 303): Response {
	return new Response(null, { status, headers: { location, "cache-control": "no-store" } });
}
