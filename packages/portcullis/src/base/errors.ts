import { brand } from "./brand.ts";

/**
 * Codes of the errors that a login, a logout or a guarded request can end with. Each has a page in
 * `docs/errors.md`.
 */
export type ErrorCode =
	| "access_denied"
	| "answer_changed"
	| "callback_invalid"
	| "claims_invalid"
	| "clock_skew"
	| "config_invalid"
	| "cookies_blocked"
	| "cookies_too_large"
	| "csrf_failed"
	| "forbidden"
	| "handoff_invalid"
	| "insecure_origin"
	| "internal_error"
	| "issuer_mismatch"
	| "login_required"
	| "method_not_allowed"
	| "not_found"
	| "provider_error"
	| "provider_misconfigured"
	| "provider_unreachable"
	| "refresh_required"
	| "token_invalid"
	| "too_many_redirects"
	| "too_many_requests"
	| "transaction_invalid"
	| "transaction_reused"
	| "unknown_origin"
	| "userinfo_invalid"
	| StateErrorCode
	| TokenErrorCode;

/**
 * A code of a provider's class, for what its hooks refuse: the name of the provider, a colon and a
 * word, such as `acme:no_seat`. People read what they read of `access_denied`, unless `errorView`
 * of the class says more.
 */
export type ProviderErrorCode = `${string}:${string}`;

/** Every code that an error can have. */
export type AnyErrorCode = ErrorCode | ProviderErrorCode;

/** The form of a code of a provider's class: both parts as names of providers are written. */
const PROVIDER_CODE = /^([a-z][a-z0-9_]{0,31}):[a-z][a-z0-9_]{0,63}$/;

/**
 * The name of the provider whose class a code is of; `undefined` for any other string.
 */
export function providerOfCode(code: string): string | undefined {
	return PROVIDER_CODE.exec(code)?.[1];
}

/**
 * Codes that only requests about server state, and its handlers, can end with: no page shows them.
 */
export type StateErrorCode =
	| "body_invalid"
	| "body_too_large"
	| "client_stale"
	| "event_failed"
	| "event_out_of_order"
	| "event_unknown"
	| "input_invalid"
	| "state_busy"
	| "state_conflict"
	| "state_store_full"
	| "state_store_unavailable"
	| "state_unknown"
	| "step_up_required"
	| "state_write_refused"
	| "value_failed"
	| "value_not_serializable";

/**
 * Codes about access tokens, in calls in a person's name and of programs that send one: no page
 * shows them.
 */
export type TokenErrorCode = "credentials_contradictory" | "destination_refused" | "token_expired";

/**
 * What an error can carry besides its message. Nothing here is ever shown to the person: it is for
 * the log.
 */
export interface ErrorDetails {
	/** The error underneath, kept for the log. */
	cause?: unknown;
	/** Name of the provider that the login ran against. */
	provider?: string;
	/** A finer, stable reason within the code, such as `nonce` or `at_hash` for `token_invalid`. */
	reason?: string;
}

/**
 * Base of every error that Portcullis throws. Switch on `code`; the message is for the log and may
 * improve at any time.
 *
 * The message never holds a token, code, cookie, verifier or secret.
 */
export class PortcullisError extends Error {
	static {
		brand(PortcullisError, "error.1");
	}

	override readonly name: string = "PortcullisError";
	readonly code: AnyErrorCode;
	readonly provider: string | undefined;
	readonly reason: string | undefined;

	constructor(code: AnyErrorCode, message: string, details: ErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.code = code;
		this.provider = details.provider;
		this.reason = details.reason;
	}
}

/** One mistake in the set-up, and what to do about it. */
export interface ConfigProblem {
	/** What is wrong, naming the option or variable. */
	problem: string;
	/** What to write or set instead. */
	remedy: string;
}

/** The set-up is wrong. Thrown at start with every mistake that was found, never one at a time. */
export class ConfigError extends PortcullisError {
	static {
		brand(ConfigError, "config-error.1");
	}

	override readonly name: string = "ConfigError";
	readonly problems: readonly ConfigProblem[];

	constructor(problems: readonly ConfigProblem[]) {
		super("config_invalid", describe(problems));
		this.problems = problems;
	}
}

/**
 * A login or logout that could not be completed. Its `code` decides what the person reads, its
 * message goes to the log.
 */
export class LoginError extends PortcullisError {
	static {
		brand(LoginError, "login-error.1");
	}

	override readonly name: string = "LoginError";
}

/**
 * Server state could not be read or written as asked: a store that does not answer, a lost lease, a
 * write at the wrong moment.
 */
export class StateError extends PortcullisError {
	static {
		brand(StateError, "state-error.1");
	}

	override readonly name: string = "StateError";
	declare readonly code: ErrorCode;
}

/** A token cannot be had, or must not go where it was to be sent. */
export class TokenError extends PortcullisError {
	static {
		brand(TokenError, "token-error.1");
	}

	override readonly name: string = "TokenError";
	declare readonly code: ErrorCode;
}

/** True for errors of this package, also when two copies of it are loaded. */
export function isPortcullisError(error: unknown): error is PortcullisError {
	return (
		error instanceof Error &&
		/^(Portcullis|Config|Login|State|Token)Error$/.test(error.name) &&
		"code" in error
	);
}

function describe(problems: readonly ConfigProblem[]): string {
	const lines = problems.map(({ problem, remedy }) => `  - ${problem}\n    ${remedy}`);
	return `Portcullis is not set up correctly:\n${lines.join("\n")}`;
}
