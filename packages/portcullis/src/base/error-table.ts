import {
	type AnyErrorCode,
	type ErrorCode,
	providerOfCode,
	type StateErrorCode,
	type TokenErrorCode,
} from "./errors.ts";

/** What is known of an error by its code alone. */
export interface ErrorRow {
	/** Of the page or problem about it. Left out where it is no answer by itself. */
	readonly status?: number;
	/** What an audit record says of a login that ended with it. Left out for `internal_error`. */
	readonly audit?: string;
	/** The title of the page or problem: a short sentence or phrase. */
	readonly title?: string;
	/** For the reference: what happened. */
	readonly means: string;
}

/** A code that a page can show. Its English texts are neutral: reasons belong into the log. */
export interface PageErrorRow extends ErrorRow {
	readonly status: number;
	readonly title: string;
	/** What the person reads: what happened and what to do. */
	readonly message: string;
	/**
	 * True if the same attempt can end well when it is made again: the error view then offers "Try
	 * again".
	 */
	readonly retry: boolean;
}

/** The codes that a page can show. */
export type MessageCode = Exclude<ErrorCode, StateErrorCode | TokenErrorCode>;

/** A row for each code. The compiler refuses a table that lacks one. */
export type ErrorTable = {
	readonly [C in ErrorCode]: C extends MessageCode ? PageErrorRow : ErrorRow;
};

/**
 * Every error code, once: statuses, audit reasons, the English pages and the table of
 * docs/errors.md come from here.
 */
export const ERRORS: ErrorTable = {
	access_denied: {
		status: 403,
		audit: "access_denied",
		title: "Sign-in was not completed",
		message:
			"Sign-in was cancelled, or the sign-in service did not allow it for this app. You can try again, or ask the person who runs this app for access.",
		retry: true,
		means: "The provider denied the sign-in.",
	},
	answer_changed: {
		status: 400,
		audit: "csrf_state_mismatch",
		title: "The answer does not fit",
		message:
			"The answer of the sign-in service does not fit the sign-in that was begun here, so you were not signed in. Please sign in again. If it happens twice, give the error id to the person who runs this app.",
		retry: true,
		means: "The answer does not fit the login.",
	},
	body_invalid: {
		status: 400,
		title: "The request is not understood",
		means: "A state request is malformed.",
	},
	body_too_large: {
		status: 413,
		title: "The request is too large",
		means: "A state request is too large or slow.",
	},
	callback_invalid: {
		status: 400,
		audit: "callback_invalid",
		title: "Sign-in could not be completed",
		message:
			"The answer of the sign-in service was incomplete or did not fit. Please start again from the app rather than from a bookmark or an old tab.",
		retry: true,
		means: "The callback is malformed.",
	},
	claims_invalid: {
		status: 502,
		audit: "claims_invalid",
		title: "The sign-in service did not send what this app needs",
		message:
			"This app needs details about your account that the sign-in service did not send, or sent in another form, so you were not signed in. You can try again with another account, or give the error id to the person who runs this app.",
		retry: true,
		means: "Claims do not fit the schema.",
	},
	client_stale: {
		status: 409,
		title: "This page is out of date",
		means: "The tab belongs to another session.",
	},
	clock_skew: {
		status: 502,
		audit: "clock_skew",
		title: "The clocks do not agree",
		message:
			"The sign-in service and this app disagree about the time, so the sign-in could not be confirmed. Please try again in a moment. If it stays like this, ask the person who runs this app to check the server's clock.",
		retry: true,
		means: "The clocks differ.",
	},
	config_invalid: {
		status: 500,
		audit: "config_invalid",
		title: "This app is not set up correctly",
		message:
			"Signing in is not possible until the set-up has been corrected. Please tell the person who runs this app.",
		retry: false,
		means: "The set-up is wrong.",
	},
	cookies_blocked: {
		status: 400,
		audit: "cookies_blocked",
		title: "Your browser did not keep the cookies",
		message:
			"Signing in needs cookies, and none came back. Cookies may be turned off for this site, the address may begin with http: instead of https:, or this is Safari on http://localhost, which needs https as well. Please allow cookies or use the https address, then try again.",
		retry: true,
		means: "The browser kept no login cookies.",
	},
	cookies_too_large: {
		status: 500,
		audit: "cookies_too_large",
		title: "Too much sign-in data",
		message:
			"Your account carries more sign-in data than a browser can keep. Please ask the person who runs this app to reduce what the sign-in service sends, for example the list of groups.",
		retry: false,
		means: "The session exceeds its cookies.",
	},
	credentials_contradictory: {
		status: 400,
		title: "Send a session's cookies or an access token, not both",
		means: "Both session and access token came.",
	},
	csrf_failed: {
		status: 403,
		audit: "csrf_failed",
		title: "This request could not be confirmed",
		message:
			"To protect your account, nothing was done: it was not certain that the request came from this app. Please go back to the start page and do it again from there.",
		retry: false,
		means: "The request is not provably the app's.",
	},
	destination_refused: {
		means: "A token's destination is refused.",
	},
	event_failed: {
		means: "A handler failed.",
	},
	event_out_of_order: {
		status: 409,
		title: "A later event was run already",
		means: "A later event ran first.",
	},
	event_unknown: {
		status: 404,
		title: "There is no such event",
		means: "The state lacks this event.",
	},
	forbidden: {
		status: 403,
		title: "You do not have access",
		message:
			"Your account may not do this. If you need it, ask the person who runs this app to give you access.",
		retry: false,
		means: "A check denied a person.",
	},
	handoff_invalid: {
		status: 403,
		audit: "handoff_invalid",
		title: "The sign-in did not reach its window",
		message:
			"You may be signed in there, but the window that asked for it could not take it over: it took too long, was closed or loaded again, or was not allowed to ask. Please close this window and sign in again from where you came.",
		retry: false,
		means: "A popup's login missed its window.",
	},
	input_invalid: {
		status: 422,
		audit: "input_invalid",
		title: "The input is not valid",
		means: "Input does not fit its schema.",
	},
	insecure_origin: {
		status: 400,
		audit: "insecure_origin",
		title: "A secure connection is needed",
		message:
			"This app was opened over plain http, and signing in works only over https. Please open the address that begins with https:, or ask the person who runs this app for it.",
		retry: false,
		means: "A login began over http.",
	},
	internal_error: {
		status: 500,
		title: "Something went wrong",
		message:
			"An unexpected error happened on our side. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
		means: "Unforeseen failure.",
	},
	issuer_mismatch: {
		status: 400,
		audit: "issuer_mismatch",
		title: "The answer came from another service",
		message:
			"The sign-in service that answered is not the one that was asked, so the sign-in was stopped. Please start again. If it stays like this, tell the person who runs this app.",
		retry: true,
		means: "Another issuer answered.",
	},
	login_required: {
		status: 401,
		audit: "login_required",
		title: "Please sign in",
		message: "You are not signed in, or your session has ended. Please sign in to continue.",
		retry: true,
		means: "A sign-in is needed.",
	},
	method_not_allowed: {
		status: 405,
		title: "This does not work here",
		message: "This address cannot be used in this way. Please go back to the start page.",
		retry: false,
		means: "The route lacks this method.",
	},
	not_found: {
		status: 404,
		audit: "unknown_provider",
		title: "Page not found",
		message: "There is nothing at this address. Please check it, or go back to the start page.",
		retry: false,
		means: "No such endpoint or provider.",
	},
	provider_error: {
		status: 502,
		audit: "token_exchange_failed",
		title: "The sign-in service reported a problem",
		message:
			"The sign-in could not be completed there. Please try again in a moment. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
		means: "The provider returned an error.",
	},
	provider_misconfigured: {
		status: 502,
		audit: "token_exchange_failed",
		title: "The sign-in service is not set up correctly",
		message:
			"This app and the sign-in service are not set up to work together. Please tell the person who runs this app, and give them the error id.",
		retry: false,
		means: "Provider and app do not match.",
	},
	provider_unreachable: {
		status: 503,
		audit: "provider_unreachable",
		title: "The sign-in service does not answer",
		message:
			"The service that signs you in cannot be reached right now. Please try again in a few minutes.",
		retry: true,
		means: "The provider does not answer.",
	},
	refresh_required: {
		status: 401,
		title: "Your session has to be renewed",
		message: "Your session has to be renewed before this can go on. Please open the page again.",
		retry: true,
		means: "The session needs a refresh.",
	},
	state_busy: {
		status: 503,
		title: "The server cannot do this right now",
		means: "A tab's turn did not come.",
	},
	state_conflict: {
		status: 503,
		title: "The server cannot do this right now",
		means: "A process lost its lease.",
	},
	state_store_full: {
		status: 503,
		title: "The server cannot do this right now",
		means: "The store is full.",
	},
	state_store_unavailable: {
		status: 503,
		title: "The server cannot do this right now",
		means: "The store does not answer.",
	},
	state_unknown: {
		status: 404,
		title: "There is no such state",
		means: "No such state.",
	},
	state_write_refused: {
		means: "Nothing may write here.",
	},
	step_up_required: {
		status: 401,
		title: "Sign in again to do this",
		means: "Another sign-in is needed.",
	},
	token_expired: {
		means: "The access token has ended.",
	},
	token_invalid: {
		status: 502,
		audit: "tokens_invalid",
		title: "Your sign-in could not be confirmed",
		message:
			"What the sign-in service sent did not pass our checks, so you were not signed in. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
		means: "A token failed a check.",
	},
	too_many_redirects: {
		status: 400,
		audit: "too_many_redirects",
		title: "Signing in went round in circles",
		message:
			"We stopped, because the page kept sending your browser back and forth. Cookies may be blocked or partly deleted. Please allow cookies for this site and try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
		means: "Redirects never brought a session.",
	},
	too_many_requests: {
		status: 429,
		audit: "too_many_requests",
		title: "Too many attempts",
		message:
			"More sign-ins were begun from your network within a minute than are allowed. Please wait a little, then try again.",
		retry: true,
		means: "A limit was exceeded.",
	},
	transaction_invalid: {
		status: 400,
		audit: "transaction_invalid",
		title: "This sign-in attempt is no longer valid",
		message:
			"It may have taken longer than ten minutes, been started in another browser, or been replaced by a newer one. Nothing is wrong with your account: please sign in again.",
		retry: true,
		means: "The login began with other settings.",
	},
	transaction_reused: {
		status: 400,
		audit: "attempt_reused",
		title: "This sign-in attempt has ended",
		message:
			"Each attempt works once. It was probably loaded again with Back or Reload. If you are not signed in, please sign in again.",
		retry: true,
		means: "The attempt came back again.",
	},
	unknown_origin: {
		status: 400,
		title: "This address is not set up for signing in",
		message:
			"The app was opened under an address that it does not know. Please use its usual address, or ask the person who runs this app to add this one.",
		retry: false,
		means: "The host is not the app's.",
	},
	userinfo_invalid: {
		status: 502,
		audit: "userinfo_invalid",
		title: "Your profile could not be read",
		message:
			"The sign-in service sent no valid profile for your account, so you were not signed in. Please try again. If it stays like this, give the error id to the person who runs this app.",
		retry: true,
		means: "Userinfo returned no valid claims.",
	},
	value_failed: {
		means: "A computed value threw.",
	},
	value_not_serializable: {
		means: "A value is not plain data.",
	},
};

/**
 * The row of a code: of `access_denied` for one of a provider's class, of `internal_error` for one
 * that is none.
 */
export function rowOf(code: string): ErrorRow {
	if (Object.hasOwn(ERRORS, code)) return ERRORS[code as ErrorCode];
	return providerOfCode(code) === undefined ? ERRORS.internal_error : ERRORS.access_denied;
}

/** Status and title of the answer to an error, where nothing says it more closely. */
export function answerTo<C extends AnyErrorCode>(
	code: C,
): { readonly status: number; readonly code: C; readonly title: string } {
	const { status = 400, title = ERRORS.internal_error.title } = rowOf(code);
	return { status, code, title };
}
