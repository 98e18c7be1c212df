import { LIVE_FOR } from "../wire/renewal.ts";
import { REQUEST_HEADER } from "../wire/state.ts";
import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { english } from "./languages/en.ts";
import { takeTurns } from "./tab-scripts.ts";
import type { Texts } from "./texts.ts";

export interface RefreshPageParts {
	readonly nonce: string;
	/** The page that was asked for: a path with its query. */
	readonly href: string;
	/** Path below which the gate's endpoints are. */
	readonly endpoints: string;
	/** Where to go if the session has ended, or there is no script. */
	readonly loginHref: string;
	/** Default: English. */
	readonly texts?: Texts;
}

/**
 * Page that renews the session, one tab of the browser at a time, and then asks for the page once
 * more. Without script it leads to the login page: a refresh is nothing that a plain navigation may
 * do.
 */
export function refreshPage({
	nonce,
	href,
	endpoints,
	loginHref,
	texts = english,
}: RefreshPageParts): Html {
	const login = safePath(loginHref);
	return document({
		title: texts.oneMoment,
		nonce,
		lang: texts.lang,
		dir: texts.dir,
		head: html`<noscript><meta http-equiv="refresh" content="0; url='${login}'"></noscript>`,
		body: html`<div class="moving">
<h1>${texts.oneMoment}</h1>
<p id="text" role="status" data-failed="${texts.renewingFailed}">${texts.renewing}</p>
<dl class="id" id="error" hidden><dt>${texts.errorId}</dt><dd><code></code></dd></dl>
<p class="actions"><a class="button" id="onward" href="${safePath(href)}" hidden>${texts.tryAgain}</a> <a class="button second" id="login" href="${login}">${texts.signInAgain}</a></p>
</div>
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(renewAndRepeat)}</script>`,
	});
}

/**
 * The browser's part of the protocol in `client/renewal.ts`, in short: under the lock, look whether
 * another tab was first; if the holder before has left a live mark, wait for what becomes of its
 * request; mark, ask, and go on. Uses what `repeatHere` says of fragments.
 */
const renewAndRepeat = `${takeTurns}
(async () => {
	let id;
	const renew = async () => {
		const session = await quiet(({ signedIn }) => signedIn);
		if (session.signedIn) return 200;
		if (!session.refresh) return 401;
		const { generation } = session.refresh;
		const time = Date.now();
		mark({ generation, time });
		const headers = { "Content-Type": "application/json", "${REQUEST_HEADER}": "1" };
		const init = { method: "POST", keepalive: true, cache: "no-store", credentials: "same-origin", body: "{}", headers };
		const answer = await Promise.race([fetch(endpoints + "/refresh", init), pause(${LIVE_FOR})]);
		if (!answer) return 0;
		mark({ generation, time, done: true });
		if (answer.status === 200 || answer.status === 401) announce();
		else ({ id } = await answer.json());
		return answer.status;
	};
	const repeat = () => {
		const here = location.href;
		try {
			if (here.includes("#")) history.replaceState(null, "", location.pathname === "/" ? "/_" : "/");
		} finally {
			location.replace(here);
		}
	};
	let status = 0;
	try {
		status = await inTurn(renew);
	} catch {}
	if (status === 200) return repeat();
	if (status === 401) return location.replace(document.getElementById("login").href);
	const text = document.getElementById("text");
	text.textContent = text.dataset.failed;
	document.getElementById("onward").hidden = false;
	if (!id) return;
	const error = document.getElementById("error");
	error.querySelector("code").textContent = id;
	error.hidden = false;
})();`;
