import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { fill, type Texts } from "./texts.ts";
import type { ViewProvider } from "./types.ts";

/**
 * One large link per provider, in the given order. `second` makes them plainer, for a page whose
 * main action is another.
 */
export function providerButtons(
	texts: Texts,
	providers: readonly ViewProvider[],
	emphasis: "first" | "second" = "first",
): Html {
	const kind = emphasis === "first" ? "button" : "button second";
	const items = providers.map(({ displayName, loginHref, opens }) => {
		const label = html`<span>${fill(texts.signInWith, { provider: html`<bdi>${displayName}</bdi>` })}</span>`;
		const href = safePath(loginHref);
		return opens === undefined
			? html`<li><a class="${kind}" href="${href}">${label}</a></li>\n`
			: html`<li><a class="${kind}" href="${href}" target="_blank" rel="noopener" data-opens="${opens}">${label}</a></li>\n`;
	});
	return html`<ul class="actions" role="list">\n${items}</ul>`;
}
