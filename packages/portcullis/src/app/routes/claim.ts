import { routeOf } from "../../audit/audit.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { isOwnScript } from "../../guard/forms.ts";
import { deleteCookie } from "../../session/cookies.ts";
import { challengeOf, openPopupHandoff, type PopupHandoff } from "../../session/popup-handoff.ts";
import { MAX_REDIRECT_COUNT_BYTES } from "../../session/redirect-count.ts";
import type { ClaimAnswer, ClaimRequest } from "../../wire/popup.ts";
import { deny, denyForged, denyQuietly, where } from "../answers/refuse.ts";
import { jsonResponse } from "../answers/render.ts";
import { errorFailure, errorResponse } from "../answers/responder.ts";
import { sessionAnswer } from "../answers/session-answer.ts";
import type { Exchange } from "../exchange.ts";
import { detailsOf } from "../sessions/audit-details.ts";
import { ENDED_MEANWHILE, type NewSession } from "../sessions/session-manager.ts";
import { ClaimLimits } from "./claim-limits.ts";
import { takePopupHandoff } from "./handoffs.ts";
import { readText } from "./read-body.ts";

/** A popup handoff holds all tokens of a login. */
const MAX_BYTES = 131_072;
const MAX_ANCESTORS = 8;
/** When to ask again. Seconds. */
const RETRY_AFTER = 1;

/**
 * `POST claim`: turns the popup handoff of a login popup into the session of the window that opened
 * it.
 */
export class ClaimRoutes {
	readonly #limits: ClaimLimits;

	/** @param now milliseconds since the epoch. */
	constructor(now: () => number) {
		this.#limits = new ClaimLimits(now);
	}

	/**
	 * The order: ours, not too often, well-formed, an allowed parent, not used, opens. Only then is
	 * there a session.
	 */
	async answer(exchange: Exchange): Promise<Response> {
		const { gate, runtime, call, origin } = exchange;
		const site = call.header("sec-fetch-site");
		// proven: claim-csrf
		if (!isOwnScript(call.header, origin) || (site !== null && site !== "same-origin"))
			return denyForged(exchange);
		if (!this.#limits.takeAddress(gate.findCounted(call)))
			return tooMany(exchange, "an address that sends more claims than any window needs");
		const claim = parseClaim(await readText(call.request(), MAX_BYTES));
		const challenge = claim && (await challengeOf(claim.verifier));
		if (!claim || !challenge) {
			const expected = "JSON with verifier, ancestors and maybe handoff";
			const title = "This is no claim";
			return deny(exchange, {
				status: 400,
				code: "body_invalid",
				title,
				seen: `${where(call)} had another body`,
				expected,
			});
		}
		const turn = this.#limits.takeHash(challenge);
		// proven: claim-too-often
		if (turn === "later") return tooMany(exchange, "a hand-off that was asked for a moment ago");
		if (turn === "never")
			return denyHandoff(exchange, "too_often", "A hand-off was asked for too often");

		const { embedding } = gate;
		const { ancestors } = claim;
		// proven: claim-ancestors
		if (!embedding.isAllowed(ancestors))
			return denyHandoff(
				exchange,
				"ancestor",
				"A hand-off was claimed in a frame of a page that embed.ancestors does not list",
			);
		if (claim.handoff === undefined && !embedding.hasRendezvous)
			// Every window asks once, and is told by this to wait for the popup's message: nothing is
			// wrong.
			return denyQuietly("not_found", { status: 404, title: "Hand-offs are not kept here" });
		let found: PopupHandoff | undefined;
		try {
			const taken = await takePopupHandoff(embedding, challenge, claim.handoff, async (sealed) => {
				found = await openPopupHandoff(
					runtime.ring,
					sealed,
					{ challenge, ancestors, origin },
					exchange.now,
				);
				return found !== undefined;
			});
			if (taken === "pending") return jsonResponse({ status: "pending" } satisfies ClaimAnswer);
			if (taken === "used") return denyHandoff(exchange, "used", "A hand-off was claimed twice");
		} catch (error) {
			return errorResponse(exchange, errorFailure(error, {}));
		}
		const completed =
			found && runtime.providers.find(({ names }) => names.binding === found?.binding);
		if (!found || !completed)
			return denyHandoff(
				exchange,
				"binding",
				"A hand-off was too old, or made for another window, page or provider",
			);
		return this.#signIn(exchange, { handoff: found, completed, challenge, ancestors });
	}

	async #signIn(
		exchange: Exchange,
		{ handoff, completed, challenge, ancestors }: Claimed,
	): Promise<Response> {
		const { gate, runtime, call } = exchange;
		const requestCookies = exchange.requestCookies;
		// The popup has left a Strict cookie. Where it comes along, the window keeps ordinary cookies;
		// in another site's frame it never does.
		const isOrdinary = requestCookies.get(completed.names.handoff) === challenge;
		// proven: claim-cookies
		if (!isOrdinary && ancestors.length === 0)
			return denyHandoff(
				exchange,
				"cookies",
				"A hand-off was claimed outside of frames, by a browser without the popup's cookie",
			);
		const connected = isOrdinary
			? completed
			: (runtime.embedded.find(
					({ provider }) => provider === completed.provider,
				) as ConnectedProvider);
		let signedIn: NewSession;
		try {
			const began = handoff.began ?? handoff.sealedAt;
			const target = { runtime, call, requestCookies, otherBytes: MAX_REDIRECT_COUNT_BYTES, began };
			signedIn = await gate.sessions.issue(connected, handoff.login, target);
		} catch (error) {
			return errorResponse(
				exchange,
				errorFailure(error, { action: "login_completed", provider: connected.provider.name }),
			);
		}
		const used = isOrdinary ? [deleteCookie(completed.names.handoff, "Strict")] : [];
		const all = [...signedIn.cookies, ...used];
		const identity = await gate.identities.admit(connected, signedIn.session);
		// proven: claimed-nobody
		if (!identity)
			return errorResponse(exchange, {
				...{
					action: "login_completed",
					auditReason: "session_ended",
					provider: connected.provider.name,
				},
				...{ code: "login_required", reason: ENDED_MEANWHILE },
				message: "The session of a hand-off had ended, or was not accepted, when it was taken over",
			});
		await gate.audit?.emit("login_completed", "success", {
			provider: connected.provider.name,
			...detailsOf(identity),
			route: routeOf(call.url),
			reason: "popup_tokens_synced",
		});
		const answer: ClaimAnswer = {
			status: "signed_in",
			session: sessionAnswer(identity),
			redirectTo: handoff.returnTo,
		};
		return jsonResponse(answer, all);
	}
}

interface Claimed {
	readonly handoff: PopupHandoff;
	/** The provider with its ordinary cookies. */
	readonly completed: ConnectedProvider;
	readonly challenge: string;
	readonly ancestors: readonly string[];
}

/** What a stranger sent: each member is looked at, and nothing else of it is used. */
function parseClaim(text: string | undefined): ClaimRequest | undefined {
	try {
		const { verifier, ancestors, handoff } = JSON.parse(text ?? "") as Record<string, unknown>;
		// proven: claim-shape
		if (
			typeof verifier !== "string" ||
			!Array.isArray(ancestors) ||
			ancestors.length > MAX_ANCESTORS
		)
			return undefined;
		if (!ancestors.every((one): one is string => typeof one === "string")) return undefined;
		if (handoff !== undefined && typeof handoff !== "string") return undefined;
		return { verifier, ancestors, ...(handoff === undefined ? {} : { handoff }) };
	} catch {
		return undefined;
	}
}

function denyHandoff(exchange: Exchange, reason: string, message: string): Promise<Response> {
	return errorResponse(exchange, {
		action: "login_completed",
		code: "handoff_invalid",
		reason,
		message,
	});
}

function tooMany(exchange: Exchange, from: string): Response {
	const { call } = exchange;
	const headers = { "Retry-After": String(RETRY_AFTER) };
	const seen = `${where(call)} came once more from ${from}`;
	return deny(exchange, {
		status: 429,
		code: "too_many_requests",
		title: "Too many requests",
		headers,
		seen,
	});
}
