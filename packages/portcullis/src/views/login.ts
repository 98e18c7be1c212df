import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { popupScript } from "./popup-script.ts";
import { providerButtons } from "./provider-buttons.ts";
import { fill, type Texts } from "./texts.ts";
import type { LoginViewContext } from "./types.ts";

/**
 * The default login view: a button per provider, a notice if the last attempt expired, and no
 * script unless a login runs in a popup.
 */
export function loginView(context: LoginViewContext): Html {
	const { nonce, texts, providers, redirectTo, user, notice, noticeId, popup } = context;
	const signedIn =
		user !== undefined &&
		html`<p>${fill(texts.signedInAs, { name: html`<bdi>${user.name}</bdi>` })}</p>
<p class="actions"><a class="button" href="${safePath(redirectTo)}">${texts.continue}</a></p>
<h2>${texts.signInAgainOrAsAnother}</h2>`;
	return document({
		title: texts.signIn,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${texts.signIn}</h1>
${notice === "attempt_expired" && html`<p class="notice">${texts.attemptExpired}</p>`}
${notice === "origin_unknown" && html`<p class="notice" role="alert">${texts.originUnknown}</p>`}
${signedIn || html`<p class="muted">${invitation(texts, providers.length)}</p>`}
${providers.length > 0 && providerButtons(texts, providers, user === undefined ? "first" : "second")}
${noticeId !== undefined && html`<dl class="id"><dt>${texts.errorId}</dt><dd><code>${noticeId}</code></dd></dl>`}
${popup && popupScript({ nonce, popup, texts })}`,
	});
}

function invitation(texts: Texts, providers: number): string {
	if (providers === 0) return texts.noProviders;
	return providers === 1 ? texts.signInToContinue : texts.chooseHowToSignIn;
}
