import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { english } from "./languages/en.ts";
import { refreshScript } from "./page-scripts.ts";
import type { Texts } from "./texts.ts";

export interface RefreshPageParts {
	readonly nonce: string;
	/** The page that was asked for: a path with its query. */
	readonly href: string;
	/** Path below which the gate's endpoints are. */
	readonly endpoints: string;
	/** Where to go if the session has ended, or there is no script. */
	readonly loginHref: string;
	/** Default: English. */
	readonly texts?: Texts;
}

/**
 * Page that renews the session, one tab of the browser at a time, and then asks for the page once
 * more. Without script it leads to the login page: a refresh is nothing that a plain navigation may
 * do.
 */
export function refreshPage({
	nonce,
	href,
	endpoints,
	loginHref,
	texts = english,
}: RefreshPageParts): Html {
	const login = safePath(loginHref);
	return document({
		title: texts.oneMoment,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		head: html`<noscript><meta http-equiv="refresh" content="0; url='${login}'"></noscript>`,
		body: html`<div class="moving">
<h1>${texts.oneMoment}</h1>
<p id="text" role="status" data-failed="${texts.renewingFailed}">${texts.renewing}</p>
<dl class="id" id="error" hidden><dt>${texts.errorId}</dt><dd><code></code></dd></dl>
<p class="actions"><a class="button" id="onward" href="${safePath(href)}" hidden>${texts.tryAgain}</a> <a class="button second" id="login" href="${login}">${texts.signInAgain}</a></p>
</div>
<script nonce="${nonce}" data-endpoints="${endpoints}">${refreshScript}</script>`,
	});
}
