import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import type { ViewProvider } from "./types.ts";

/** One large link per provider, in the given order. `second` makes them plainer, for a page whose main action is another. */
export function providerButtons(providers: readonly ViewProvider[], emphasis: "first" | "second" = "first"): Html {
	const kind = emphasis === "first" ? "button" : "button second";
	const items = providers.map(
		({ displayName, loginHref }) =>
			html`<li><a class="${kind}" href="${safePath(loginHref)}"><span>Login with <bdi>${displayName}</bdi></span></a></li>\n`,
	);
	return html`<ul class="actions" role="list">\n${items}</ul>`;
}
