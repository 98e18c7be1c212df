import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import type { Texts } from "./texts.ts";
import type { ErrorViewContext } from "./types.ts";

/**
 * The default error view: what happened in a person's words, what the provider said, and the error
 * id. No script.
 */
export function errorView({ nonce, texts, error, retryHref, homeHref }: ErrorViewContext): Html {
	const home = safePath(homeHref);
	const tryAgain =
		retryHref !== undefined &&
		html`<p class="actions"><a class="button" href="${safePath(retryHref)}">${texts.tryAgain}</a></p>`;
	return document({
		title: error.title,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${error.title}</h1>
<p>${error.message}</p>
${said(texts, error.providerText)}
${error.id !== "" && html`<dl class="id"><dt>${texts.errorId}</dt><dd><code>${error.id}</code></dd></dl>`}
${tryAgain}
<ul class="links" role="list"><li><a href="${home}">${texts.backToStart}</a></li></ul>`,
	});
}

/**
 * Attributed and set apart, so that a sentence that an attacker put into a link cannot speak for
 * the app.
 */
function said(texts: Texts, text: string | undefined): Html | undefined {
	if (text === undefined || text.trim() === "") return undefined;
	return html`<div class="said"><p>${texts.serviceSaid}</p><blockquote dir="auto">${text}</blockquote></div>`;
}
