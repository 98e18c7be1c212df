import type { PageDecision } from "../wire/state.ts";
import type { Core } from "./core.ts";

/**
 * Asks whether this person may open a path, and brings everything up to date if it turns out that somebody else is signed in by now: who
 * somebody is and what they may see change together.
 */
export async function navigate(core: Core, path: string): Promise<PageDecision> {
	const answer = await core.ask({ states: [], path: path.split("#", 1)[0] as string });
	// The newest that the client got, about no state.
	core.receive(answer.client, answer, answer.epoch, []);
	const isOther = JSON.stringify(answer.session) !== JSON.stringify(core.session);
	if (isOther || answer.client !== core.client) await core.hydrate();
	if (!answer.page) throw new Error("No decision about the page");
	return answer.page;
}
