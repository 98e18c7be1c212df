import { type AuditReason, routeOf } from "../../audit/audit.ts";
import { type AnyErrorCode, LoginError } from "../../base/errors.ts";
import { keepsSecureCookies } from "../../config/origin.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import type { StepUpRequirement } from "../../guard/step-up.ts";
import type { Provider } from "../../protocol/provider.ts";
import type { PopupRequest } from "../../protocol/types.ts";
import type { SetCookie } from "../../session/cookies.ts";
import { writeTransaction } from "../../session/transaction-cookies.ts";
import { onwardPage } from "../../views/move-on.ts";
import type { PopupContext } from "../../views/types.ts";
import { callbackPath, needsIssuer, runsInPopup, viewProviders } from "../answers/links.ts";
import { denyBackground } from "../answers/refuse.ts";
import { createNonce, htmlResponse, redirectResponse, renderView } from "../answers/render.ts";
import { errorFailure, errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import { createStartProof, logUnknownStart, startOrigin } from "./start-proof.ts";

/**
 * `GET /login`: a button for each provider. Never leads to one by itself, so that no person can be
 * made to sign in.
 *
 * @param unknown Where the page is shown because the browser did not say where a login was to be
 *   begun from. `id`: of the log line, if there is one.
 */
export async function handleLogin(
	exchange: Exchange,
	unknown?: { readonly id: string | undefined },
): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const query = exchange.query;
	// `target_link_uri` is what third-party-initiated login calls it (OpenID Connect Core 1.0 section
	// 4).
	const redirectTo = exchange.returnTarget(
		query.get("redirect_to") ?? query.get("target_link_uri"),
	);
	const restarted = query.get("restarted") === "1";
	const identity = await exchange.identity();
	const nonce = createNonce();
	const framed = framedOf(exchange);
	const { from, cookies } = await createStartProof(exchange);
	const providers = viewProviders(gate, redirectTo, { restarted, from }).map((shown) => {
		const { provider } =
			runtime.providers.find((connected) => connected.provider.name === shown.name) ?? {};
		const usesPopup =
			provider !== undefined && runsInPopup(provider, call.request(), framed !== "no");
		if (usesPopup) return { ...shown, opens: "popup" as const };
		return framed === "yes" ? { ...shown, opens: "tab" as const } : shown;
	});
	const hasPopups = providers.some((shown) => "opens" in shown && shown.opens === "popup");
	const context = {
		kind: "login",
		request: call.request(),
		nonce,
		homeHref: "/",
		texts: await exchange.texts(),
		providers,
		redirectTo,
		user: identity && { name: identity.user.name },
		notice: unknown ? "origin_unknown" : restarted ? "attempt_expired" : undefined,
		noticeId: unknown?.id,
		popup: hasPopups
			? { ...popupContext(exchange), onlyInFrames: framed === "unknown" }
			: undefined,
	} as const;
	return renderView(
		gate.views,
		"login",
		context,
		{
			status: 200,
			nonce,
			cookies,
			referrerPolicy: "same-origin",
			framing: gate.embedding.framing,
			...(hasPopups ? { isolate: false, connects: true } : {}),
		},
		gate.platform.log,
	);
}

/**
 * Whether the page is in a frame. Where a browser does not say, it matters only to apps that may be
 * in one.
 */
function framedOf(exchange: Exchange): "yes" | "no" | "unknown" {
	const { gate, call } = exchange;
	if (exchange.navigation.isFramed) return "yes";
	return call.header("sec-fetch-dest") === null && gate.embedding.ancestors.length > 0
		? "unknown"
		: "no";
}

/** What the script of a page needs that opens popups. */
export function popupContext(exchange: Exchange): PopupContext {
	const { gate } = exchange;
	const { ancestors } = gate.embedding;
	// Not every browser tells a frame who is above it. Where there is only one that may be, the
	// answer is known.
	return {
		endpoints: gate.paths.endpoints,
		onlyAncestor: ancestors.length === 1 ? ancestors[0] : undefined,
	};
}

/**
 * `GET /login/<provider>`: begins a login and leads to the provider.
 *
 * Only for a person's own navigation. Prefetches, images, frames and fetches begin nothing, and a
 * navigation from another site gets the login page, so that a login cannot be forced. No parameter
 * of the query reaches the authorization request.
 */
export async function handleStart(exchange: Exchange, name: string): Promise<Response> {
	const { gate, runtime } = exchange;
	const connected = runtime.providers.find(({ provider }) => provider.name === name);
	if (!connected)
		return errorResponse(exchange, {
			action: "login_started",
			code: "not_found",
			message: "A login was started for a provider that is not configured",
			retryTo: "/",
		});
	const from = exchange.navigation;
	// In a frame that may be, the login page knows how to begin.
	if (from.isNavigation && from.isFramed && !from.isPrefetch && gate.embedding.ancestors.length > 0)
		return handleLogin(exchange);
	if (!from.isNavigation || from.isPrefetch || from.isFramed) return denyBackground(exchange);
	const begunAt = await startOrigin(exchange);
	if (begunAt === "unknown") return handleLogin(exchange, { id: logUnknownStart(exchange) });
	if (begunAt === "foreign") return handleLogin(exchange);

	const query = exchange.query;
	const returnTo = exchange.returnTarget(query.get("redirect_to"));
	return beginLogin(exchange, { connected, returnTo, restarted: query.get("restarted") === "1" });
}

/** What a login is begun with. */
export interface LoginStart {
	readonly connected: ConnectedProvider;
	/** Checked. */
	readonly returnTo: string;
	/** True for the one restart of an attempt that could not be completed. */
	readonly restarted: boolean;
	/** For a login in a popup. */
	readonly popup?: PopupRequest | undefined;
	/** What a signed-in person has to sign in again for. Until then they stay signed in. */
	readonly stepUp?: StepUpRequirement | undefined;
	/** Cookies to be set besides: the deletion of the attempt before. */
	readonly cookies?: readonly SetCookie[];
}

/** Makes a transaction, ends what was signed in here before, and redirects to the provider. */
export async function beginLogin(exchange: Exchange, start: LoginStart): Promise<Response> {
	const { gate, runtime, call } = exchange;
	const { connected, returnTo, restarted } = start;
	const origin = exchange.knownOrigin ?? "null";
	const { provider } = connected;
	if (!keepsSecureCookies(origin)) {
		const hint =
			call.header("x-forwarded-proto") === "https" ||
			/proto="?https/i.test(call.header("forwarded") ?? "")
				? "A proxy says that the browser used https, but trustProxy does not trust it: set PORTCULLIS_ORIGIN, or trustProxy"
				: "If people do use https, a proxy ends TLS and the gate does not know: set PORTCULLIS_ORIGIN";
		const message = `The browser reached the app at ${origin}: over plain http it drops every Secure cookie. ${hint}`;
		return errorResponse(exchange, {
			action: "login_started",
			code: "insecure_origin",
			message,
			provider: provider.name,
		});
	}
	const { popup, stepUp } = start;
	const created = provider.createTransaction({
		redirectUri: origin + callbackPath(gate, runtime, provider),
		returnTo,
		restarted,
		maxAge: stepUp?.maxAge,
		acrValues: stepUp?.acrValues,
	});
	const transaction = {
		...created,
		...(popup ? { popup } : {}),
		...(stepUp ? { stepUp: true } : {}),
	};
	let location: URL;
	try {
		if (needsIssuer(gate, runtime)) await requireIssuer(provider);
		location = await provider.authorizationUrl(transaction, { prompt: stepUp?.prompt });
		void gate.outliving?.look(provider);
	} catch (error) {
		const retryTo = popup ? undefined : returnTo;
		const attempt = transaction.id;
		// proven: start-lost-id
		const details = {
			action: "login_started",
			attempt,
			id: attempt,
			provider: provider.name,
			retryTo,
		} as const;
		const failure = errorFailure(error, details);
		return errorResponse(exchange, { ...failure, auditReason: startReason(failure.code) });
	}
	const uiLocales = gate.languages.uiLocales(call);
	if (uiLocales.length > 0 && !location.searchParams.has("ui_locales"))
		location.searchParams.set("ui_locales", uiLocales.join(" "));
	const requestCookies = exchange.requestCookies;
	const others = runtime.providers.filter((other) => other !== connected);
	const begun = await writeTransaction(connected, requestCookies, transaction, others);
	await gate.audit?.emit("login_started", "success", {
		provider: provider.name,
		route: routeOf(call.url),
		attempt: transaction.id,
	});
	if (popup) {
		// A page instead of a redirect: the form-action of the opener covers redirects as well. What is
		// signed in here is not the popup's.
		const nonce = createNonce();
		const cookies = [...(start.cookies ?? []), ...begun];
		return htmlResponse(onwardPage({ nonce, href: location.href, texts: await exchange.texts() }), {
			status: 200,
			nonce,
			cookies,
			isolate: false,
		});
	}
	if (stepUp) return redirectResponse(location.href, call.method, begun);
	// The session of the person who was signed in ends before the provider is asked: nothing of
	// theirs may be left for the next person.
	const ended = await gate.sessions.leave(runtime, call, requestCookies);
	return redirectResponse(location.href, "GET", [...ended, ...(start.cookies ?? []), ...begun]);
}

/**
 * @throws {LoginError} if the provider does not name itself in its answers: at a shared callback
 *   they could be another's.
 */
async function requireIssuer(provider: Provider): Promise<void> {
	if ((await provider.metadata()).sendsIssuer) return;
	const reason = "authorization_response_iss_parameter_supported";
	const message =
		"The provider does not name itself in its answers (RFC 9207), so it needs a callback of its own. Leave sharedCallback out.";
	throw new LoginError("provider_misconfigured", message, { provider: provider.name, reason });
}

/** Nothing was exchanged yet: the provider was only looked up. */
function startReason(code: AnyErrorCode): AuditReason | undefined {
	return code === "provider_error" || code === "provider_misconfigured"
		? "provider_refused"
		: undefined;
}
