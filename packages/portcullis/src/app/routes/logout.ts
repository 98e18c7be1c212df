import { routeOf } from "../../audit/audit.ts";
import { createErrorId } from "../../audit/log.ts";
import { equalConstantTime } from "../../base/constant-time.ts";
import { isPortcullisError } from "../../base/errors.ts";
import type { Runtime } from "../../config/runtime.ts";
import {
	createFormToken,
	FORM_TOKEN_FIELD,
	isFormToken,
	isFromOwnPage,
	isOwnScript,
} from "../../guard/forms.ts";
import { deleteCookie, type RequestCookies, type SetCookie } from "../../session/cookies.ts";
import { displayNameOf } from "../../session/user.ts";
import { onwardPage } from "../../views/move-on.ts";
import { windowDonePage } from "../../views/popup-pages.ts";
import { viewProviders } from "../answers/links.ts";
import { denyForged, forgedLine, logRefusal } from "../answers/refuse.ts";
import {
	createNonce,
	htmlResponse,
	jsonResponse,
	redirectResponse,
	renderView,
} from "../answers/render.ts";
import { errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import type { HeldSession } from "../sessions/session-manager.ts";
import { readForm } from "./read-form.ts";
import { createStartProof, logUnknownOrigin } from "./start-proof.ts";

/** What the form token is bound to, besides the session. */
const ACTION = "logout";
/** What the way back from a provider is known by that was begun in a window of its own. */
const WINDOW = "logout window";
/** The way back from the provider's end session must be taken within ten minutes. Seconds. */
const LOGOUT_LIFETIME = 600;
/** Value of the logout cookie when there was no provider to go to. */
const LOCAL_ONLY = "local";

/**
 * `GET /logout`: asks, by a form with a button; submits it by itself only if the navigation is
 * provably the app's own. Where no person is signed in any more, and on the way back from the
 * provider, it says how far the logout went.
 */
export async function handleLogoutPage(exchange: Exchange): Promise<Response> {
	const { runtime } = exchange;
	const requestCookies = exchange.requestCookies;
	const [left] = await findSessions(exchange);
	const state = exchange.query.get("state");
	if (await isFormToken(runtime.ring, state, WINDOW, undefined, exchange.now)) {
		// The window that a frame has opened for the provider's logout: a person who is signed in
		// outside of the frame stays signed in.
		const nonce = createNonce();
		return htmlResponse(windowDonePage({ nonce, texts: await exchange.texts() }), {
			status: 200,
			nonce,
			isolate: false,
		});
	}
	const returned = readReturn(runtime, requestCookies, state);
	// A popup's login that its window has not claimed yet is something to sign out of, too.
	const isProbablyIn = runtime.providers.some(
		({ names }) => requestCookies.has(names.sessionHint) || requestCookies.has(names.handoff),
	);
	if (!left && (returned || !isProbablyIn)) return donePage(exchange, returned);
	return confirmPage(exchange, left, 200);
}

/**
 * `POST /logout`: ends the session here, always, then leads to the provider's end session where it
 * has one. Only for our own script, or our form with its token, and in both cases with our own
 * `Origin`.
 */
export async function handleLogout(exchange: Exchange): Promise<Response> {
	const { gate, runtime, call, origin } = exchange;
	const all = await findSessions(exchange);
	const [left] = all;
	const byScript = isOwnScript(call.header, origin);
	// proven: logout-csrf
	if (!byScript && !(await isOwnForm(exchange, left))) {
		await gate.audit?.emit("logout", "failure", {
			...(left && detailsOf(left)),
			route: routeOf(call.url),
			reason: "csrf_failed",
		});
		if (!exchange.navigation.isNavigation) return denyForged(exchange);
		const silent = await explainSilence(exchange, left);
		if (silent) return silent;
		logRefusal(exchange, forgedLine(exchange, false));
		return confirmPage(exchange, left, 403);
	}
	for (const session of all) gate.sessions.end(session);
	const revoked = Promise.all(all.map((session) => gate.sessions.revokeTokens(session)));
	const requestCookies = exchange.requestCookies;
	const cookies = [
		...gate.sessions.clearEvery(runtime, requestCookies), // proven: kept-cookies
		...[...runtime.providers, ...runtime.embedded].flatMap(({ names }) =>
			clearTransactions(names.transactionPrefix, requestCookies),
		),
		// A popup's login that its window has not claimed yet: it would sign in again.
		// proven: logout-keeps-handoff
		...runtime.providers
			.filter(({ names }) => requestCookies.has(names.handoff))
			.map(({ names }) => deleteCookie(names.handoff, "Strict")),
	];
	const isEmbedded = left?.connected.isEmbedded === true;
	const state = isEmbedded
		? await createFormToken(runtime.ring, WINDOW, undefined, exchange.now)
		: createNonce();
	const endSession = await endSessionUrl(exchange, left, {
		origin,
		state,
		withHint: !byScript && !isEmbedded,
	});
	await revoked;
	await gate.audit?.emit("logout", "success", {
		...(left && detailsOf(left)),
		route: routeOf(call.url),
		reason: isEmbedded ? "popup_logout_synced" : left ? undefined : "no_session",
	});
	if (isEmbedded && !byScript) {
		// Providers refuse to be framed: their part of it is for a window of its own, and what the
		// frame shows does not depend on it.
		const outcome = { providerSession: endSession ? ("maybe_alive" as const) : undefined, cookies };
		return donePage(exchange, outcome, endSession?.href);
	}
	const names = left?.connected.names;
	if (names && !isEmbedded) {
		cookies.push({
			name: names.logout,
			value: endSession ? state : LOCAL_ONLY,
			sameSite: "Lax",
			maxAge: LOGOUT_LIFETIME,
		});
	}
	const location = endSession?.href ?? gate.paths.logout;
	if (byScript) return jsonResponse({ location }, cookies);
	if (!endSession) return redirectResponse(location, "POST", cookies);
	// A page instead of a redirect: a form's redirects fall under the form-action of the page that it
	// stood on.
	const nonce = createNonce();
	const { endpoints } = gate.paths;
	const texts = await exchange.texts();
	return htmlResponse(onwardPage({ nonce, href: location, endpoints, texts }), {
		status: 200,
		nonce,
		cookies,
	});
}

/**
 * The sessions that are being left, the newest first: it is the one that counts, and a late
 * callback can leave another beside it. Also while the store of revoked sessions does not answer:
 * they end here and at the provider then, and in other processes once it does.
 */
async function findSessions(exchange: Exchange): Promise<HeldSession[]> {
	const { gate, runtime, call } = exchange;
	const { identities } = gate;
	const header = call.header("cookie");
	// proven: logout-waits-for-store
	const all = await identities
		.openAll(runtime, header)
		.catch(() => identities.openUnasked(runtime, header));
	return all.filter(({ isOver }) => !isOver);
}

async function isOwnForm(exchange: Exchange, left: HeldSession | undefined): Promise<boolean> {
	const { call, origin } = exchange;
	if (!isFromOwnPage(call.header, origin)) return false; // proven: logout-form-origin
	return hasFormToken(exchange, left);
}

async function hasFormToken(exchange: Exchange, left: HeldSession | undefined): Promise<boolean> {
	const { runtime, call } = exchange;
	const token = (await readForm(call.request()))?.get(FORM_TOKEN_FIELD);
	const now = exchange.now;
	// The form may have been shown to a navigation from another site, which brought no session to
	// bind it to.
	return (
		(await isFormToken(runtime.ring, token, ACTION, left?.session.id, now)) ||
		isFormToken(runtime.ring, token, ACTION, undefined, now)
	);
}

/**
 * Our own form, of which the browser does not say where it comes from: the same page once more
 * would ask for ever.
 */
async function explainSilence(
	exchange: Exchange,
	left: HeldSession | undefined,
): Promise<Response | undefined> {
	const { call } = exchange;
	const isSilent =
		[null, "null"].includes(call.header("origin")) && call.header("sec-fetch-site") === null;
	if (!isSilent || !(await hasFormToken(exchange, left))) return undefined;
	const message =
		"Nobody was signed out: the form of the logout page came without Origin and Sec-Fetch-Site. A proxy drops these headers, or puts Referrer-Policy: no-referrer on the page";
	const id = logUnknownOrigin(exchange, { code: "csrf_failed", message }); // proven: silent-logout-log
	return errorResponse(exchange, { code: "csrf_failed", message, id, isLogged: false });
}

async function confirmPage(
	exchange: Exchange,
	left: HeldSession | undefined,
	status: number,
): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const from = exchange.navigation;
	const nonce = createNonce();
	const token = await createFormToken(runtime.ring, ACTION, left?.session.id, exchange.now);
	const context = {
		kind: "logout",
		phase: "confirm",
		endpoints: gate.paths.endpoints,
		request: call.request(),
		nonce,
		homeHref: "/",
		texts: await exchange.texts(),
		providers: viewProviders(gate, "/"),
		user: left && { name: displayNameOf(left.session.claims) },
		formAction: gate.paths.logout,
		fields: { [FORM_TOKEN_FIELD]: token },
		autoSubmit:
			call.method === "GET" &&
			from.site === "same-origin" &&
			from.isNavigation &&
			!from.isPrefetch &&
			!from.isFramed,
		providerSession: undefined,
	} as const;
	const { framing } = gate.embedding;
	const page = { status, nonce, referrerPolicy: "same-origin", framing, connects: true } as const;
	return renderView(gate.views, "logout", context, page, gate.platform.log);
}

async function donePage(
	exchange: Exchange,
	returned: LogoutReturn | undefined,
	endSessionHref?: string,
): Promise<Response> {
	const { gate, call } = exchange;
	const nonce = createNonce();
	// In a frame the buttons would lead nowhere; the start page leads to the login page, which opens
	// windows.
	const { isFramed } = exchange.navigation;
	const proof = await createStartProof(exchange);
	const context = {
		kind: "logout",
		phase: "done",
		endpoints: gate.paths.endpoints,
		request: call.request(),
		nonce,
		homeHref: "/",
		texts: await exchange.texts(),
		providers: isFramed ? [] : viewProviders(gate, "/", proof),
		user: undefined,
		formAction: gate.paths.logout,
		fields: {},
		autoSubmit: false,
		providerSession: returned?.providerSession,
		endSessionHref,
	} as const;
	return renderView(
		gate.views,
		"logout",
		context,
		{
			status: 200,
			nonce,
			cookies: [...(returned?.cookies ?? []), ...proof.cookies],
			framing: gate.embedding.framing,
		},
		gate.platform.log,
	);
}

interface LogoutReturn {
	readonly providerSession: "ended" | "maybe_alive" | undefined;
	readonly cookies: readonly SetCookie[];
}

/**
 * A returned `state` that is missing or wrong is no error: the session here has ended either way,
 * and nothing is redirected by it.
 */
function readReturn(
	runtime: Runtime,
	requestCookies: RequestCookies,
	state: string | null,
): LogoutReturn | undefined {
	for (const { names } of runtime.providers) {
		const expected = requestCookies.get(names.logout);
		if (expected === undefined) continue;
		const ended = expected !== LOCAL_ONLY && state !== null && equalConstantTime(state, expected);
		return {
			providerSession: ended ? "ended" : "maybe_alive",
			cookies: [deleteCookie(names.logout, "Lax")],
		};
	}
	return undefined;
}

/**
 * The provider's end session, or `undefined`: a provider without one, or one that is down, never
 * keeps a person signed in here.
 *
 * @param withHint Whether the ID token may go along. Never where script gets to see the address.
 */
async function endSessionUrl(
	exchange: Exchange,
	left: HeldSession | undefined,
	{ origin, state, withHint }: { origin: string; state: string; withHint: boolean },
): Promise<URL | undefined> {
	const { gate } = exchange;
	if (!left) return undefined;
	const { session, connected } = left;
	try {
		return await connected.provider.endSessionUrl({
			idToken: withHint ? await session.idToken() : undefined,
			postLogoutRedirectUri: origin + gate.paths.logout,
			state,
		});
	} catch (cause) {
		const message = "The session has ended here; the provider's own could not be ended";
		gate.platform.log({
			level: "warning",
			code: isPortcullisError(cause) ? cause.code : "internal_error",
			message,
			id: createErrorId(),
			provider: connected.provider.name,
			cause,
		});
		return undefined;
	}
}

function clearTransactions(prefix: string, requestCookies: RequestCookies): SetCookie[] {
	return [...requestCookies.keys()]
		.filter((name) => name.startsWith(prefix))
		.map((name) => deleteCookie(name, "Lax"));
}
