import type { Runtime } from "../../config/runtime.ts";
import type { MaybePromise } from "../../crypto/aead.ts";
import type { RequestOrigin } from "../../guard/navigation.ts";
import { authCookieNames } from "../../session/cookie-names.ts";
import { deleteCookie, type RequestCookies, type SetCookie } from "../../session/cookies.ts";
import {
	addRedirect,
	clearRedirects,
	countRedirects,
	MAX_FOREIGN_ARRIVALS,
	MAX_HOPS,
} from "../../session/redirect-count.ts";
import type { User } from "../../session/user.ts";
import { messageFor } from "../../views/messages.ts";
import { repeatPage } from "../../views/move-on.ts";
import { refreshPage } from "../../views/refresh-page.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import { createStartProof } from "../routes/start-proof.ts";
import { arrivalKey, loginHref, stepUpKey, viewProviders } from "./links.ts";
import { denyQuietly } from "./refuse.ts";
import {
	createNonce,
	htmlResponse,
	problemTemplate,
	redirectResponse,
	renderView,
} from "./render.ts";
import { errorResponse } from "./responder.ts";

/**
 * Answers an anonymous request for a page that is shut: the login page for a navigation, 401 for
 * everything else.
 */
export function denyAnonymous(exchange: Exchange): MaybePromise<Response> {
	const { runtime, call } = exchange;
	const cookies = call.header("cookie");
	if (cookies !== null && hasRefreshToken(runtime, cookies)) return denyEnded(exchange);
	return denyUnknown(exchange);
}

function hasRefreshToken({ providers, embedded }: Runtime, cookies: string): boolean {
	return (
		providers.some(({ names }) => cookies.includes(names.refresh)) ||
		embedded.some(({ names }) => cookies.includes(names.refresh))
	);
}

/**
 * There are cookies of a session: if its access token can be renewed, that is what has to happen
 * first.
 */
async function denyEnded(exchange: Exchange): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const stored = await gate.identities.openStored(runtime, call.header("cookie"));
	if (!stored?.session.hasRefreshToken) return denyUnknown(exchange);
	const from = exchange.navigation;
	if (!from.isNavigation || from.isPrefetch) return refreshRequired();
	const requestCookies = exchange.requestCookies;
	const here = exchange.returnTarget(exchange.here);
	const isShown = call.method === "GET" || call.method === "HEAD";
	if (!isShown || countRedirects(requestCookies, here) >= MAX_HOPS) return denyUnknown(exchange);
	const nonce = createNonce();
	const page = refreshPage({
		nonce,
		href: exchange.here,
		endpoints: gate.paths.endpoints,
		loginHref: loginHref(gate, here),
		texts: await exchange.texts(),
	});
	// Twenty tabs of one page that a browser restores are no loop: in a loop it is our own page that
	// asks again.
	const sameSite = stored.connected.isEmbedded ? "None" : "Lax";
	const cookies = from.site === "none" ? [] : [addRedirect(requestCookies, here, sameSite)];
	return htmlResponse(page, {
		status: 200,
		nonce,
		cookies,
		connects: true,
		framing: gate.embedding.framing,
	});
}

/**
 * Nothing of the request was carried out: it can be sent again as it is once the session is
 * renewed.
 */
export function refreshRequired(): Response {
	const headers = { "WWW-Authenticate": 'Cookie realm="app", error="refresh_required"' };
	return denyQuietly("refresh_required", { status: 401, headers });
}

function denyUnknown(exchange: Exchange): MaybePromise<Response> {
	const { gate, runtime, call } = exchange;
	const from = exchange.navigation;
	if (!from.isNavigation || from.isPrefetch) return loginRequired(exchange.gate);
	const here = exchange.returnTarget(exchange.here);
	if (call.method !== "GET" && call.method !== "HEAD") {
		// What was posted is lost, so that the page it was posted from is the one to come back to.
		return redirectResponse(
			loginHref(gate, exchange.returnTarget(call.header("referer"))),
			call.method,
		);
	}
	const requestCookies = exchange.requestCookies;
	const marked = runtime.providers.filter(({ names }) => requestCookies.has(names.sessionHint));
	if (marked.length === 0 && !requestCookies.size)
		return redirectResponse(loginHref(gate, here), call.method);

	const limit = from.site === "cross-site" ? MAX_FOREIGN_ARRIVALS : MAX_HOPS;
	if (countRedirects(requestCookies, here) >= limit) {
		const message = `The browser was sent to ${here.split("?", 1)[0]} ${limit} times in a row without a session to show for it`;
		return errorResponse(exchange, {
			action: "page_load",
			code: "too_many_redirects",
			message,
			cookies: forgetRedirects(requestCookies, here),
			retryTo: here,
		});
	}
	const strictCookiesCame = runtime.providers.some(({ names }) =>
		authCookieNames(names).some(
			(name) => requestCookies.has(name) || requestCookies.has(`${name}.0`),
		),
	);
	// From our own callback; where the browser does not say so, once the page has been asked for
	// again, or there is nothing to ask it for.
	const isArrival =
		from.site === "same-origin" ||
		(from.site === undefined && (marked.length === 0 || countRedirects(requestCookies, here) > 0));
	if (countRedirects(requestCookies, arrivalKey(here)) > 0 && !strictCookiesCame && isArrival) {
		const message = "A login was completed, and the browser came on without the session's cookies";
		return errorResponse(exchange, {
			action: "page_load",
			code: "cookies_blocked",
			message,
			cookies: forgetRedirects(requestCookies, here),
		});
	}
	if (marked.length > 0 && !strictCookiesCame && shouldRepeat(from, requestCookies, here)) {
		return askOnceMore(exchange, [addRedirect(requestCookies, here)]);
	}
	// Asked from our own site and still without a session: the marker is wrong.
	const stale: SetCookie[] =
		from.site === "same-origin" || strictCookiesCame
			? marked.map(({ names }) => deleteCookie(names.sessionHint, "Lax"))
			: [];
	return redirectResponse(loginHref(gate, here), call.method, [
		...stale,
		...forgetRedirects(requestCookies, here),
	]);
}

async function askOnceMore(exchange: Exchange, cookies: readonly SetCookie[]): Promise<Response> {
	const nonce = createNonce();
	const page = repeatPage({ nonce, href: exchange.here, texts: await exchange.texts() });
	return htmlResponse(page, { status: 200, nonce, cookies });
}

/** Answers a signed-in person's request that a check refused. */
export async function denyForbidden(exchange: Exchange, user: User | undefined): Promise<Response> {
	if (!exchange.navigation.isNavigation) return denyQuietly("forbidden", { status: 403 });
	return forbiddenPage(exchange, user, forgetRedirects(exchange.requestCookies, exchange.here));
}

/** The forbidden view, always with status 403. */
export async function forbiddenPage(
	exchange: Exchange,
	user: User | undefined,
	cookies: readonly SetCookie[] = [],
): Promise<Response> {
	const { gate, call } = exchange;
	const nonce = createNonce();
	const proof = await createStartProof(exchange);
	const context = {
		kind: "forbidden",
		request: call.request(),
		nonce,
		homeHref: "/",
		texts: await exchange.texts(),
		providers: viewProviders(gate, "/", proof),
		user: user && { name: user.name, email: user.email },
		logoutHref: gate.paths.logout,
	} as const;
	// The link to the logout page must say where it comes from, or the page would only ask.
	return renderView(
		gate.views,
		"forbidden",
		context,
		{
			status: 403,
			nonce,
			cookies: [...cookies, ...proof.cookies],
			referrerPolicy: "same-origin",
			framing: gate.embedding.framing,
		},
		gate.platform.log,
	);
}

/** The cookie that forgets this page's hops once it was reached; nothing where there are none. */
export function forgetRedirects(requestCookies: RequestCookies, here: string): SetCookie[] {
	let rest: RequestCookies = requestCookies;
	let last: SetCookie | undefined;
	for (const key of [arrivalKey(here), stepUpKey(here), here]) {
		const cookie = clearRedirects(rest, key);
		if (!cookie) continue;
		rest = cookie.maxAge > 0 ? new Map(rest).set(cookie.name, cookie.value) : new Map();
		last = cookie;
	}
	return last ? [last] : [];
}

/** Path and query of an absolute URL, just as they stand there. */
export function pathAndQuery(url: string): string {
	const start = url.indexOf("/", url.indexOf("://") + 3);
	return start < 0 ? "/" : (url.slice(start).split("#", 1)[0] ?? "/");
}

/** Nothing in it depends on the request, so that it is written once for each gate. */
function loginRequired(gate: GateContext): Response {
	let answer = LOGIN_REQUIRED.get(gate);
	if (answer === undefined) {
		const cookie = `Cookie realm="app", form-action="${gate.paths.login}"`;
		const challenge = gate.bearer === undefined ? cookie : `${cookie}, Bearer realm="app"`;
		const { title } = messageFor("login_required");
		answer = problemTemplate(401, "login_required", title, { "WWW-Authenticate": challenge });
		LOGIN_REQUIRED.set(gate, answer);
	}
	return answer();
}

const LOGIN_REQUIRED = new WeakMap<GateContext, () => Response>();

/**
 * Whether the same page asked for once more, from our own site, may bring the Strict cookies that
 * this navigation lacks. From another site always; from our own never, they would have come; where
 * the browser does not say, once for each page.
 */
function shouldRepeat(
	{ site, isFramed }: RequestOrigin,
	requestCookies: RequestCookies,
	here: string,
): boolean {
	if (isFramed || site === "same-origin") return false;
	return site === "cross-site" || countRedirects(requestCookies, here) === 0;
}
