import type { Log } from "../../audit/log.ts";
import { isPortcullisError, TokenError } from "../../base/errors.ts";
import { isPromise, type MaybePromise } from "../../base/maybe-promise.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { fitClaims } from "../../protocol/fit-claims.ts";
import type { UserClaims } from "../../protocol/types.ts";
import { tokensOf } from "../../session/refresh-session.ts";
import type { StoredSession } from "../../session/stored-session.ts";
import { createUser, type User } from "../../session/user.ts";

/** Makes the person of an opened session, as far as the provider's class accepts it. */
export class SessionUsers {
	/** Milliseconds since the epoch. */
	readonly #now: () => number;
	readonly #log: Log;

	constructor({ now, log }: { readonly now: () => number; readonly log: Log }) {
		this.#now = now;
		this.#log = log;
	}

	/**
	 * `undefined` where the claims do not fit the provider's schema, or any longer: the session then
	 * counts as none, and the next login brings others.
	 */
	userOf(
		{ provider }: ConnectedProvider,
		session: StoredSession,
		claims: UserClaims,
	): MaybePromise<User | undefined> {
		const make = (fitted: UserClaims): User =>
			createUser(
				claims,
				provider.name,
				session.scopes,
				{
					accessToken: () => this.#accessToken(provider.name, session),
					tokenExtra: () => session.extra(),
				},
				fitted,
			);
		try {
			const fitted = fitClaims(provider, claims);
			if (!isPromise(fitted)) return make(fitted);
			return fitted.then(make).catch((error: unknown) => this.#unfit(provider.name, error));
		} catch (error) {
			return this.#unfit(provider.name, error); // proven: session-without-schema
		}
	}

	#unfit(provider: string, cause: unknown): undefined {
		const known = isPortcullisError(cause) ? cause : undefined;
		this.#log({
			level: "error",
			code: known?.code ?? "internal_error",
			message:
				"The claims of a session do not fit what the provider's class reads; it counts as none",
			provider,
			reason: known?.reason ?? "parseClaims",
			cause,
		});
	}

	async #accessToken(provider: string, session: StoredSession): Promise<string> {
		if (session.accessTokenExpiresAt * 1000 > this.#now()) return session.accessToken();
		throw new TokenError(
			"token_expired",
			"The access token has ended, and could not be renewed before",
			{ provider },
		);
	}

	/**
	 * The hook `validateTokens`; a throw is a no. Not for the default, which only looks at the
	 * expiry.
	 */
	async tokensAreValid({ provider }: ConnectedProvider, session: StoredSession): Promise<boolean> {
		try {
			return (await provider.validateTokens(await tokensOf(session))) === true; // proven: truthy-validate-tokens
		} catch (cause) {
			this.#log({
				level: "error",
				code: "internal_error",
				message: "validateTokens threw; the session is not accepted",
				provider: provider.name,
				cause,
			});
			return false; // proven: thrown-validate-tokens
		}
	}
}
