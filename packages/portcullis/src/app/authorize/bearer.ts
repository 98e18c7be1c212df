import { type AuditDetails, type AuditReason, personOf } from "../../audit/audit.ts";
import { auditReason } from "../../audit/audit-reasons.ts";
import type { LogEntry } from "../../audit/log.ts";
import {
	ConfigError,
	isPortcullisError,
	LoginError,
	PortcullisError,
	TokenError,
} from "../../base/errors.ts";
import { trimSpace } from "../../base/http-space.ts";
import {
	type BearerOptions,
	loginPolicies,
	unknownProviders,
} from "../../config/bearer-options.ts";
import type { ConnectedProvider, Runtime } from "../../config/runtime.ts";
import type { AllowResult, GateRequest } from "../../guard/gate-request.ts";
import { type AccessToken, MAX_ACCESS_TOKEN } from "../../protocol/access-token.ts";
import { mergeClaims } from "../../protocol/claims.ts";
import { fitClaims } from "../../protocol/fit-claims.ts";
import type { Provider } from "../../protocol/provider.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { createUser, type User } from "../../session/user.ts";
import type { RefusalAnswer } from "../answers/render.ts";

/** When it is worth asking again while keys cannot be had. Seconds. */
const RETRY_AFTER = 10;
const NO_COOKIES = [] as const;

/** Who a request with an access token is from. */
export interface BearerIdentity {
	readonly user: User;
	readonly provider: string;
	/** From then on the request is anonymous. Milliseconds since the epoch. */
	readonly expiresAt: number;
	/** What the gate says where the rules let it in. */
	readonly allowed: AllowResult;
}

/** What came of a request's access token. */
export type BearerOutcome =
	| { readonly kind: "known"; readonly identity: BearerIdentity }
	/** Not let in where a rule asks for a login. */
	| { readonly kind: "refused"; readonly refusal: BearerRefusal };

/** Why, for the log, and what is answered. */
export interface BearerRefusal {
	readonly entry: Omit<LogEntry, "id">;
	readonly reason: AuditReason;
	readonly identity?: BearerIdentity;
	readonly answer: RefusalAnswer;
}

/**
 * Finds out who a request is from by its access token (RFC 6750 section 2.1, RFC 9068). Knows no
 * cookies, but that there are some.
 */
export class BearerAuthentication {
	readonly #options: BearerOptions;
	readonly #framing: string;
	readonly #audiences: readonly string[];
	readonly #scopes: readonly string[];

	/** @param framing Who may frame guarded answers: `AllowResult.framing`. */
	constructor(options: BearerOptions, framing: string) {
		this.#options = options;
		this.#framing = framing;
		this.#audiences = typeof options.audience === "string" ? [options.audience] : options.audience;
		this.#scopes = options.scopes ?? [];
	}

	/**
	 * Looks at names and classes that can only be known once all providers are there.
	 *
	 * @throws {ConfigError} with every mistake.
	 */
	check({ providers }: Runtime): void {
		const all = providers.map(({ provider }) => provider);
		const names = all.map(({ name }) => name);
		const problems = [
			...unknownProviders(this.#options, names),
			...loginPolicies(this.#options, all),
		];
		if (problems.length > 0) throw new ConfigError(problems);
	}

	/**
	 * What a request has sent as its access token, unlooked at; `undefined` for one that has none.
	 */
	tokenOf(call: GateRequest): string | undefined {
		const authorization = call.header("authorization");
		return authorization === null ? undefined : bearerToken(authorization);
	}

	/** The answer to a request with an access token that has a session's cookies as well. */
	denyContradictory(runtime: Runtime, call: GateRequest): BearerRefusal | undefined {
		return hasSessionCookie(runtime, call.header("cookie")) ? CONTRADICTORY : undefined;
	}

	/**
	 * Judges the access token of a request. Never rejects.
	 *
	 * @param token What `tokenOf` gave.
	 */
	async identify(runtime: Runtime, token: string): Promise<BearerOutcome> {
		try {
			const identity = await this.#verify(runtime, token);
			const missing = this.#scopes.filter((scope) => !identity.user.grantedScopes.includes(scope));
			if (missing.length === 0) return { kind: "known", identity };
			return { kind: "refused", refusal: lacksScope(identity, this.#scopes, missing) };
		} catch (error) {
			return { kind: "refused", refusal: refusalOf(error) };
		}
	}

	async #verify(runtime: Runtime, token: string): Promise<BearerIdentity> {
		// RFC 6750 section 2.1. Two credentials in one header have a comma between them.
		if (token.length > MAX_ACCESS_TOKEN || !/^[\w.~+/-]+=*$/.test(token))
			throw refused("format", "The Authorization header has no access token that can be read");
		let last: unknown;
		for (const connected of runtime.providers) {
			if (this.#options.providers?.includes(connected.provider.name) === false) continue;
			try {
				// If the app has not called `gate.ready()`, this is the first time that a lazy provider
				// can be checked.
				const problems = loginPolicies(this.#options, [connected.provider]);
				if (problems.length > 0) throw new ConfigError(problems);
				const verified = await connected.provider.verifyAccessToken(token, this.#audiences);
				if (verified) return await this.#identityOf(connected, verified);
			} catch (error) {
				// With predicates for issuers, it may be another's all the same.
				last ??= error;
			}
		}
		throw last ?? refused("iss", "The access token is of no provider that may send any");
	}

	/** Claims that do not fit make the token invalid, even where a login gets another error. */
	async #fit(provider: Provider, claims: UserClaims): Promise<UserClaims> {
		try {
			return await fitClaims(provider, claims); // proven: bearer-without-schema
		} catch (error) {
			if (!isPortcullisError(error) || error.code !== "claims_invalid") throw error;
			throw refused(error.reason ?? "claims", error.message);
		}
	}

	async #identityOf(
		{ provider }: ConnectedProvider,
		{ claims: said, scopes, expiresAt }: AccessToken,
	): Promise<BearerIdentity> {
		const claims = mergeClaims(said);
		const fitted = await this.#fit(provider, claims);
		const tokens = {
			accessToken: () => Promise.reject(notPassedOn(provider.name)),
			tokenExtra: () => Promise.resolve({}),
		};
		const user = createUser(claims, provider.name, scopes, tokens, fitted);
		return {
			user,
			provider: provider.name,
			expiresAt: expiresAt * 1000,
			allowed: {
				kind: "allow",
				user,
				isPrivate: true,
				isByToken: true,
				decidedByTag: false,
				cookies: NO_COOKIES,
				framing: this.#framing,
			},
		};
	}
}

/**
 * The text behind `Bearer` in an `Authorization` header, not validated; `undefined` for another
 * scheme (RFC 9110 section 11.1).
 */
function bearerToken(authorization: string): string | undefined {
	const found = /^bearer(?:[ \t]+(.*))?$/is.exec(trimSpace(authorization));
	return found ? (found[1] ?? "") : undefined;
}

/** What an audit record says of the caller that sent an access token. There is no session. */
export function bearerDetails({ provider, user }: BearerIdentity): AuditDetails {
	return { provider, userinfo: personOf(user.claims) };
}

export const INVALID_TOKEN = 'Bearer realm="app", error="invalid_token"';
export const INSUFFICIENT_SCOPE = 'Bearer realm="app", error="insufficient_scope"';

/** A refusal that no provider has given. */
function refused(reason: string, message: string): LoginError {
	return new LoginError("token_invalid", message, { reason });
}

function notPassedOn(provider: string): TokenError {
	const message =
		"The caller's access token was made for this app alone: it is passed on to nobody";
	return new TokenError("destination_refused", message, { provider, reason: "bearer" });
}

/**
 * Whether a cookie of a session came along, good or not. Written so that it rather finds one too
 * many.
 */
function hasSessionCookie({ providers, embedded }: Runtime, cookies: string | null): boolean {
	if (!cookies) return false;
	return [...providers, ...embedded].some(
		({ names }) => cookies.includes(names.access) || cookies.includes(names.refresh),
	);
}

const CONTRADICTORY: BearerRefusal = {
	entry: {
		level: "warning",
		code: "credentials_contradictory",
		message: "A request had both a session's cookies and an access token; neither counts",
	},
	reason: "multiple_credentials",
	answer: {
		status: 400,
		title: "Send a session's cookies or an access token, not both",
		headers: { "WWW-Authenticate": 'Bearer realm="app", error="invalid_request"' },
	},
};

function lacksScope(
	identity: BearerIdentity,
	wanted: readonly string[],
	missing: readonly string[],
): BearerRefusal {
	const message = `An access token lacks the scope ${missing.join(" ")}`;
	return {
		entry: {
			level: "warning",
			code: "forbidden",
			message,
			reason: "scope",
			provider: identity.provider,
		},
		reason: "insufficient_scope",
		identity,
		answer: {
			status: 403,
			headers: { "WWW-Authenticate": `${INSUFFICIENT_SCOPE}, scope="${wanted.join(" ")}"` },
		},
	};
}

/**
 * A forger learns that the token was refused, and nothing else. A token that cannot be judged does
 * not let the caller in either.
 */
function refusalOf(error: unknown): BearerRefusal {
	const known = isPortcullisError(error)
		? error
		: new PortcullisError("internal_error", "A hook of the provider failed", { cause: error });
	const { code, reason, provider, cause, message } = known;
	const details = {
		...(reason === undefined ? {} : { reason }),
		...(provider === undefined ? {} : { provider }),
		...(cause === undefined ? {} : { cause }),
	};
	if (code === "token_invalid")
		return {
			entry: { level: "warning", code, message, ...details },
			reason: "tokens_invalid",
			answer: {
				status: 401,
				title: "The access token is not valid",
				headers: { "WWW-Authenticate": INVALID_TOKEN },
			},
		};
	// A stranger can bring this about with tokens of made-up keys: that is no outage.
	const level = code === "provider_unreachable" && reason === "keys" ? "warning" : "error";
	return {
		entry: { level, code, message: `An access token could not be checked: ${message}`, ...details },
		reason: auditReason(code),
		answer: {
			status: 503,
			title: "The access token could not be checked",
			headers: { "Retry-After": String(RETRY_AFTER) },
		},
	};
}
