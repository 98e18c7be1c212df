import { POPUP_MESSAGE } from "../wire/popup.ts";
import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { postForm } from "./post-form.ts";
import type { ViewProvider } from "./types.ts";

export interface PopupAskPageParts {
	readonly nonce: string;
	/** Origins of the pages that are said to be above the window; empty if it is in no frame. */
	readonly ancestors: readonly string[];
	/** Action of the form: a path of the own origin. */
	readonly action: string;
	/** Hidden fields of the form. */
	readonly fields: Readonly<Record<string, string>>;
}

/** Asks a person whether a popup that nobody of ours has provably opened is theirs, and names who is said to want it. */
export function popupAskPage({ nonce, ancestors, action, fields }: PopupAskPageParts): Html {
	const [top] = ancestors.slice(-1);
	const where =
		top === undefined ? html`for a page of this app` : html`for this app inside <bdi><strong>${top}</strong></bdi>`;
	return document({
		title: "Did you ask for this?",
		nonce,
		lang: "en",
		referrer: "same-origin",
		body: html`<h1>Did you ask for this?</h1>
<p>A sign-in was started ${where}, and this browser could not tell by whom.</p>
<p>Continue only if you have just chosen to sign in there yourself. If a link or a message brought you here, close this window.</p>
${postForm({ nonce, action, fields, label: "Yes, continue", autoSubmit: false })}`,
	});
}

export interface PopupChoosePageParts {
	readonly nonce: string;
	readonly providers: readonly ViewProvider[];
	/** Hidden fields of each form. */
	readonly fields: Readonly<Record<string, string>>;
}

/** A button for each provider, in a popup that was opened without one. */
export function popupChoosePage({ nonce, providers, fields }: PopupChoosePageParts): Html {
	const forms = providers.map(({ displayName, loginHref }) => {
		const action = loginHref.split("?", 1)[0] ?? "/";
		return html`<li>${postForm({ nonce, action, fields, label: `Login with ${displayName}`, autoSubmit: false })}</li>\n`;
	});
	return document({
		title: "Sign in",
		nonce,
		lang: "en",
		referrer: "same-origin",
		body: html`<h1>Sign in</h1>
<p class="muted">Choose how to sign in to continue.</p>
<ul class="actions" role="list">\n${forms}</ul>`,
	});
}

export interface HandoffPageParts {
	readonly nonce: string;
	readonly challenge: string;
	/** Sealed. */
	readonly handoff: string;
	/** True if the opener can fetch it as well. */
	readonly isLeft: boolean;
	/** Where the app can be opened by itself: a path of the own origin. */
	readonly href: string;
}

/**
 * The end of a login popup: tells the window that opened it, by `opener` and by a channel, for windows at the top whose opener a page of the
 * provider has cut off. That window closes this one. Without script, or without a way to that window, it says what to do.
 */
export function handoffPage({ nonce, challenge, handoff, isLeft, href }: HandoffPageParts): Html {
	return document({
		title: "You are signed in",
		nonce,
		lang: "en",
		body: html`<h1>You are signed in</h1>
<p role="status" id="text">You can close this window and go on where you came from.</p>
<p id="lost" hidden>This window cannot reach the page that opened it. If that page does not go on, open the app by itself:</p>
<p class="actions"><a class="button second" id="onward" href="${safePath(href)}" hidden>Open the app here</a></p>
<script nonce="${nonce}" id="script" data-challenge="${challenge}" data-handoff="${handoff}" data-left="${isLeft ? "yes" : "no"}">${trustedHtml(tellOpener)}</script>`,
	});
}

/** To our own origin alone, by name. After a while without being closed, it offers what always works. */
const tellOpener = `{
	const { challenge, handoff, left } = document.getElementById("script").dataset;
	const message = { type: "${POPUP_MESSAGE}", challenge, handoff };
	const opener = window.opener;
	try {
		if (opener) opener.postMessage(message, location.origin);
	} catch {}
	try {
		new BroadcastChannel("${POPUP_MESSAGE}").postMessage(message);
	} catch {}
	const offer = () => {
		document.getElementById("lost").hidden = false;
		document.getElementById("onward").hidden = false;
	};
	if (opener || left === "yes") setTimeout(offer, 8000);
	else offer();
}`;

/** The end of a logout in a window of its own. Closes itself where it may. */
export function windowDonePage({ nonce }: { readonly nonce: string }): Html {
	return document({
		title: "Signed out",
		nonce,
		lang: "en",
		body: html`<h1>You are signed out there</h1>
<p>You can close this window and go on where you came from.</p>
<script nonce="${nonce}">window.close();</script>`,
	});
}
