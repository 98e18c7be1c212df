import { REQUEST_HEADER } from "../wire/state.ts";
import { document } from "./document.ts";
import { safePath } from "./href.ts";
import { type Html, html, trustedHtml } from "./html.ts";

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
<script nonce="${nonce}" data-endpoints="${endpoints}" id="script">${trustedHtml(renewAndRepeat)}</script>`,
	});
}

/**
 * The browser's part of the protocol in `client/refresh-session.ts`, in short: under the lock, look whether another tab was first; if the
 * holder before has left a live mark, wait for what becomes of its request; mark, ask, and go on. Uses what `repeatHere` says of fragments.
 */
const renewAndRepeat = `(async () => {
	const script = document.getElementById("script");
	const endpoints = script.dataset.endpoints;
	const ask = (name, init) => fetch(endpoints + "/" + name, { cache: "no-store", credentials: "same-origin", ...init });
	const mark = "portcullis:refresh " + endpoints;
	const read = () => { try { return JSON.parse(localStorage.getItem(mark)); } catch { return null; } };
	const write = (value) => { try { value ? localStorage.setItem(mark, JSON.stringify(value)) : localStorage.removeItem(mark); } catch {} };
	const pause = (ms) => new Promise((done) => setTimeout(done, ms));
	const renew = async () => {
		for (;;) {
			const session = await (await ask("session")).json();
			if (session.signedIn) return 200;
			if (!session.refresh) return 401;
			const live = read();
			if (live && live.generation === session.refresh.generation && Math.abs(Date.now() - live.time) < 15000) { await pause(250); continue; }
			write({ generation: session.refresh.generation, time: Date.now() });
			const answer = await ask("refresh", { method: "POST", keepalive: true, body: "{}", headers: { "Content-Type": "application/json", "${REQUEST_HEADER}": "1" } });
			write(null);
			return answer.status;
		}
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
		status = await (navigator.locks ? navigator.locks.request(mark, renew) : renew());
	} catch {}
	if (status === 200) return repeat();
	if (status === 401) return location.replace(document.getElementById("login").href);
	document.getElementById("text").textContent = "Your session could not be renewed right now. Please try again in a few minutes.";
	document.getElementById("onward").hidden = false;
})();`;
