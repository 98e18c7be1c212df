import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { english } from "./languages/en.ts";
import { closeWindowScript, popupHandoffScript } from "./page-scripts.ts";
import { FORM_REFERRER, postForm } from "./post-form.ts";
import { fill, type Texts } from "./texts.ts";
import type { ViewProvider } from "./types.ts";

export interface PopupAskPageParts {
	readonly nonce: string;
	/** Origins of the pages that are said to be above the window; empty if it is in no frame. */
	readonly ancestors: readonly string[];
	/** Action of the form: a path of the own origin. */
	readonly action: string;
	/** Hidden fields of the form. */
	readonly fields: Readonly<Record<string, string>>;
	/** Default: English. */
	readonly texts?: Texts;
}

/**
 * Asks a person whether a popup is theirs that no window of this app has provably opened, and names
 * who is said to want it.
 */
export function popupAskPage({
	nonce,
	ancestors,
	action,
	fields,
	texts = english,
}: PopupAskPageParts): Html {
	const [top] = ancestors.slice(-1);
	const started =
		top === undefined
			? texts.askForApp
			: fill(texts.askInside, { site: html`<bdi><strong>${top}</strong></bdi>` });
	return document({
		title: texts.askTitle,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		referrer: FORM_REFERRER,
		body: html`<h1>${texts.askTitle}</h1>
<p>${started}</p>
<p>${texts.askAdvice}</p>
${postForm({ nonce, action, fields, label: texts.yesContinue, autoSubmit: false })}`,
	});
}

export interface PopupChoosePageParts {
	readonly nonce: string;
	readonly providers: readonly ViewProvider[];
	/** Hidden fields of each form. */
	readonly fields: Readonly<Record<string, string>>;
	/** Default: English. */
	readonly texts?: Texts;
}

/** A button for each provider, in a popup that was opened without one. */
export function popupChoosePage({
	nonce,
	providers,
	fields,
	texts = english,
}: PopupChoosePageParts): Html {
	const forms = providers.map(({ displayName, loginHref }) => {
		const action = loginHref.split("?", 1)[0] ?? "/";
		return html`<li>${postForm({ nonce, action, fields, label: texts.signInWith.replace("{provider}", () => displayName), autoSubmit: false })}</li>\n`;
	});
	return document({
		title: texts.signIn,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		referrer: FORM_REFERRER,
		body: html`<h1>${texts.signIn}</h1>
<p class="muted">${texts.chooseHowToSignIn}</p>
<ul class="actions" role="list">\n${forms}</ul>`,
	});
}

export interface PopupHandoffPageParts {
	readonly nonce: string;
	readonly challenge: string;
	/** Sealed. */
	readonly handoff: string;
	/** True if the opener can fetch it as well. */
	readonly isLeft: boolean;
	/** Where the app can be opened by itself: a path of the own origin. */
	readonly href: string;
	/** Default: English. */
	readonly texts?: Texts;
}

/**
 * The end of a login popup: tells the window that opened it, by `opener` and by a channel, for
 * windows at the top whose opener a page of the provider has cut off. That window closes this one.
 * Without script, or without a way to that window, it says what to do.
 */
export function popupHandoffPage({
	nonce,
	challenge,
	handoff,
	isLeft,
	href,
	texts = english,
}: PopupHandoffPageParts): Html {
	return document({
		title: texts.youAreSignedIn,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${texts.youAreSignedIn}</h1>
<p role="status" id="text">${texts.closeWindow}</p>
<p id="lost" hidden>${texts.openerIsLost}</p>
<p class="actions"><a class="button second" id="onward" href="${safePath(href)}" hidden>${texts.openAppHere}</a></p>
<script nonce="${nonce}" id="script" data-challenge="${challenge}" data-handoff="${handoff}" data-left="${isLeft ? "yes" : "no"}">${popupHandoffScript}</script>`,
	});
}

export interface WindowDonePageParts {
	readonly nonce: string;
	/** Default: English. */
	readonly texts?: Texts;
}

/** The end of a logout in a window of its own. Closes itself where it may. */
export function windowDonePage({ nonce, texts = english }: WindowDonePageParts): Html {
	return document({
		title: texts.signedOut,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${texts.youAreSignedOutThere}</h1>
<p>${texts.closeWindow}</p>
<script nonce="${nonce}">${closeWindowScript}</script>`,
	});
}
