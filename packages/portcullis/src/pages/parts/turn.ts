import type { TurnContext } from "../../client/refresh-turn.ts";

/** What a page needs to take its turn with the tabs that refresh the session. */
export function turnContext(endpoint: string): TurnContext {
	return {
		endpoint,
		fetch: (path, init) => fetch(path, init),
		locks: navigator.locks as TurnContext["locks"],
	};
}
