import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { providerButtons } from "./provider-buttons.ts";
import { fill } from "./texts.ts";
import type { ForbiddenViewContext } from "./types.ts";

/**
 * The default view for a page that the signed-in person may not see, to be sent with status 403. No
 * script.
 */
export function forbiddenView({
	nonce,
	texts,
	user,
	providers,
	homeHref,
	logoutHref,
}: ForbiddenViewContext): Html {
	const home = safePath(homeHref);
	const signedIn =
		user !== undefined &&
		html`<p>${fill(texts.noAccessFor, { name: html`<bdi>${user.name}</bdi>${address(user)}` })}</p>
<p>${texts.noAccessAdvice}</p>
<p class="actions"><a class="button" href="${home}">${texts.backToStart}</a></p>
<ul class="links" role="list"><li><a href="${safePath(logoutHref)}">${texts.signOut}</a></li></ul>`;
	const anonymous = html`<p>${texts.noAccessSignIn}</p>
${providers.length > 0 && providerButtons(texts, providers)}
<ul class="links" role="list"><li><a href="${home}">${texts.backToStart}</a></li></ul>`;
	return document({
		title: texts.noAccess,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		body: html`<h1>${texts.noAccessToPage}</h1>
${signedIn || anonymous}`,
	});
}

function address({ name, email }: NonNullable<ForbiddenViewContext["user"]>): Html | undefined {
	return email === undefined || email === name ? undefined : html` (<bdi>${email}</bdi>)`;
}
