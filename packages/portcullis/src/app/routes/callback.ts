import { routeOf } from "../../audit/audit.ts";
import { isPortcullisError } from "../../base/errors.ts";
import { isFromOwnPage } from "../../guard/forms.ts";
import type { LoginTransaction } from "../../protocol/types.ts";
import type { CookieNames } from "../../session/cookie-names.ts";
import { cookieBytes, type RequestCookies, type SetCookie } from "../../session/cookies.ts";
import { addRedirect, MAX_REDIRECT_COUNT_BYTES } from "../../session/redirect-count.ts";
import {
	clearTransaction,
	isExpired,
	transactionBytes,
} from "../../session/transaction-cookies.ts";
import { UsedTransactions } from "../../session/used-transactions.ts";
import { continuePostPage } from "../../views/move-on.ts";
import { arrivalKey, callbackPath, needsIssuer, stepUpKey } from "../answers/links.ts";
import { forbiddenPage } from "../answers/refusals.ts";
import { denyBackground, logRefusal } from "../answers/refuse.ts";
import { createNonce, htmlResponse, renderView } from "../answers/render.ts";
import { errorFailure, errorResponse, type Failure } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import type { NewSession } from "../sessions/session-manager.ts";
import type { Arrival, FoundTransaction } from "./arrival.ts";
import { findTransaction } from "./arrival.ts";
import { beginLogin } from "./login.ts";
import { CONTINUE_SEGMENT } from "./paths.ts";
import { answerPopup } from "./popup-login.ts";
import { readForm } from "./read-form.ts";
import { goHome, handleUnmatched } from "./unmatched-callback.ts";

/** The callback routes of one gate. They remember which attempts this process has redeemed. */
export class CallbackRoutes {
	readonly #used: UsedTransactions = new UsedTransactions();

	/**
	 * `GET /callback`: completes a login and answers with a page that moves on by itself. A redirect
	 * would not do: browsers withhold `SameSite=Strict` cookies from a navigation that another site
	 * began, redirects included (RFC 6265bis section 5.2).
	 */
	async answer(exchange: Exchange, named: string | undefined): Promise<Response> {
		return (
			denyFetched(exchange) ??
			this.#finish({ exchange, params: exchange.query, named, isOwn: false })
		);
	}

	/**
	 * `POST /callback`: a provider's `form_post` brings none of our cookies. A page of ours sends the
	 * same fields once more.
	 */
	async handOver(exchange: Exchange): Promise<Response> {
		const refusal = denyFetched(exchange);
		return refusal ?? this.#continue(exchange, await readForm(exchange.call.request()));
	}

	/** `POST /callback/continue`: the form of `handOver`, sent by our own page, with all cookies. */
	async handleContinue(exchange: Exchange, named: string | undefined): Promise<Response> {
		const { call, origin } = exchange;
		const refusal = denyFetched(exchange);
		if (refusal) return refusal;
		// proven: form-of-another-page
		const params = isFromOwnPage(call.header, origin) ? await readForm(call.request()) : undefined;
		if (!params)
			return errorResponse(exchange, {
				action: "login_completed",
				code: "callback_invalid",
				message: "A form_post was continued by another page than ours, or is unreadable",
				retryTo: "/",
			});
		return this.#finish({ exchange, params, named, isOwn: true });
	}

	async #continue(exchange: Exchange, params: URLSearchParams | undefined): Promise<Response> {
		const { call } = exchange;
		const names = params ? [...params.keys()] : [];
		if (!params || new Set(names).size !== names.length) {
			return errorResponse(exchange, {
				action: "login_completed",
				code: "callback_invalid",
				message: "An answer is unreadable or repeats a parameter",
				retryTo: "/",
			});
		}
		const nonce = createNonce();
		const action = `${new URL(call.url).pathname}/${CONTINUE_SEGMENT}`;
		const page = continuePostPage({
			nonce,
			action,
			fields: Object.fromEntries(params),
			texts: await exchange.texts(),
		});
		return htmlResponse(page, {
			status: 200,
			nonce,
			referrerPolicy: "same-origin",
			isolate: false,
		});
	}

	/**
	 * The order is the one of the threat model: cookie, `state`, age, binding, single use; only then
	 * is anything of the answer believed.
	 */
	async #finish(arrival: Arrival): Promise<Response> {
		const { exchange, named } = arrival;
		const { gate, runtime, call, requestCookies, origin } = exchange;
		const found = await findTransaction(arrival);
		if (!found) return handleUnmatched(arrival);
		const { connected, transaction } = found;
		const { provider, names } = connected;
		const cleared = clearTransaction(names, transaction);
		// Trying again in a popup would sign in the popup.
		const retryTo = transaction.popup ? undefined : transaction.returnTo;
		const { id } = transaction;
		const refusal = {
			...{ id, attempt: id, provider: provider.name, cookies: [cleared], retryTo },
			action: "login_completed" as const,
		};

		// proven: callback-of-other-provider
		if (named !== undefined && named !== provider.name) {
			const message = `An attempt with ${provider.name} came back to the callback of ${named}`;
			const mismatch = { code: "answer_changed", reason: "provider_mismatch" } as const;
			return errorResponse(exchange, {
				...refusal,
				...mismatch,
				auditReason: "transaction_invalid",
				message,
			});
		}
		const expectedUri = origin + callbackPath(gate, runtime, provider);
		// proven: changed-binding
		if (transaction.issuer !== provider.issuer || transaction.redirectUri !== expectedUri) {
			const message =
				"The attempt was started with another issuer or redirect URI than those configured now";
			return errorResponse(exchange, {
				...refusal,
				code: "transaction_invalid",
				reason: "binding",
				message,
			});
		}
		// Even if the metadata now say otherwise: without `iss` the sender of the answer is unknown.
		// proven: shared-callback-iss
		if (needsIssuer(gate, runtime) && !arrival.params.has("iss")) {
			const message = "An answer at the shared callback does not say from which provider it comes";
			return errorResponse(exchange, {
				...refusal,
				code: "issuer_mismatch",
				reason: "iss",
				message,
			});
		}
		// A session that is there, by a step-up or because a login in another tab was quicker, is to
		// end with this one: for that its cookies are needed, which only our own page brings.
		const replaces = transaction.stepUp || (exchange.isProbablySignedIn && !transaction.popup); // proven: two-logins
		if (replaces && !arrival.isOwn) return this.#continue(exchange, arrival.params);
		// proven: late-callback
		if (isExpired(transaction, exchange.now) || !this.#used.take(transaction.id, exchange.now)) {
			return restart(arrival, found);
		}
		const began = exchange.now;
		try {
			const login = await provider.complete(transaction, arrival.params);
			if (transaction.popup)
				return await answerPopup(exchange, found, transaction.popup, { login, began });
			const otherBytes = bytesBeside(exchange, transaction);
			const signedIn = await gate.sessions.issue(connected, login, {
				...{ runtime, call, requestCookies, otherBytes, began },
			});
			await auditLogin(exchange, transaction, signedIn);
			return moveOn(exchange, transaction, [cleared, ...signedIn.cookies]);
		} catch (error) {
			if (transaction.stepUp && isTooWeak(error))
				return forbidden(exchange, errorFailure(error, refusal));
			const failure = withRedirectUri(errorFailure(error, refusal), transaction.redirectUri);
			const isRefused = failure.code === "provider_error" && arrival.params.has("error");
			return errorResponse(exchange, {
				...failure,
				...(isRefused ? { auditReason: "provider_refused" as const } : {}),
			});
		}
	}
}

/**
 * A code can be redeemed once. A browser that only loads ahead, a frame, an image or a fetch must
 * not be what it is redeemed for: nothing is looked at, and the attempt stays as it is for the
 * navigation that is meant.
 *
 * A program that brings no code has nothing to redeem, and is told what the answer means.
 */
function denyFetched(exchange: Exchange): Response | undefined {
	const { call } = exchange;
	const from = exchange.navigation;
	if (from.isNavigation && !from.isPrefetch && !from.isFramed) return undefined; // proven: background-callback
	const isProgram =
		call.method === "GET" && call.header("sec-fetch-mode") === null && !from.isPrefetch;
	if (isProgram && !exchange.query.has("code")) return undefined;
	return denyBackground(
		exchange,
		"A login is completed by opening its page, not in the background",
	);
}

/** The provider has signed the person in, but not as the request asked for. */
function isTooWeak(error: unknown): boolean {
	return (
		isPortcullisError(error) &&
		error.code === "token_invalid" &&
		["acr", "auth_time"].includes(error.reason ?? "")
	);
}

/**
 * To ask the provider once more would bring the same. A person who was signed in stays signed in.
 */
async function forbidden(exchange: Exchange, failure: Failure): Promise<Response> {
	const { gate, call } = exchange;
	const { id, provider, reason, attempt, cookies = [] } = failure;
	const message =
		"A person was to sign in again, more recently or more strongly, and the provider did not see to it";
	logRefusal(exchange, { code: "step_up_required", seen: message, provider, reason }, id);
	await gate.audit?.emit("login_completed", "failure", {
		...{ provider, attempt, errorId: id, reason: "step_up_required", route: routeOf(call.url) },
	});
	const identity = await exchange.identity();
	return forbiddenPage(exchange, identity?.user, cookies);
}

async function auditLogin(
	{ gate, call }: Exchange,
	{ provider, id: attempt }: LoginTransaction,
	signedIn: NewSession,
): Promise<void> {
	const route = routeOf(call.url);
	const details = { provider, ...detailsOf(signedIn), route, attempt };
	await gate.audit?.emit("login_completed", "success", details);
}

/** Bytes of the gate's cookies that a new session has to share the budget with. */
function bytesBeside({ runtime, requestCookies }: Exchange, transaction: LoginTransaction): number {
	return runtime.providers.reduce(
		(sum, { names }) =>
			sum +
			transactionBytes(requestCookies, names, transaction) +
			logoutBytes(requestCookies, names),
		MAX_REDIRECT_COUNT_BYTES,
	);
}

/**
 * Bytes of a logout that is under way at the provider: its cookie outlives a login that comes
 * quickly after it.
 */
function logoutBytes(requestCookies: RequestCookies, { logout }: CookieNames): number {
	const value = requestCookies.get(logout);
	return value === undefined ? 0 : cookieBytes({ name: logout, value });
}

async function moveOn(
	exchange: Exchange,
	{ returnTo: destination, stepUp }: LoginTransaction,
	cookies: readonly SetCookie[],
): Promise<Response> {
	const { gate, call, requestCookies } = exchange;
	const nonce = createNonce();
	const context = {
		kind: "callback",
		endpoints: gate.paths.endpoints,
		request: call.request(),
		nonce,
		homeHref: "/",
		texts: await exchange.texts(),
		providers: [],
		destination,
	} as const;
	const all = [
		...cookies,
		addRedirect(requestCookies, stepUp ? stepUpKey(destination) : arrivalKey(destination)),
	];
	return renderView(
		gate.views,
		"callback",
		context,
		{ status: 200, nonce, cookies: all, isolate: false },
		gate.platform.log,
	);
}

/**
 * An attempt of this browser that is too old, or was redeemed a moment ago: begun again once, with
 * the same return target.
 */
async function restart(
	arrival: Arrival,
	{ connected, transaction }: FoundTransaction,
): Promise<Response> {
	const { exchange } = arrival;
	const { gate, call } = exchange;
	const { returnTo, id, restarted, popup } = transaction;
	const cookies = [clearTransaction(connected.names, transaction)];
	if (!restarted || (!popup && exchange.isProbablySignedIn))
		await gate.audit?.emit("login_completed", "failure", {
			provider: connected.provider.name,
			route: routeOf(call.url),
			attempt: id,
			reason: isExpired(transaction, exchange.now) ? "attempt_expired" : "attempt_reused",
		});
	if (!popup && exchange.isProbablySignedIn) return goHome(exchange, returnTo, cookies);
	if (restarted) {
		const message = "A login was restarted once, and its answer came late or twice again";
		return errorResponse(exchange, {
			action: "login_completed",
			code: "transaction_reused",
			message,
			id,
			attempt: id,
			provider: connected.provider.name,
			cookies,
			retryTo: popup ? undefined : returnTo,
		});
	}
	return beginLogin(exchange, { connected, returnTo, restarted: true, cookies, popup });
}

/** A provider that complains about the redirect URI seldom says which one it got. */
function withRedirectUri(failure: Failure, redirectUri: string): Failure {
	if (!/redirect.?uri/i.test(`${failure.reason} ${failure.providerText}`)) return failure;
	const hint = `The redirect URI that was sent is ${redirectUri}; register it with the provider just so`;
	return { ...failure, message: `${failure.message} ${hint}` };
}
