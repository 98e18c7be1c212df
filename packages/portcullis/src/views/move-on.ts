import { document } from "./document.ts";
import { safeHref, safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { movingPage } from "./moving-page.ts";
import { postForm } from "./post-form.ts";

/**
 * Page that leaves for `href`: an `http:` or `https:` URL, such as a provider's end-session endpoint, or a path of the
 * own origin. Anything else leads to `/`. It answers in place of a redirect where a form was posted, because
 * `form-action` also covers the redirects that follow (CSP Level 3 section 6.4.1).
 */
export function onwardPage({ nonce, href, endpoints }: OnwardPageParts): Html {
	return movingPage({
		...(endpoints === undefined ? {} : { endpoints }),
		nonce,
		title: "One moment",
		text: "You are being sent on. If nothing happens, choose Continue.",
		href: safeHref(href),
	});
}

export interface OnwardPageParts {
	readonly nonce: string;
	readonly href: string;
	/** Where a session has just ended: path below which the gate's endpoints are. */
	readonly endpoints?: string;
}

/**
 * Page that requests the very URL it was served at once more, this time from the own site, so that the browser sends
 * its `SameSite=Strict` cookies. With script the fragment survives; without, it is lost.
 *
 * `href` is that URL as the server saw it: a path with its query. Anything else leads to `/`.
 */
export function repeatPage({ nonce, href }: { readonly nonce: string; readonly href: string }): Html {
	return movingPage({
		nonce,
		title: "One moment",
		text: "This page is being opened. If nothing happens, choose Continue.",
		href: safePath(href),
		script: repeatHere,
	});
}

/**
 * Page that sends fields on to a path of the own origin by POST, for `response_mode=form_post`: the provider's POST is
 * cross-site and carries none of our cookies, this one carries them all.
 */
export function continuePostPage({ nonce, action, fields }: ContinuePostParts): Html {
	return document({
		title: "Signing you in",
		nonce,
		lang: "en",
		referrer: "same-origin",
		body: html`<div class="moving">
<h1>Signing you in</h1>
<p>If nothing happens, choose Continue.</p>
${postForm({ nonce, action, fields, label: "Continue", autoSubmit: true })}
</div>`,
	});
}

export interface ContinuePostParts {
	readonly nonce: string;
	/** Where the fields go: a path of the own origin. */
	readonly action: string;
	/** The fields as the provider sent them, untrusted. */
	readonly fields: Readonly<Record<string, string>>;
}

/**
 * With a fragment, moves the entry to another path first: a replace by the same URL would be a jump within the page, and
 * nothing would be requested (HTML Living Standard section 7.4.2.2). An empty fragment jumps too and shows in `href`
 * alone, not in `location.hash`. `location.reload` is no way out: it keeps the cross-site verdict.
 */
const repeatHere = `{
	const here = location.href;
	try {
		if (here.includes("#")) history.replaceState(null, "", location.pathname === "/" ? "/_" : "/");
	} finally {
		location.replace(here);
	}
}`;
