import { LIVE_FOR } from "../wire/renewal.ts";
import { document } from "./document.ts";
import { safeHref, safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { FORM_REFERRER, postForm } from "./post-form.ts";
import { providerButtons } from "./provider-buttons.ts";
import { announceToTabs, forgetDrafts, takeTurns } from "./tab-scripts.ts";
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
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(autoSubmit ? pressInTurn : submitInTurn)}</script>`;
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
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(`{\n${announceToTabs}\n${forgetDrafts}\nforgetDrafts();\nannounce();\n}`)}</script>`,
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

/**
 * Sends the form while no tab renews the session. The cookies of a renewal that is answered after
 * the logout would bring the session back, and the process that answers it need not know of the
 * logout. Whatever waits for its turn is not waited for longer than a renewal can take.
 */
const submitInTurn = `{
${takeTurns}
${forgetDrafts}
	const form = document.querySelector("form");
	const button = form.querySelector("button");
	let step = "idle";
	const send = () => {
		if (step !== "waiting") return;
		step = "sending";
		button.click();
	};
	form.addEventListener("submit", (event) => {
		forgetDrafts();
		if (step === "sending") {
			// What the form carries goes once, also if a person presses the button as well.
			step = "sent";
			return;
		}
		event.preventDefault();
		if (step !== "idle") return;
		step = "waiting";
		const held = async () => {
			await quiet().catch(() => {});
			send();
			// The lock goes with the page. If the page stays, the person may try again.
			await pause(${LIVE_FOR});
			step = "idle";
		};
		inTurn(held).catch(send);
		pause(${LIVE_FOR}).then(send);
	});
	addEventListener("pageshow", (event) => {
		if (event.persisted) step = "idle";
	});
}`;

/**
 * The same, and presses the button; but for whoever comes by Back it is only there: somebody else
 * may have signed in since.
 */
const pressInTurn = `${submitInTurn}
if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") document.querySelector("form button").click();`;
