import type { Context } from "hono";
import { writeAdmittedHeaders } from "../../app/admitted-headers.ts";
import type { AllowResult } from "../../guard/gate-request.ts";

/** Answers with something else than what has been answered already. */
export function replaceResponse(c: Context, response: Response): void {
	// First undefined, or the headers of what is being withheld would be copied over.
	c.res = undefined;
	c.res = response;
}

/** Gives the answer of the app what it must leave with. */
export function finishHeaders(c: Context, result: AllowResult): undefined {
	if (!result.isPrivate) return;
	try {
		writeAdmittedHeaders(c.res.headers, result);
	} catch {
		// Headers of a fetched response or of Response.redirect are immutable.
		c.res = new Response(c.res.body, c.res);
		writeAdmittedHeaders(c.res.headers, result);
	}
}
