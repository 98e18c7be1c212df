import type { TabMessage } from "../../client/messages.ts";
import type { TabChannel } from "../../client/platform.ts";
import { DRAFTS, TABS_CHANNEL } from "../../wire/tabs.ts";

/** A channel between the tabs of the browser, where it has them. */
export function openChannel(name: string): TabChannel | undefined {
	try {
		return new BroadcastChannel(name) as TabChannel;
	} catch {
		return undefined;
	}
}

/** Makes the other tabs ask who is signed in now. No data goes along. */
export function announceToTabs(endpoint: string): void {
	const channel = openChannel(TABS_CHANNEL + endpoint);
	channel?.postMessage({ type: "hydrate" } satisfies TabMessage);
	channel?.close();
}

/** What was typed into this tab before its session ended is gone with a sign-out. */
export function forgetDrafts(endpoint: string): void {
	try {
		sessionStorage.removeItem(TABS_CHANNEL + endpoint + DRAFTS);
	} catch {
		// Without storage there are none.
	}
}
