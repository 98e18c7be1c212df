import type { SessionAnswer } from "./session-answer.ts";

/** Fields of the form that starts a popup: what the window that opens it says of itself. */
export const POPUP_FIELDS = {
	/** SHA-256 of the verifier, base64url. Says that the form is about a popup. */
	challenge: "challenge",
	/**
	 * Origins of the pages above the window, from its parent to the top, with spaces between them;
	 * empty at the top.
	 */
	ancestors: "ancestors",
	/** Where to go after login. */
	redirectTo: "redirect_to",
	/** What the page that asked the person has put in. */
	confirmed: "confirmed",
} as const;

/**
 * What a popup says to the window that opened it, by `postMessage`. Anything else that comes is not
 * for it.
 */
export interface PopupMessage {
	readonly type: typeof POPUP_MESSAGE;
	/** Of the popup that was opened. */
	readonly challenge: string;
	/** Sealed by the server: of no use without the verifier. */
	readonly handoff: string;
}

export const POPUP_MESSAGE = "portcullis:handoff";

/** What `POST /_portcullis/claim` takes. */
export interface ClaimRequest {
	/** 32 random bytes, base64url: never left the window that made it. */
	readonly verifier: string;
	/** As when the popup was opened. */
	readonly ancestors: readonly string[];
	/** What the popup said. Without it the server looks whether the popup has left it there. */
	readonly handoff?: string;
}

/**
 * What became of `client.login()` in a frame. `lost`: nothing came back in three minutes, or
 * nothing can come any more; the person may have closed the window, or may be signed in there.
 * `refused`: what came back was not taken.
 */
export type LoginOutcome = "signed_in" | "lost" | "refused";

/** What `POST /_portcullis/claim` answers; otherwise it is a problem. */
export type ClaimAnswer =
	| { readonly status: "signed_in"; readonly session: SessionAnswer; readonly redirectTo: string }
	/** The popup has left nothing yet: ask again in a second. */
	| { readonly status: "pending" };
