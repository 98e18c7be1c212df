import { routeOf } from "../../audit/audit.ts";
import { isPlainLoopback } from "../../config/origin.ts";
import type { LoginTransaction } from "../../protocol/types.ts";
import type { SetCookie } from "../../session/cookies.ts";
import {
	isExpired,
	isUnreadableTransaction,
	openTransactions,
} from "../../session/transaction-cookies.ts";
import { onwardPage } from "../../views/move-on.ts";
import { loginHref } from "../answers/links.ts";
import { logRefusal } from "../answers/refuse.ts";
import { createNonce, htmlResponse, redirectResponse } from "../answers/render.ts";
import type { Failure } from "../answers/responder.ts";
import { errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import type { Arrival } from "./arrival.ts";

/** Suffix of the `state` of an attempt that is already the restart of another. */
const RESTARTED_SUFFIX = ".r";

/** What every `state` of ours looks like: the id of its attempt, and a secret. */
const LIKE_OURS = /^[\w-]{16}\.[\w-]+(\.r)?$/;

/**
 * A callback that no attempt of this browser matches: from the history, from a bookmark, from
 * another browser, made up, or because cookies are not kept. Nothing of it is believed, nothing is
 * cleared.
 */
export async function handleUnmatched(arrival: Arrival): Promise<Response> {
	const { exchange, params } = arrival;
	const { gate, runtime, call, requestCookies } = exchange;
	const audited = { action: "login_completed", auditReason: "csrf_state_mismatch" } as const;
	const audit = () =>
		gate.audit?.emit(audited.action, "failure", {
			route: routeOf(call.url),
			reason: audited.auditReason,
		});
	if (exchange.isProbablySignedIn) {
		await audit();
		return goHome(exchange, "/", []);
	}
	const state = params.get("state") ?? "";
	const cameBackTwice = state.endsWith(RESTARTED_SUFFIX);
	const unreadable = await Promise.all(
		runtime.providers.map((connected) => isUnreadableTransaction(connected, requestCookies, state)),
	);
	if (unreadable.includes(true)) {
		const refusal = {
			code: "transaction_invalid",
			reason: "unreadable",
			message: UNREADABLE,
		} as const;
		if (cameBackTwice) return errorResponse(exchange, { ...refusal, ...audited, retryTo: "/" });
		logRefusal(exchange, { ...refusal, seen: UNREADABLE });
		await audit();
		return startOver(exchange);
	}
	const open = await openAttempts(exchange);
	if (isChanged(params, open))
		return errorResponse(exchange, { ...changed(params, open), ...audited });
	if (cameBackTwice || dropsOurCookies(exchange)) {
		const message =
			"A callback came without the cookie of its attempt: the browser does not keep our cookies";
		return errorResponse(exchange, { action: "login_completed", code: "cookies_blocked", message });
	}
	await audit();
	return startOver(exchange);
}

/** The login page, which says that the attempt had expired. */
function startOver({ gate }: Exchange): Response {
	return redirectResponse(`${loginHref(gate, "/")}?restarted=1`, "GET");
}

/** The attempts that this browser has under way. */
async function openAttempts({
	runtime,
	requestCookies,
	now,
}: Exchange): Promise<LoginTransaction[]> {
	const all = await Promise.all(
		runtime.providers.map((connected) => openTransactions(connected, requestCookies)),
	);
	return all.flat().filter((transaction) => !isExpired(transaction, now));
}

/**
 * Whether the `state` of an answer is not the one that the provider was sent, though this browser
 * has a login under way: it was cut, doubled, encoded anew or replaced. The `state` of an attempt
 * that has no cookie here is none of these: that attempt had expired.
 *
 * The answer is the same for every kind of error, so that nothing shows how much of a made-up
 * `state` is right.
 */
function isChanged(params: URLSearchParams, open: readonly LoginTransaction[]): boolean {
	// proven: changed-without-login
	if (open.length === 0 || !["state", "code", "error"].some((name) => params.has(name)))
		return false;
	const [state = "", ...more] = params.getAll("state");
	if (more.length > 0 || !LIKE_OURS.test(state)) return true; // proven: changed-is-expired
	// proven: expired-is-changed
	return open.some(({ id }) => id.toLowerCase() === state.slice(0, id.length).toLowerCase());
}

/**
 * What the log says of it: no person can sign in where something between the provider and the app
 * rewrites `state`.
 */
function changed(params: URLSearchParams, open: readonly LoginTransaction[]): Failure {
	const states = params.getAll("state");
	const times = states.length === 1 ? "" : `${states.length} times, `;
	const [last] = open;
	const seen = `A callback's state fits none of the ${open.length} open logins of this browser: it came ${times}with ${states[0]?.length ?? 0} characters`;
	const expected = `expected the ${last?.state.length} characters that the provider was sent`;
	const remedy =
		"If it happens at every login, something between the provider and the app rewrites the query of the callback: have it pass the address on as it is";
	return {
		...{ code: "answer_changed", reason: "state", message: `${seen}; ${expected}. ${remedy}` },
		...{ provider: last?.provider },
		// Trying again in a popup would sign in the popup.
		...{
			retryTo: open.some(({ popup }) => popup)
				? undefined
				: open.length === 1
					? last?.returnTo
					: "/",
		},
	};
}

const UNREADABLE =
	"The cookie of a login attempt came back, and no secret here opens it. Is PORTCULLIS_SECRET the same on every replica? It may also have been replaced meanwhile";

/**
 * Moves on from our own site, so that the Strict cookies come along and the guard there can tell
 * who it is.
 */
export async function goHome(
	exchange: Exchange,
	href: string,
	cookies: readonly SetCookie[],
): Promise<Response> {
	const nonce = createNonce();
	const texts = await exchange.texts();
	return htmlResponse(onwardPage({ nonce, href, texts }), {
		status: 200,
		nonce,
		cookies,
		isolate: false,
	});
}

/** WebKit keeps no `Secure` cookie on http://localhost, though other browsers do. */
function dropsOurCookies(exchange: Exchange): boolean {
	const { call, origin } = exchange;
	const agent = call.header("user-agent") ?? "";
	return isPlainLoopback(origin) && /AppleWebKit\//.test(agent) && !/Chrom(e|ium)\//.test(agent);
}
