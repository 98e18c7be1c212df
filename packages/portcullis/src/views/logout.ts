import { LIVE_FOR } from "../wire/renewal.ts";
import { document } from "./document.ts";
import { safeHref, safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { postForm } from "./post-form.ts";
import { providerButtons } from "./provider-buttons.ts";
import { announceToTabs, takeTurns } from "./tab-scripts.ts";
import type { LogoutViewContext } from "./types.ts";

/** The default logout view: a form that asks, submitted by itself where the context allows it, then the confirmation. */
export function logoutView(context: LogoutViewContext): Html {
	return context.phase === "confirm" ? confirmPage(context) : donePage(context);
}

function confirmPage(context: LogoutViewContext): Html {
	const { nonce, endpoints, user, formAction, fields, autoSubmit, homeHref } = context;
	const form = html`${postForm({ nonce, action: formAction, fields, label: "Sign out", autoSubmit: false })}
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(autoSubmit ? pressInTurn : submitInTurn)}</script>`;
	const who = user !== undefined && html`You are signed in as <bdi>${user.name}</bdi>. `;
	const asking = html`<h1>Sign out?</h1>
<p>${who}Signing out ends your session in this browser.</p>
${form}
<ul class="links" role="list"><li><a href="${safePath(homeHref)}">Stay signed in</a></li></ul>`;
	const leaving = html`<div class="moving">
<h1>Signing you out</h1>
<p>If nothing happens, choose Sign out.</p>
${form}
</div>`;
	return document({
		title: autoSubmit ? "Signing you out" : "Sign out",
		nonce,
		lang: "en",
		referrer: "same-origin",
		body: autoSubmit ? leaving : asking,
	});
}

function donePage({ nonce, endpoints, providers, providerSession, endSessionHref, homeHref }: LogoutViewContext): Html {
	return document({
		title: "Signed out",
		nonce,
		lang: "en",
		body: html`<h1>You are signed out</h1>
${providerSession === "ended" && html`<p>Your session at ${service(providers)} has ended too.</p>`}
${
	providerSession === "maybe_alive" &&
	html`<p>You may still be signed in at ${service(providers)}. On a shared computer, sign out there too.</p>`
}
${
	endSessionHref !== undefined &&
	html`<p class="actions"><a class="button second" href="${safeHref(endSessionHref)}" target="_blank" rel="noopener">Sign out there too</a></p>`
}
${providers.length > 0 && html`<h2>Sign in again</h2>\n${providerButtons(providers)}`}
<ul class="links" role="list"><li><a href="${safePath(homeHref)}">Back to the start page</a></li></ul>
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(`{\n${announceToTabs}\nannounce();\n}`)}</script>`,
	});
}

/** The context does not say which provider it was, so a name can be given only where there is no choice. */
function service(providers: LogoutViewContext["providers"]): Html {
	const [only, ...others] = providers;
	return only === undefined || others.length > 0 ? html`the sign-in service` : html`<bdi>${only.displayName}</bdi>`;
}

/**
 * Sends the form while no tab renews the session. The cookies of a renewal that is answered after the logout would bring the session back, and
 * the process that answers it need not know of the logout. Whatever waits for its turn is not waited for longer than a renewal can take.
 */
const submitInTurn = `{
${takeTurns}
	const form = document.querySelector("form");
	const button = form.querySelector("button");
	let step = "idle";
	const send = () => {
		if (step !== "waiting") return;
		step = "sending";
		button.click();
	};
	form.addEventListener("submit", (event) => {
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

/** The same, and presses the button. */
const pressInTurn = `${submitInTurn}
document.querySelector("form button").click();`;
