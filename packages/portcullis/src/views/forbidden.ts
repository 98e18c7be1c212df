import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html } from "./html.ts";
import { providerButtons } from "./provider-buttons.ts";
import type { ForbiddenViewContext } from "./types.ts";

/** The default view for a page that the signed-in person may not see, to be sent with status 403. No script. */
export function forbiddenView({ nonce, user, providers, homeHref, logoutHref }: ForbiddenViewContext): Html {
	const home = safePath(homeHref);
	const signedIn =
		user !== undefined &&
		html`<p>You are signed in as <bdi>${user.name}</bdi>${address(user)}, and this account may not open this page.</p>
<p>If you need it, ask the person who runs this app to give you access, or sign out and use another account.</p>
<p class="actions"><a class="button" href="${home}">Back to the start page</a></p>
<ul class="links" role="list"><li><a href="${safePath(logoutHref)}">Sign out</a></li></ul>`;
	const anonymous = html`<p>You are not signed in. Signing in may open this page.</p>
${providers.length > 0 && providerButtons(providers)}
<ul class="links" role="list"><li><a href="${home}">Back to the start page</a></li></ul>`;
	return document({
		title: "No access",
		nonce,
		lang: "en",
		body: html`<h1>You do not have access to this page</h1>
${signedIn || anonymous}`,
	});
}

function address({ name, email }: NonNullable<ForbiddenViewContext["user"]>): Html | undefined {
	return email === undefined || email === name ? undefined : html` (<bdi>${email}</bdi>)`;
}
