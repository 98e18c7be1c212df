import type { IssuedTokens } from "./tokens.ts";

/** Bytes of the auth cookies. All of it is ASCII. */
export interface CookieBytes {
	/** Access, ID and refresh token as the provider sent them. */
	readonly raw: number;
	readonly tokens: { readonly access: number; readonly id: number; readonly refresh: number };
	/** Values of the auth cookies: the three tokens sealed, with scopes, times and session id. */
	readonly sealed: number;
	/** The same with names, `=` and separators, marker included: what the request header carries. */
	readonly header: number;
	readonly ratio: number;
	readonly headerRatio: number;
}

export function countCookieBytes(header: string, tokens: IssuedTokens): CookieBytes {
	const sizes = {
		access: tokens.access.length,
		id: tokens.id.length,
		refresh: tokens.refresh.length,
	};
	const raw = sizes.access + sizes.id + sizes.refresh;
	const sealed = header
		.split("; ")
		.filter((cookie) => /-(at|id|rt|sc)(\.\d)?=/.test(cookie))
		.reduce((sum, cookie) => sum + cookie.length - cookie.indexOf("=") - 1, 0);
	return {
		raw,
		tokens: sizes,
		sealed,
		header: header.length,
		ratio: sealed / raw,
		headerRatio: header.length / raw,
	};
}
