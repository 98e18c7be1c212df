import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { popupScript } from "./popup-script.ts";
import { providerButtons } from "./provider-buttons.ts";
import type { LoginViewContext } from "./types.ts";

/** The default login view: a button per provider, a notice if the last attempt expired, and no script unless a login runs in a popup. */
export function loginView({ nonce, providers, redirectTo, user, notice, popup }: LoginViewContext): Html {
	const signedIn =
		user !== undefined &&
		html`<p>You are signed in as <bdi>${user.name}</bdi>.</p>
<p class="actions"><a class="button" href="${safePath(redirectTo)}">Continue</a></p>
<h2>Sign in again or as somebody else</h2>`;
	return document({
		title: "Sign in",
		nonce,
		lang: "en",
		// The form that a popup is started with has to say where it comes from.
		referrer: popup ? "same-origin" : undefined,
		body: html`<h1>Sign in</h1>
${notice === "attempt_expired" && html`<p class="notice">Your last sign-in attempt had expired. Please try again.</p>`}
${signedIn || html`<p class="muted">${invitation(providers.length)}</p>`}
${providers.length > 0 && providerButtons(providers, user === undefined ? "first" : "second")}
${popup && popupScript({ nonce, popup })}`,
	});
}

function invitation(providers: number): string {
	if (providers === 0) return "No sign-in service is set up. Please ask the person who runs this app.";
	return providers === 1 ? "Sign in to continue." : "Choose how to sign in to continue.";
}
