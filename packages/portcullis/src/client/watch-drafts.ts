import type { Core } from "./core.ts";
import type { Drafts } from "./drafts.ts";
import type { Platform } from "./platform.ts";

/**
 * Sees to what is typed where a session ends by itself, because it cannot be renewed. The code for
 * it is loaded with such a session alone.
 *
 * @param name What it is kept by.
 * @returns to be called whenever the session may be another one, before anybody is told: what shows
 *   it may be taken off the page then.
 */
export function watchDrafts(
	core: Core,
	platform: Platform,
	name: string,
	signal: AbortSignal,
): () => void {
	let drafts: Drafts | "loading" | undefined;
	const kept = `${name}.drafts`;
	/** Also where somebody has left something: it is given back, or thrown away. */
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
