/** Where to sign in, and to come back from there. */
export function loginAddress(
	loginPath: string,
	provider: string | undefined,
	redirectTo: string,
): string {
	const path = provider === undefined ? loginPath : `${loginPath}/${encodeURIComponent(provider)}`;
	return `${path}?redirect_to=${encodeURIComponent(redirectTo)}`;
}

/** Path, query and fragment of an absolute address. */
export function pathOf(href: string): string {
	const { pathname, search, hash } = new URL(href);
	return pathname + search + hash;
}
