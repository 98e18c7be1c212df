import { ownPath } from "./own-path.ts";
import type { Platform } from "./platform.ts";

/**
 * Follows an event's redirect: to a path of the app, or to another site if the address says so in
 * full. Any other address is not followed: a redirect never runs script.
 *
 * @param navigate Of the app's router, for paths of the app. Without it the page is left.
 */
export function goTo(
	platform: Platform,
	address: string,
	navigate: ((path: string) => void) | undefined,
): void {
	const path = ownPath(address, platform.href());
	if (path !== undefined) (navigate ?? platform.assign)(path);
	else if (/^https?:\/\//i.test(address)) platform.assign(address);
}
