import { document } from "./document.ts";
import { safeHref, safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { signedOutScript, signOutScript } from "./page-scripts.ts";
import { FORM_REFERRER, postForm } from "./post-form.ts";
import { providerButtons } from "./provider-buttons.ts";
import { fill } from "./texts.ts";
import type { LogoutViewContext } from "./types.ts";

/**
 * The default logout view: a form that asks, submitted by itself where the context allows it, then
 * the confirmation.
 */
export function logoutView(context: LogoutViewContext): Html {
	return context.phase === "confirm" ? confirmPage(context) : donePage(context);
}

function confirmPage(context: LogoutViewContext): Html {
	const { nonce, texts, endpoints, user, formAction, fields, autoSubmit, homeHref } = context;
	const form = html`${postForm({ nonce, action: formAction, fields, label: texts.signOut, autoSubmit: false })}
<script nonce="${nonce}" data-endpoints="${endpoints}" data-presses="${autoSubmit && "yes"}">${signOutScript}</script>`;
	const who =
		user !== undefined && html`${fill(texts.signedInAs, { name: html`<bdi>${user.name}</bdi>` })} `;
	const asking = html`<h1>${texts.signOutQuestion}</h1>
<p>${who}${texts.signOutMeaning}</p>
${form}
<ul class="links" role="list"><li><a href="${safePath(homeHref)}">${texts.staySignedIn}</a></li></ul>`;
	const leaving = html`<div class="moving">
<h1>${texts.signingOut}</h1>
<p>${texts.ifNothingHappensSignOut}</p>
${form}
</div>`;
	return document({
		title: autoSubmit ? texts.signingOut : texts.signOut,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		referrer: FORM_REFERRER,
		body: autoSubmit ? leaving : asking,
	});
}

function donePage({
	nonce,
	texts,
	endpoints,
	providers,
	providerSession,
	endSessionHref,
	homeHref,
}: LogoutViewContext): Html {
	return document({
		title: texts.signedOut,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${texts.youAreSignedOut}</h1>
${providerSession === "ended" && html`<p>${service(texts.endedThere, texts.endedAtService, providers)}</p>`}
${
	providerSession === "maybe_alive" &&
	html`<p>${service(texts.maybeSignedInThere, texts.maybeSignedInAtService, providers)}</p>`
}
${
	endSessionHref !== undefined &&
	html`<p class="actions"><a class="button second" href="${safeHref(endSessionHref)}" target="_blank" rel="noopener">${texts.signOutThereToo}</a></p>`
}
${providers.length > 0 && html`<h2>${texts.signInAgain}</h2>\n${providerButtons(texts, providers)}`}
<ul class="links" role="list"><li><a href="${safePath(homeHref)}">${texts.backToStart}</a></li></ul>
<script nonce="${nonce}" data-endpoints="${endpoints}">${signedOutScript}</script>`,
	});
}

/**
 * The context does not say which provider it was, so a name can be given only where there is no
 * choice.
 */
function service(named: string, unnamed: string, providers: LogoutViewContext["providers"]): Html {
	const [only, ...others] = providers;
	if (only === undefined || others.length > 0) return html`${unnamed}`;
	return fill(named, { provider: html`<bdi>${only.displayName}</bdi>` });
}
