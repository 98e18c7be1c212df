import { document } from "./document.ts";
import { type Html, html } from "./html.ts";
import { moveOnScript } from "./page-scripts.ts";
import type { Texts } from "./texts.ts";

export interface MovingPageParts {
	readonly nonce: string;
	/** For the language and the link. */
	readonly texts: Texts;
	readonly title: string;
	/** One sentence above the link, for when the page does not move by itself. */
	readonly text: string;
	/** Where it leads: the result of `safePath` or `safeHref`, which leave no quote in it. */
	readonly href: string;
	/**
	 * Where who is signed in has just changed: path below which the gate's endpoints are. The other
	 * tabs of the browser are told.
	 */
	readonly endpoints?: string;
	/** Script that moves on. Default: it replaces the page with the link's target. */
	readonly script?: Html;
}

/**
 * A page that leaves by itself, with script and without, and has a link for when both fail.
 *
 * A navigation that the page itself makes is same-site, so `SameSite=Strict` cookies go along;
 * after a redirect from another site they do not. `location.replace`, and a refresh without delay,
 * keep this page's URL out of the history.
 *
 * The refresh stands in `<noscript>`, so that it never competes with the script, which alone keeps
 * a fragment.
 */
export function movingPage({
	nonce,
	texts,
	title,
	text,
	href,
	endpoints,
	script = moveOnScript,
}: MovingPageParts): Html {
	return document({
		title,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		// Its own address may hold a code. No form is sent from here, and what comes next need not know
		// where this was.
		referrer: "no-referrer",
		// Quoted, so that commas, semicolons and spaces mean nothing (HTML Living Standard section
		// 4.2.5.3, "refresh").
		head: html`<noscript><meta http-equiv="refresh" content="0; url='${href}'"></noscript>`,
		body: html`<div class="moving">
<h1>${title}</h1>
<p>${text}</p>
<p class="actions"><a class="button" id="onward" href="${href}">${texts.continue}</a></p>
</div>
<script nonce="${nonce}" data-endpoints="${endpoints}">${script}</script>`,
	});
}
