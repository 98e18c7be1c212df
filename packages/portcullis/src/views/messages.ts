import type { ErrorCode, StateErrorCode, TokenErrorCode } from "../base/errors.ts";

/** What a person reads about an error. */
export interface Message {
	/** One short sentence or phrase, for the heading and the window's title. */
	readonly title: string;
	/** What happened and what to do. */
	readonly message: string;
	/**
	 * True if the same attempt can end well when it is made again: the error view then offers "Try
	 * again".
	 */
	readonly retry: boolean;
}

/** The English message of an error code; of `internal_error` for a code that is unknown here. */
export function messageFor(code: string): Message {
	return Object.hasOwn(messages, code)
		? messages[code as keyof typeof messages]
		: messages.internal_error;
}

/** The codes that a page can show. */
export type MessageCode = Exclude<ErrorCode, StateErrorCode | TokenErrorCode>;

/**
 * A message for each code that a page can show: the compiler refuses a record that lacks one.
 * Neutral throughout: reasons belong into the log.
 */
export const messages: Readonly<Record<MessageCode, Message>> = {
	access_denied: {
		title: "Sign-in was not completed",
		message:
			"Sign-in was cancelled, or the sign-in service did not allow it for this app. You can try again, or ask the person who runs this app for access.",
		retry: true,
	},
	answer_changed: {
		title: "The answer does not fit",
		message:
			"The answer of the sign-in service does not fit the sign-in that was begun here, so you were not signed in. Please sign in again. If it happens twice, give the error id to the person who runs this app.",
		retry: true,
	},
	callback_invalid: {
		title: "Sign-in could not be completed",
		message:
			"The answer of the sign-in service was incomplete or did not fit. Please start again from the app rather than from a bookmark or an old tab.",
		retry: true,
	},
	clock_skew: {
		title: "The clocks do not agree",
		message:
			"The sign-in service and this app disagree about the time, so the sign-in could not be confirmed. Please try again in a moment. If it stays like this, ask the person who runs this app to check the server's clock.",
		retry: true,
	},
	config_invalid: {
		title: "This app is not set up correctly",
		message:
			"Signing in is not possible until the set-up has been corrected. Please tell the person who runs this app.",
		retry: false,
	},
	cookies_blocked: {
		title: "Your browser did not keep the cookies",
		message:
			"Signing in needs cookies, and none came back. Cookies may be turned off for this site, the address may begin with http: instead of https:, or this is Safari on http://localhost, which needs https as well. Please allow cookies or use the https address, then try again.",
		retry: true,
	},
	cookies_too_large: {
		title: "Too much sign-in data",
		message:
			"Your account carries more sign-in data than a browser can keep. Please ask the person who runs this app to reduce what the sign-in service sends, for example the list of groups.",
		retry: false,
	},
	csrf_failed: {
		title: "This request could not be confirmed",
		message:
			"To protect your account, nothing was done: it was not certain that the request came from this app. Please go back to the start page and do it again from there.",
		retry: false,
	},
	forbidden: {
		title: "You do not have access",
		message:
			"Your account may not do this. If you need it, ask the person who runs this app to give you access.",
		retry: false,
	},
	handoff_invalid: {
		title: "The sign-in did not reach its window",
		message:
			"You may be signed in there, but the window that asked for it could not take it over: it took too long, was closed or loaded again, or was not allowed to ask. Please close this window and sign in again from where you came.",
		retry: false,
	},
	insecure_origin: {
		title: "A secure connection is needed",
		message:
			"This app was opened over plain http, and signing in works only over https. Please open the address that begins with https:, or ask the person who runs this app for it.",
		retry: false,
	},
	internal_error: {
		title: "Something went wrong",
		message:
			"An unexpected error happened on our side. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
	},
	issuer_mismatch: {
		title: "The answer came from another service",
		message:
			"The sign-in service that answered is not the one that was asked, so the sign-in was stopped. Please start again. If it stays like this, tell the person who runs this app.",
		retry: true,
	},
	login_required: {
		title: "Please sign in",
		message: "You are not signed in, or your session has ended. Please sign in to continue.",
		retry: true,
	},
	method_not_allowed: {
		title: "This does not work here",
		message: "This address cannot be used in this way. Please go back to the start page.",
		retry: false,
	},
	not_found: {
		title: "Page not found",
		message: "There is nothing at this address. Please check it, or go back to the start page.",
		retry: false,
	},
	provider_error: {
		title: "The sign-in service reported a problem",
		message:
			"The sign-in could not be completed there. Please try again in a moment. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
	},
	provider_misconfigured: {
		title: "The sign-in service is not set up correctly",
		message:
			"This app and the sign-in service are not set up to work together. Please tell the person who runs this app, and give them the error id.",
		retry: false,
	},
	provider_unreachable: {
		title: "The sign-in service does not answer",
		message:
			"The service that signs you in cannot be reached right now. Please try again in a few minutes.",
		retry: true,
	},
	refresh_required: {
		title: "Your session has to be renewed",
		message: "Your session has to be renewed before this can go on. Please open the page again.",
		retry: true,
	},
	token_invalid: {
		title: "Your sign-in could not be confirmed",
		message:
			"What the sign-in service sent did not pass our checks, so you were not signed in. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
	},
	too_many_redirects: {
		title: "Signing in went round in circles",
		message:
			"We stopped, because the page kept sending your browser back and forth. Cookies may be blocked or partly deleted. Please allow cookies for this site and try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
	},
	too_many_requests: {
		title: "Too many attempts",
		message:
			"More sign-ins were begun from your network within a minute than are allowed. Please wait a little, then try again.",
		retry: true,
	},
	transaction_invalid: {
		title: "This sign-in attempt is no longer valid",
		message:
			"It may have taken longer than ten minutes, been started in another browser, or been replaced by a newer one. Nothing is wrong with your account: please sign in again.",
		retry: true,
	},
	transaction_reused: {
		title: "This sign-in attempt has ended",
		message:
			"Each attempt works once. It was probably loaded again with Back or Reload. If you are not signed in, please sign in again.",
		retry: true,
	},
	unknown_origin: {
		title: "This address is not set up for signing in",
		message:
			"The app was opened under an address that it does not know. Please use its usual address, or ask the person who runs this app to add this one.",
		retry: false,
	},
	userinfo_invalid: {
		title: "Your profile could not be read",
		message:
			"The sign-in service sent no valid profile for your account, so you were not signed in. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
	},
};
