/** Where to sign in, and to come back from there. */
export function loginAddress(loginPath: string, provider: string | undefined, redirectTo: string): string {
	const path = provider === undefined ? loginPath : `${loginPath}/${encodeURIComponent(provider)}`;
	return `${path}?redirect_to=${encodeURIComponent(redirectTo)}`;
}

/** Path, query and fragment of an absolute address. */
export function pathOf(href: string): string {
	const { pathname, search, hash } = new URL(href);
	return pathname + search + hash;
}

/**
 * Where an address leads: `path` within the app, or `href` of another site if it says so in full.
 *
 * @returns `undefined` for anything else: script never comes out of an address.
 */
export function targetOf(
	address: string,
	here: string,
): { readonly path: string } | { readonly href: string } | undefined {
	let url: URL;
	try {
		url = new URL(address, here);
	} catch {
		return undefined;
	}
	if (url.origin === new URL(here).origin) return { path: pathOf(url.href) };
	return /^https?:\/\//i.test(address) ? { href: url.href } : undefined;
}
