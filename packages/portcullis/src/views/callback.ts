import { safePath } from "./href.ts";
import type { Html } from "./html.ts";
import { movingPage } from "./moving-page.ts";
import type { CallbackViewContext } from "./types.ts";

/**
 * The default callback view: tells the other tabs, and moves on to the destination by itself. To be
 * sent with status 200: behind a redirect, browsers withhold the `SameSite=Strict` cookies that
 * were just set.
 */
export function callbackView({ nonce, texts, destination, endpoints }: CallbackViewContext): Html {
	return movingPage({
		nonce,
		texts,
		title: texts.signingIn,
		text: texts.signedInIfNothingHappens,
		href: safePath(destination),
		endpoints,
	});
}
