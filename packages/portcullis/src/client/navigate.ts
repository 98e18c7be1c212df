import type { PageDecision } from "../wire/state.ts";
import type { Core } from "./core.ts";
import { ownPath } from "./own-path.ts";

/**
 * Asks whether this person may open a path, and fetches everything again if another person is
 * signed in by now: the person and what they may see change together.
 *
 * @param here The address of the page.
 * @throws {Error} if there is no decision, or one that leads away from the app.
 */
export async function navigate(core: Core, path: string, here: string): Promise<PageDecision> {
	const answer = await core.ask({ states: [], path: path.split("#", 1)[0] as string });
	// The newest that the client got, about no state.
	core.receive(answer.client, answer, answer.epoch, []);
	const isOther = JSON.stringify(answer.session) !== JSON.stringify(core.session);
	if (isOther || answer.client !== core.client) await core.hydrate();
	const { page } = answer;
	if (page?.outcome === "allow") return page;
	// Whether the app's router or a page load follows it, it leads to a page of the app.
	const href = page && ownPath(page.href, here); // proven: decision-anywhere
	if (!page || href === undefined) throw new Error("No decision about the page");
	return { ...page, href };
}
