import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import type { ErrorViewContext } from "./types.ts";

/** The default error view: what happened in a person's words, what the provider said, and the error id. No script. */
export function errorView({ nonce, error, retryHref, homeHref }: ErrorViewContext): Html {
	const home = safePath(homeHref);
	const tryAgain =
		retryHref !== undefined &&
		html`<p class="actions"><a class="button" href="${safePath(retryHref)}">Try again</a></p>`;
	return document({
		title: error.title,
		nonce,
		lang: "en",
		body: html`<h1>${error.title}</h1>
<p>${error.message}</p>
${said(error.providerText)}
<dl class="id"><dt>Error id, if you ask for help</dt><dd><code>${error.id}</code></dd></dl>
${tryAgain}
<ul class="links" role="list"><li><a href="${home}">Back to the start page</a></li></ul>`,
	});
}

/** Attributed and set apart, so that a sentence somebody put into a link cannot speak for the app. */
function said(text: string | undefined): Html | undefined {
	if (text === undefined || text.trim() === "") return undefined;
	return html`<div class="said"><p>The sign-in service said:</p><blockquote dir="auto">${text}</blockquote></div>`;
}
