import type { PopupRequest } from "../../protocol/types.ts";
import type { PopupHandoff } from "../../session/popup-handoff.ts";
import { HANDOFF_LIFETIME, sealPopupHandoff } from "../../session/popup-handoff.ts";
import { clearTransaction } from "../../session/transaction-cookies.ts";
import { popupHandoffPage } from "../../views/popup-pages.ts";
import { logRefusal } from "../answers/refuse.ts";
import { createNonce, htmlResponse } from "../answers/render.ts";
import { errorResponse } from "../answers/responder.ts";
import type { Exchange } from "../exchange.ts";
import type { FoundTransaction } from "./arrival.ts";
import { leavePopupHandoff } from "./handoffs.ts";

/**
 * The end of a login in a popup: a page that gives the sealed result to the window that opened it,
 * and signs no one in here. Only that window has the verifier, without which it is of no use.
 */
export async function answerPopup(
	exchange: Exchange,
	{ connected, transaction }: FoundTransaction,
	{ challenge, ancestors, isOurs }: PopupRequest,
	completed: Pick<PopupHandoff, "login" | "began">,
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
		return errorResponse(exchange, {
			...refusal,
			code: "handoff_invalid",
			reason: "ancestor",
			message,
		});
	}
	const { returnTo } = transaction;
	const content = { ...completed, binding: names.binding, returnTo, sealedAt: exchange.now };
	const handoff = await sealPopupHandoff(runtime.ring, content, { challenge, ancestors, origin });
	let isLeft = false;
	if (isOurs && embedding.hasRendezvous) {
		try {
			await leavePopupHandoff(embedding, challenge, handoff);
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
	const page = popupHandoffPage({ nonce, texts, challenge, handoff, isLeft, href: returnTo });
	return htmlResponse(page, { status: 200, nonce, cookies, isolate: false });
}
