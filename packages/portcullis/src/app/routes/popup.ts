import { createFormToken, isFormToken, isFromOwnPage } from "../../guard/forms.ts";
import type { PopupRequest } from "../../protocol/types.ts";
import { isChallenge } from "../../session/popup-handoff.ts";
import { onwardPage } from "../../views/move-on.ts";
import { popupAskPage, popupChoosePage } from "../../views/popup-pages.ts";
import { POPUP_FIELDS } from "../../wire/popup.ts";
import { runsInPopup, startHref, viewProviders } from "../answers/links.ts";
import { denyBackground, denyMethod } from "../answers/refuse.ts";
import { createNonce, htmlResponse } from "../answers/render.ts";
import { errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import { beginLogin } from "./login.ts";
import { readForm } from "./read-form.ts";
import { createStartProof, logUnknownStart, nonceOf } from "./start-proof.ts";

/**
 * `POST /login` and `POST /login/<provider>`: begins a login in a popup, whose result goes to the
 * window that opened it.
 *
 * An attacker who could make a browser start this with the attacker's own hash could claim the
 * session that comes of it. So it is a form, which no link and no redirect can send, and it has to
 * come from the app's own page by `Origin` and `Sec-Fetch-Site`. From anywhere else the person is
 * asked, by name of the pages that are said to want it, and the result is never left in the store,
 * where another party could fetch it.
 *
 * None of its answers sends `Cross-Origin-Opener-Policy`: the opener would be cut off.
 */
export async function handlePopupStart(
	exchange: Exchange,
	name: string | undefined,
): Promise<Response> {
	const { gate, runtime, call, origin } = exchange;
	const from = exchange.navigation;
	// proven: popup-in-background
	if (!from.isNavigation || from.isPrefetch || from.isFramed) return denyBackground(exchange);
	const form = await readForm(call.request());
	// Anything else that is posted here begins nothing: the page is there to be opened.
	if (!form?.has(POPUP_FIELDS.challenge)) return denyMethod(exchange, "GET");
	const popup = readPopup(form);
	if (!popup)
		return errorResponse(exchange, {
			action: "login_started",
			code: "handoff_invalid",
			reason: "form",
			message: "A popup was started without a good form",
		});
	// proven: popup-ancestors
	if (!gate.embedding.isAllowed(popup.ancestors)) {
		const message = `A popup was started for a frame of ${popup.ancestors.join(" in ")}, which embed.ancestors does not list`;
		return errorResponse(exchange, {
			action: "login_started",
			code: "handoff_invalid",
			reason: "ancestor",
			message,
		});
	}
	const returnTo = exchange.returnTarget(form.get(POPUP_FIELDS.redirectTo));
	// A page of ours with `Referrer-Policy: no-referrer` says `null`; what a browser says of the site
	// is above that.
	const isOwn =
		from.site === "same-origin" && [origin, "null"].includes(call.header("origin") ?? "");
	const confirmed = form.get(POPUP_FIELDS.confirmed);
	const proof = await createStartProof(exchange);
	const browser = nonceOf(exchange.requestCookies);
	const action = `popup ${popup.challenge} ${popup.ancestors.join(" ")}`;
	const fields = {
		[POPUP_FIELDS.challenge]: popup.challenge,
		[POPUP_FIELDS.ancestors]: popup.ancestors.join(" "),
		[POPUP_FIELDS.redirectTo]: returnTo,
	};
	const isBound = (to: string | undefined) =>
		isFormToken(runtime.ring, confirmed, action, to, exchange.now);
	// Where the browser says nothing at all, the form is known by the cookie that went with it.
	const isSilent = from.site === undefined && [null, "null"].includes(call.header("origin"));
	const isConfirmed =
		confirmed !== null &&
		(isFromOwnPage(call.header, origin)
			? (await isBound(undefined)) || (await isBound(browser))
			: isSilent && browser !== undefined && (await isBound(browser)));
	const nonce = createNonce();
	const texts = await exchange.texts();
	if (confirmed === null ? !isOwn : !isConfirmed) {
		if (confirmed !== null && isSilent) logUnknownStart(exchange);
		const [cookie] = proof.cookies;
		const token = await createFormToken(runtime.ring, action, cookie?.value, exchange.now);
		const page = popupAskPage({
			nonce,
			texts,
			ancestors: popup.ancestors,
			action: new URL(call.url).pathname,
			fields: { ...fields, [POPUP_FIELDS.confirmed]: token },
		});
		const { cookies } = proof;
		return htmlResponse(page, {
			status: 403,
			nonce,
			cookies,
			referrerPolicy: "same-origin",
			isolate: false,
		});
	}
	const [only, ...more] = runtime.providers;
	const connected =
		name === undefined
			? more.length === 0
				? only
				: undefined
			: runtime.providers.find(({ provider }) => provider.name === name);
	if (!connected && name !== undefined)
		return errorResponse(exchange, {
			action: "login_started",
			code: "not_found",
			message: "A login was started for a provider that is not configured",
		});
	if (!connected) {
		const carried =
			confirmed === null ? fields : { ...fields, [POPUP_FIELDS.confirmed]: confirmed };
		const page = popupChoosePage({
			nonce,
			texts,
			providers: viewProviders(gate, returnTo),
			fields: carried,
		});
		return htmlResponse(page, {
			status: 200,
			nonce,
			referrerPolicy: "same-origin",
			isolate: false,
		});
	}
	if (!runsInPopup(connected.provider, call.request(), popup.ancestors.length > 0)) {
		// This provider wants none: what was opened is simply a new tab.
		const page = onwardPage({ nonce, texts, href: startHref(gate, connected.provider, returnTo) });
		return htmlResponse(page, { status: 200, nonce, referrerPolicy: "same-origin" });
	}
	return beginLogin(exchange, {
		connected,
		returnTo,
		restarted: false,
		popup: { ...popup, isOurs: confirmed === null },
	});
}

function readPopup(form: URLSearchParams): Omit<PopupRequest, "isOurs"> | undefined {
	const challenge = form.get(POPUP_FIELDS.challenge);
	const ancestors = form.get(POPUP_FIELDS.ancestors);
	// proven: popup-form
	if (
		!isChallenge(challenge) ||
		ancestors === null ||
		[...new Set(form.keys())].length !== form.size
	)
		return undefined;
	return { challenge, ancestors: ancestors.split(" ").filter(Boolean) };
}
