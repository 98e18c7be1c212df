import { type MiddlewareFunction, redirectDocument } from "react-router";
import { client } from "./portcullis.ts";

/**
 * Asks the gate before React Router shows another page, as the gate asks itself when a document is
 * loaded: the login page for a person whose session has ended, `/forbidden` for a person without
 * the role. If there is no answer, there is no page.
 */
export const guardNavigation: MiddlewareFunction = async ({ request }, next) => {
	const { pathname, search } = new URL(request.url);
	const decision = await client().navigate(pathname + search);
	if (decision.outcome !== "allow") throw redirectDocument(decision.href);
	return next();
};
