import type { Core } from "./core.ts";
import type { Drafts } from "./drafts.ts";
import type { Platform } from "./platform.ts";

/**
 * Keeps what was typed where a session ends by itself because it cannot be refreshed. The code for
 * it is loaded with such a session alone.
 *
 * @param name Prefix of the storage key.
 * @returns a function. Call it whenever the session may have changed, before any listener hears of
 *   it: a listener may take the fields off the page.
 */
export function watchDrafts(
	core: Core,
	platform: Platform,
	name: string,
	signal: AbortSignal,
): () => void {
	let drafts: Drafts | "loading" | undefined;
	const kept = `${name}.drafts`;
	/** Also true where a draft is stored from before: it is restored, or deleted. */
	const isNeeded = () => {
		try {
			return platform.storage?.getItem(kept) || (core.session?.signedIn && !core.session.refresh);
		} catch {
			// Without storage nothing can be kept.
			return false;
		}
	};
	const load = async () => {
		drafts = "loading";
		// Without it, tried again at the next change.
		const loaded = await import("./drafts.ts").catch(() => undefined);
		drafts = loaded?.createDrafts(core, platform, kept, signal);
	};
	const look = () => {
		if (typeof drafts === "object") drafts.look();
		// Neither on a server nor over plain http, where there are no hashes.
		else if (!drafts && isNeeded() && globalThis.document && crypto.subtle) void load();
	};
	look();
	return look;
}
