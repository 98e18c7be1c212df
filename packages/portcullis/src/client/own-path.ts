/**
 * The path, with query and fragment, that an address leads to within the app. Every navigation of
 * the client goes through this where it happens, even if the server has checked the address before.
 *
 * @param here The address of the page.
 * @returns `undefined` for another origin and for every other scheme: `javascript:`, `data:`, and
 *   `blob:`, which has the app's origin. Also for `/.//host`: its path `//host` leads to another
 *   host once it stands by itself.
 */
export function ownPath(address: string, here: string): string | undefined {
	try {
		const { origin, protocol, pathname, search, hash } = new URL(address, here);
		const own = new URL(here);
		// proven: own-path-scheme, own-path-host, own-path-slashes
		const isOwn = origin === own.origin && protocol === own.protocol && !pathname.startsWith("//");
		return isOwn ? pathname + search + hash : undefined;
	} catch {
		return undefined;
	}
}
