/**
 * Defines `ownPath` for scripts of the gate's pages: the path, with query and fragment, that an
 * address leads to within the app, or `/`. The same as `client/own-path.ts` for the pages of the
 * app, and held to the same cases by a test.
 */
export const ownPath: string = `const ownPath = (address) => {
	try {
		const { origin, protocol, pathname, search, hash } = new URL(address, location.href);
		const isOwn = origin === location.origin && protocol === location.protocol && !pathname.startsWith("//");
		if (isOwn) return pathname + search + hash;
	} catch {}
	return "/";
};`;
