import type { StateDelta } from "../wire/state.ts";

/** A tab on the browser's stream. */
export interface Member {
	/** Its own, new for each page. */
	readonly tab: string;
	readonly client: string;
	readonly rev: number;
	readonly states: readonly string[];
}

/** What tabs say to each other. */
export type TabMessage =
	/** I am here, and use these states. Also said anew when any of it has changed. */
	| ({ readonly type: "join" } & Member)
	| { readonly type: "leave"; readonly tab: string }
	/** The tab that now has the stream asks which tabs are there. */
	| { readonly type: "ask" }
	/** Came on the stream for a tab. */
	| ({ readonly type: "delta"; readonly delta: StateDelta; readonly epoch: number } & Omit<
			Member,
			"rev"
	  >)
	/** The server no longer knows a tab's client. */
	| { readonly type: "stale"; readonly tab: string; readonly client: string }
	/** Fetch everything again; with `person`, only tabs that know another person. */
	| { readonly type: "hydrate"; readonly person?: string };

/** Whether this is such a message. Other versions of the app may be open in other tabs. */
export function isTabMessage(data: unknown): data is TabMessage {
	if (typeof data !== "object" || data === null) return false;
	const { type, tab, client, rev, states, delta, epoch, person } = data as Record<string, unknown>;
	const isTab = typeof tab === "string" && typeof client === "string";
	const hasStates = Array.isArray(states) && states.every((state) => typeof state === "string");
	switch (type) {
		case "join":
			return isTab && hasStates && typeof rev === "number";
		case "leave":
			return typeof tab === "string";
		case "ask":
			return true;
		case "delta":
			return isTab && hasStates && typeof epoch === "number" && isDelta(delta);
		case "stale":
			return isTab;
		case "hydrate":
			return person === undefined || typeof person === "string";
	}
	return false;
}

function isDelta(delta: unknown): boolean {
	if (typeof delta !== "object" || delta === null) return false;
	const { rev, values, withheld } = delta as Record<string, unknown>;
	return (
		typeof rev === "number" &&
		typeof values === "object" &&
		values !== null &&
		(withheld === undefined || Array.isArray(withheld))
	);
}
