import { POPUP_FIELDS, POPUP_MESSAGE } from "../wire/popup.ts";
import { REQUEST_HEADER } from "../wire/state.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { english } from "./languages/en.ts";
import { ownPath } from "./own-path-script.ts";
import type { Texts } from "./texts.ts";
import type { PopupContext } from "./types.ts";

export interface PopupScriptParts {
	readonly nonce: string;
	/** `popup` of the login view's context. */
	readonly popup: PopupContext;
	/** `texts` of the login view's context. Default: English. */
	readonly texts?: Texts;
}

/**
 * What a login page needs besides links with `data-opens="popup"`: the script that opens their
 * popups, and what it tells the person. To be put into the body once. Without script those links
 * open a new tab.
 */
export function popupScript({ nonce, popup, texts = english }: PopupScriptParts): Html {
	return html`<div id="popup-status" role="status">
<p id="popup-waiting" hidden>${texts.windowWaiting}</p>
<p id="popup-blocked" hidden>${texts.windowBlocked}</p>
<p id="popup-lost" hidden>${texts.windowLost}</p>
<p id="popup-refused" hidden>${texts.windowRefused}</p>
<p id="popup-unkept" hidden>${texts.windowUnkept}</p>
</div>
<ul class="links" role="list"><li><a id="popup-tab" href="/" target="_blank" rel="noopener" hidden>${texts.openInNewTab}</a></li></ul>
<script nonce="${nonce}" id="popup-script" data-endpoints="${popup.endpoints}" data-ancestor="${popup.onlyAncestor ?? ""}" data-frames="${popup.onlyInFrames ? "only" : ""}">${trustedHtml(openPopups)}</script>`;
}

/**
 * The browser's part of the protocol in `client/framed.ts`, in short. The popup is opened inside
 * the click, and sent on by a form, which no link and no redirect can imitate. What comes back
 * counts only from that window, of our own origin, about this verifier. That a popup is closed
 * means nothing: a provider may have cut it off. The page then goes where the server says, not
 * where its link did.
 */
const openPopups = `{
	${ownPath}
	const { endpoints, ancestor, frames } = document.getElementById("popup-script").dataset;
	const show = (name) => {
		for (const state of ["waiting", "blocked", "lost", "refused", "unkept"]) document.getElementById("popup-" + state).hidden = state !== name;
		document.getElementById("popup-tab").hidden = name === "waiting";
	};
	const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
	const ancestors = () => {
		if (window.parent === window) return [];
		if (location.ancestorOrigins) return [...location.ancestorOrigins];
		if (ancestor) return [ancestor];
		const before = document.referrer && new URL(document.referrer).origin;
		return before && before !== location.origin ? [before] : ["unknown"];
	};
	let current = {};
	addEventListener("message", ({ origin, source, data }) => {
		if (origin === location.origin && source && source === current.popup) current.receive(data);
	});
	try {
		new BroadcastChannel("${POPUP_MESSAGE}").onmessage = ({ data }) => current.receive?.(data);
	} catch {}
	const start = async (link) => {
		const name = "portcullis-" + crypto.randomUUID();
		const popup = window.open("", name, "popup,width=520,height=680");
		const attempt = (current = { popup });
		const href = new URL(ownPath(link.href), location.href);
		const target = ownPath(href.searchParams.get("${POPUP_FIELDS.redirectTo}") || "/");
		document.getElementById("popup-tab").href = target;
		if (!popup) return show("blocked");
		show("waiting");
		const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
		const challenge = base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
		const above = ancestors();
		const ask = async (handoff) => {
			const response = await fetch(endpoints + "/claim", {
				method: "POST",
				cache: "no-store",
				headers: { "Content-Type": "application/json", "${REQUEST_HEADER}": "1" },
				body: JSON.stringify({ verifier, ancestors: above, handoff }),
			});
			const { status } = response;
			if (response.ok) {
				const answer = await response.json();
				attempt.redirectTo = answer.redirectTo;
				return answer.status;
			}
			return status === 404 ? "unkept" : status === 429 || status >= 500 ? "pending" : "refused";
		};
		let last = Promise.resolve("pending");
		const claim = (handoff) => (last = last.then((before) => (before === "signed_in" ? before : ask(handoff).catch(() => "pending"))));
		// A browser may drop the cookies: this page would come again, and not say why.
		const isKept = () => fetch(endpoints + "/session", { cache: "no-store" }).then((response) => response.json()).then(({ signedIn }) => signedIn, () => true);
		const finish = async (status) => {
			if (attempt.done) return;
			attempt.done = true;
			popup.close();
			if (status !== "signed_in") show(status);
			else if (await isKept()) location.replace(ownPath(attempt.redirectTo ?? "/"));
			else show("unkept");
		};
		attempt.receive = async (data) => {
			if (data?.type !== "${POPUP_MESSAGE}" || data.challenge !== challenge || typeof data.handoff !== "string" || attempt.taken) return;
			attempt.taken = true;
			finish((await claim(data.handoff)) === "signed_in" ? "signed_in" : "refused");
		};
		const form = document.createElement("form");
		form.method = "post";
		form.action = href.pathname;
		form.target = name;
		const fields = { ${POPUP_FIELDS.challenge}: challenge, ${POPUP_FIELDS.ancestors}: above.join(" "), ${POPUP_FIELDS.redirectTo}: target };
		for (const [key, value] of Object.entries(fields)) {
			const input = document.createElement("input");
			input.type = "hidden";
			input.name = key;
			input.value = value;
			form.append(input);
		}
		document.body.append(form);
		form.submit();
		form.remove();
		let isStored = true;
		for (let asked = 0, closed = 0; asked < 180 && !attempt.done; asked++) {
			await new Promise((resolve) => setTimeout(resolve, 1000));
			if (attempt !== current || attempt.taken || attempt.done) return;
			if (isStored) {
				const status = await claim();
				if (attempt.taken) return;
				if (status === "unkept") isStored = false;
				else if (status !== "pending") return finish(status);
			} else if (popup.closed && ++closed > 2) return show("lost");
		}
		if (!attempt.done && !attempt.taken) show("lost");
	};
	for (const link of document.querySelectorAll("a[data-opens='popup']")) {
		if (frames === "only" && window.parent === window) {
			link.removeAttribute("target");
			continue;
		}
		link.addEventListener("click", (event) => {
			event.preventDefault();
			start(link);
		});
	}
}`;
