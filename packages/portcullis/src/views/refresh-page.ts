import { LIVE_FOR } from "../wire/renewal.ts";
import { REQUEST_HEADER } from "../wire/state.ts";
import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";
import { takeTurns } from "./tab-scripts.ts";

export interface RefreshPageParts {
	readonly nonce: string;
	/** The page that was asked for: a path with its query. */
	readonly href: string;
	/** Path below which the gate's endpoints are. */
	readonly endpoints: string;
	/** Where to go if the session has ended, or there is no script. */
	readonly loginHref: string;
}

/**
 * Page that renews the session, one tab of the browser at a time, and then asks for the page once more. Without script it leads to the
 * login page: a refresh is nothing that a plain navigation may do.
 */
export function refreshPage({ nonce, href, endpoints, loginHref }: RefreshPageParts): Html {
	const login = safePath(loginHref);
	return document({
		title: "One moment",
		nonce,
		lang: "en",
		head: html`<noscript><meta http-equiv="refresh" content="0; url='${login}'"></noscript>`,
		body: html`<div class="moving">
<h1>One moment</h1>
<p id="text" role="status">Your session is being renewed.</p>
<p class="actions"><a class="button" id="onward" href="${safePath(href)}" hidden>Try again</a> <a class="button secondary" id="login" href="${login}">Sign in again</a></p>
</div>
<script nonce="${nonce}" data-endpoints="${endpoints}">${trustedHtml(renewAndRepeat)}</script>`,
	});
}

/**
 * The browser's part of the protocol in `client/renewal.ts`, in short: under the lock, look whether another tab was first; if the holder
 * before has left a live mark, wait for what becomes of its request; mark, ask, and go on. Uses what `repeatHere` says of fragments.
 */
const renewAndRepeat = `${takeTurns}
(async () => {
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
	document.getElementById("text").textContent = "Your session could not be renewed right now. Please try again in a few minutes.";
	document.getElementById("onward").hidden = false;
})();`;
