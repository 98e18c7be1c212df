import type { PageContext } from "./page-context.ts";

/**
 * The headers of a document. Scripts, styles and data come from here, pictures from the identity
 * provider as well.
 *
 * @param nonce Of the inline scripts: unguessable, new for every document.
 */
export function documentHeaders(
	nonce: string,
	{ picture, isDevelopment }: Omit<PageContext, "snapshot">,
): Headers {
	const directives: Record<string, string> = {
		"default-src": "'none'",
		"script-src": `'self' 'nonce-${nonce}'`,
		// Vite writes style elements in development, and its worker waits for the server to come back.
		"style-src": isDevelopment ? "'self' 'unsafe-inline'" : "'self'",
		...(isDevelopment ? { "worker-src": "blob:" } : {}),
		"img-src": ["'self'", ...originOf(picture)].join(" "),
		"connect-src": "'self'",
		"form-action": "'self'",
		"base-uri": "'none'",
		"frame-ancestors": "'none'",
	};
	return new Headers({
		"Content-Type": "text/html; charset=utf-8",
		// The gate tightens this wherever the answer depends on who asks.
		"Cache-Control": "no-cache",
		"Content-Security-Policy": Object.entries(directives)
			.map(([name, sources]) => `${name} ${sources}`)
			.join("; "),
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy": "same-origin",
		"X-Content-Type-Options": "nosniff",
	});
}

function originOf(picture: string | undefined): string[] {
	const url = picture ? URL.parse(picture) : null;
	return url && /^https?:$/.test(url.protocol) ? [url.origin] : [];
}
