import { routeOf } from "../../audit/audit.ts";
import { equalConstantTime } from "../../base/constant-time.ts";
import { isPortcullisError } from "../../base/errors.ts";
import { isPlainLoopback } from "../../config/origin.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { isFromOwnPage } from "../../guard/forms.ts";
import type { LoginTransaction, PopupRequest } from "../../protocol/types.ts";
import type { CookieNames } from "../../session/cookie-names.ts";
import { type CookieJar, cookieBytes, type SetCookie } from "../../session/cookies.ts";
import { HANDOFF_LIFETIME, type Handoff, sealHandoff } from "../../session/handoff.ts";
import { addHop, MAX_HOPS_BYTES } from "../../session/hops.ts";
import {
	clearTransaction,
	isExpired,
	isUnreadableTransaction,
	openTransactions,
	readTransaction,
	transactionBytes,
} from "../../session/transaction-cookies.ts";
import { UsedTransactions } from "../../session/used-transactions.ts";
import { continuePostPage, onwardPage } from "../../views/move-on.ts";
import { handoffPage } from "../../views/popup-pages.ts";
import { arrivalKey, callbackPath, loginHref, needsIssuer, stepUpKey } from "../answers/links.ts";
import { forbiddenPage } from "../answers/refusals.ts";
import { logRefusal, refuseBackground } from "../answers/refuse.ts";
import { createNonce, htmlResponse, redirectResponse, renderView } from "../answers/render.ts";
import { errorFailure, type Failure, fail } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import type { NewSession } from "../sessions/session-manager.ts";
import { leaveHandoff } from "./handoffs.ts";
import { beginLogin } from "./login.ts";
import { CONTINUE_SEGMENT } from "./paths.ts";
import { readForm } from "./read-form.ts";

/** Suffix of the `state` of an attempt that is already the restart of another. */
const RESTARTED_SUFFIX = ".r";

/** What every `state` of ours looks like: the id of its attempt, and a secret. */
const LIKE_OURS = /^[\w-]{16}\.[\w-]+(\.r)?$/;

/** A callback as it arrived, by whichever way. */
interface Arrival {
	readonly exchange: Exchange;
	readonly params: URLSearchParams;
	/** Name of the provider in the path, where there is one. */
	readonly named: string | undefined;
	/** True if our own page sent it on, with all our cookies. */
	readonly isOwn: boolean;
}

interface FoundTransaction {
	readonly connected: ConnectedProvider;
	readonly transaction: LoginTransaction;
}

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
			refuseFetched(exchange) ??
			this.#finish({ exchange, params: exchange.query, named, isOwn: false })
		);
	}

	/**
	 * `POST /callback`: a provider's `form_post` brings none of our cookies. A page of ours sends the
	 * same fields once more.
	 */
	async handOver(exchange: Exchange): Promise<Response> {
		const refusal = refuseFetched(exchange);
		return refusal ?? this.#continue(exchange, await readForm(exchange.call.request()));
	}

	/** `POST /callback/continue`: the form of `handOver`, sent by our own page, with all cookies. */
	async answerContinue(exchange: Exchange, named: string | undefined): Promise<Response> {
		const { call, origin } = exchange;
		const refusal = refuseFetched(exchange);
		if (refusal) return refusal;
		// proven: form-of-another-page
		const params = isFromOwnPage(call.header, origin) ? await readForm(call.request()) : undefined;
		if (!params)
			return fail(exchange, {
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
			return fail(exchange, {
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
		const { gate, runtime, call, jar, origin } = exchange;
		const found = await findTransaction(arrival);
		if (!found) return answerStranger(arrival);
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
			return fail(exchange, {
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
			return fail(exchange, {
				...refusal,
				code: "transaction_invalid",
				reason: "binding",
				message,
			});
		}
		// Whatever the metadata say by now: without `iss` nobody knows whose answer this is.
		// proven: shared-callback-iss
		if (needsIssuer(gate, runtime) && !arrival.params.has("iss")) {
			const message = "An answer at the shared callback does not say from which provider it comes";
			return fail(exchange, { ...refusal, code: "issuer_mismatch", reason: "iss", message });
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
				return await handOff(exchange, found, transaction.popup, { login, began });
			const otherBytes = bytesBeside(exchange, transaction);
			const signedIn = await gate.sessions.issue(connected, login, {
				...{ runtime, call, jar, otherBytes, began },
			});
			await auditLogin(exchange, transaction, signedIn);
			return moveOn(exchange, transaction, [cleared, ...signedIn.cookies]);
		} catch (error) {
			if (transaction.stepUp && isTooWeak(error))
				return forbidden(exchange, errorFailure(error, refusal));
			const failure = withRedirectUri(errorFailure(error, refusal), transaction.redirectUri);
			const isRefused = failure.code === "provider_error" && arrival.params.has("error");
			return fail(exchange, {
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
function refuseFetched(exchange: Exchange): Response | undefined {
	const { call } = exchange;
	const from = exchange.navigation;
	if (from.isNavigation && !from.isPrefetch && !from.isFramed) return undefined; // proven: background-callback
	const isProgram =
		call.method === "GET" && call.header("sec-fetch-mode") === null && !from.isPrefetch;
	if (isProgram && !exchange.query.has("code")) return undefined;
	return refuseBackground(
		exchange,
		"A login is completed by opening its page, not in the background",
	);
}

/** The provider has signed somebody in, and not as it was asked to. */
function isTooWeak(error: unknown): boolean {
	return (
		isPortcullisError(error) &&
		error.code === "token_invalid" &&
		["acr", "auth_time"].includes(error.reason ?? "")
	);
}

/** To ask once more would bring the same. Whoever was signed in still is. */
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

/**
 * The end of a login in a popup: a page that gives the sealed result to the window that opened it,
 * and signs nobody in here. Only that window has the verifier, without which it is of no use.
 */
async function handOff(
	exchange: Exchange,
	{ connected, transaction }: FoundTransaction,
	{ challenge, ancestors, isOurs }: PopupRequest,
	completed: Pick<Handoff, "login" | "began">,
): Promise<Response> {
	const { gate, runtime, origin } = exchange;
	const { names } = connected;
	const cookies = [
		clearTransaction(names, transaction),
		{
			name: names.handoff,
			value: challenge,
			sameSite: "Strict",
			maxAge: HANDOFF_LIFETIME,
		} as const,
	];
	const { embedding } = gate;
	// proven: popup-signs-in
	if (!embedding.isAllowed(ancestors)) {
		const message = "A login in a popup came back for a frame that embed.ancestors no longer lists";
		const { id, provider } = transaction;
		const refusal = { action: "login_completed", attempt: id, id, provider, cookies } as const;
		return fail(exchange, { ...refusal, code: "handoff_invalid", reason: "ancestor", message });
	}
	const { returnTo } = transaction;
	const content = { ...completed, binding: names.binding, returnTo, sealedAt: exchange.now };
	const handoff = await sealHandoff(runtime.ring, content, { challenge, ancestors, origin });
	let isLeft = false;
	if (isOurs && embedding.hasRendezvous) {
		try {
			await leaveHandoff(embedding, challenge, handoff);
			isLeft = true;
		} catch (cause) {
			const message =
				"A login could not be left in the store; only a window that the popup can reach will have it";
			logRefusal(
				exchange,
				{ code: "state_store_unavailable", seen: message, cause },
				transaction.id,
			);
		}
	}
	const nonce = createNonce();
	const texts = await exchange.texts();
	const page = handoffPage({ nonce, texts, challenge, handoff, isLeft, href: returnTo });
	return htmlResponse(page, { status: 200, nonce, cookies, isolate: false });
}

async function findTransaction({
	exchange,
	params,
}: Arrival): Promise<FoundTransaction | undefined> {
	const { runtime, jar } = exchange;
	const state = params.get("state");
	if (!state || params.getAll("state").length > 1) return undefined; // proven: state-twice
	for (const connected of runtime.providers) {
		const transaction = await readTransaction(connected, jar, state);
		// proven: no-state-cookie
		if (transaction && equalConstantTime(state, transaction.state))
			return { connected, transaction };
	}
	return undefined;
}

/** Bytes of the gate's cookies that a new session has to share the budget with. */
function bytesBeside({ runtime, jar }: Exchange, transaction: LoginTransaction): number {
	return runtime.providers.reduce(
		(sum, { names }) => sum + transactionBytes(jar, names, transaction) + logoutBytes(jar, names),
		MAX_HOPS_BYTES,
	);
}

/**
 * Bytes of a logout that is under way at the provider: its cookie outlives a login that comes
 * quickly after it.
 */
function logoutBytes(jar: CookieJar, { logout }: CookieNames): number {
	const value = jar.get(logout);
	return value === undefined ? 0 : cookieBytes({ name: logout, value });
}

async function moveOn(
	exchange: Exchange,
	{ returnTo: destination, stepUp }: LoginTransaction,
	cookies: readonly SetCookie[],
): Promise<Response> {
	const { gate, call, jar } = exchange;
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
	const all = [...cookies, addHop(jar, stepUp ? stepUpKey(destination) : arrivalKey(destination))];
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
		return fail(exchange, {
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

/**
 * A callback that no attempt of this browser matches: from the history, from a bookmark, from
 * another browser, made up, or because cookies are not kept. Nothing of it is believed, nothing is
 * cleared.
 */
async function answerStranger(arrival: Arrival): Promise<Response> {
	const { exchange, params } = arrival;
	const { gate, runtime, call, jar } = exchange;
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
		runtime.providers.map((connected) => isUnreadableTransaction(connected, jar, state)),
	);
	if (unreadable.includes(true)) {
		const refusal = {
			code: "transaction_invalid",
			reason: "unreadable",
			message: UNREADABLE,
		} as const;
		if (cameBackTwice) return fail(exchange, { ...refusal, ...audited, retryTo: "/" });
		logRefusal(exchange, { ...refusal, seen: UNREADABLE });
		await audit();
		return startOver(exchange);
	}
	const open = await openAttempts(exchange);
	if (isChanged(params, open)) return fail(exchange, { ...changed(params, open), ...audited });
	if (cameBackTwice || dropsOurCookies(exchange)) {
		const message =
			"A callback came without the cookie of its attempt: the browser does not keep our cookies";
		return fail(exchange, { action: "login_completed", code: "cookies_blocked", message });
	}
	await audit();
	return startOver(exchange);
}

/** The login page, which says that the attempt had expired. */
function startOver({ gate }: Exchange): Response {
	return redirectResponse(`${loginHref(gate, "/")}?restarted=1`, "GET");
}

/** The attempts that this browser has under way. */
async function openAttempts({ runtime, jar, now }: Exchange): Promise<LoginTransaction[]> {
	const all = await Promise.all(
		runtime.providers.map((connected) => openTransactions(connected, jar)),
	);
	return all.flat().filter((transaction) => !isExpired(transaction, now));
}

/**
 * Whether the `state` of an answer is not the one that the provider was sent, though this browser
 * has a login under way: it was cut, doubled, encoded anew or replaced. The `state` of an attempt
 * that has no cookie here is none of these: that attempt had expired.
 *
 * The answer is the same whatever is wrong with it, so that nothing shows how much of a made-up
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
 * What the log says of it: nobody can sign in where something between the provider and the app
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

/** A provider that complains about the redirect URI seldom says which one it got. */
function withRedirectUri(failure: Failure, redirectUri: string): Failure {
	if (!/redirect.?uri/i.test(`${failure.reason} ${failure.providerText}`)) return failure;
	const hint = `The redirect URI that was sent is ${redirectUri}; register it with the provider just so`;
	return { ...failure, message: `${failure.message} ${hint}` };
}

/**
 * Moves on from our own site, so that the Strict cookies come along and the guard there can tell
 * who it is.
 */
async function goHome(
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
