import { document } from "./document.ts";
import { safeHref, safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { english } from "./languages/en.ts";
import { movingPage } from "./moving-page.ts";
import { repeatScript } from "./page-scripts.ts";
import { FORM_REFERRER, postForm } from "./post-form.ts";
import type { Texts } from "./texts.ts";

/**
 * Page that leaves for `href`: an `http:` or `https:` URL, such as a provider's end-session
 * endpoint, or a path of the own origin. Anything else leads to `/`. It answers in place of a
 * redirect where a form was posted, because `form-action` also covers the redirects that follow
 * (CSP Level 3 section 6.4.1).
 */
export function onwardPage({ nonce, href, endpoints, texts = english }: OnwardPageParts): Html {
	return movingPage({
		...(endpoints === undefined ? {} : { endpoints }),
		nonce,
		texts,
		title: texts.oneMoment,
		text: texts.sentOn,
		href: safeHref(href),
	});
}

export interface OnwardPageParts {
	readonly nonce: string;
	readonly href: string;
	/** Default: English. */
	readonly texts?: Texts;
	/** Where a session has just ended: path below which the gate's endpoints are. */
	readonly endpoints?: string;
}

/**
 * Page that requests the very URL it was served at once more, this time from the own site, so that
 * the browser sends its `SameSite=Strict` cookies. With script the fragment survives; without, it
 * is lost.
 *
 * `href` is that URL as the server saw it: a path with its query. Anything else leads to `/`.
 */
export function repeatPage({ nonce, href, texts = english }: RepeatPageParts): Html {
	return movingPage({
		nonce,
		texts,
		title: texts.oneMoment,
		text: texts.pageIsOpening,
		href: safePath(href),
		script: repeatScript,
	});
}

export interface RepeatPageParts {
	readonly nonce: string;
	readonly href: string;
	/** Default: English. */
	readonly texts?: Texts;
}

/**
 * Page that sends fields on to a path of the own origin by POST, for `response_mode=form_post`: the
 * provider's POST is cross-site and carries none of our cookies, this one carries them all.
 */
export function continuePostPage({
	nonce,
	action,
	fields,
	texts = english,
}: ContinuePostParts): Html {
	return document({
		title: texts.signingIn,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		referrer: FORM_REFERRER,
		body: html`<div class="moving">
<h1>${texts.signingIn}</h1>
<p>${texts.ifNothingHappensContinue}</p>
${postForm({ nonce, action, fields, label: texts.continue, autoSubmit: true })}
</div>`,
	});
}

export interface ContinuePostParts {
	readonly nonce: string;
	/** Where the fields go: a path of the own origin. */
	readonly action: string;
	/** The fields as the provider sent them, untrusted. */
	readonly fields: Readonly<Record<string, string>>;
	/** Default: English. */
	readonly texts?: Texts;
}
