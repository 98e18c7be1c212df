import type { Platform } from "./platform.ts";

/**
 * Follows an event's redirect.
 *
 * @param navigate Of the app's router, for paths of the app. Without it the page is left.
 */
export function goTo(platform: Platform, address: string, navigate: ((path: string) => void) | undefined): void {
	const target = targetOf(address, platform.href());
	if (!target) return;
	if ("path" in target && navigate) navigate(target.path);
	else platform.assign("path" in target ? target.path : target.href);
}

/**
 * Where an address leads: `path` within the app, or `href` of another site if it says so in full.
 *
 * @returns `undefined` for anything else: script never comes out of an address.
 */
function targetOf(address: string, here: string): { readonly path: string } | { readonly href: string } | undefined {
	let url: URL;
	try {
		url = new URL(address, here);
	} catch {
		return undefined;
	}
	if (url.origin === new URL(here).origin) return { path: url.pathname + url.search + url.hash };
	return /^https?:\/\//i.test(address) ? { href: url.href } : undefined;
}
