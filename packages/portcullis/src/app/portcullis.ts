import { definitionSite } from "../base/definition-site.ts";
import type {
	AnonymousOf,
	ClaimsOf,
	GateOptions,
	PageRules,
	PortcullisOptions,
	ProviderRef,
	StateClasses,
} from "../config/options.ts";
import { noteCheck } from "../guard/check-names.ts";
import type { AuthContext, Check, Rule } from "../guard/context.ts";
import type { Generic } from "../protocol/providers/generic.ts";
import type { UserClaims } from "../protocol/types.ts";
import { createStateWords, type StateWords } from "../state/words.ts";
import { type ApiFetch, type ApiFetchOptions, createApiFetch } from "./api-fetch.ts";
import type { Gate } from "./gate.ts";
import { assembleGate } from "./setup/assemble-gate.ts";
import { setUpAuth } from "./setup/auth-setup.ts";

/** What the rest of an app says its rules with, typed by the claims of the providers. */
export interface Auth<U extends UserClaims, D = true> extends StateWords<U, D> {
	/**
	 * Names a check. Returns it unchanged: this is where its context gets its type.
	 *
	 * @typeParam C Narrow it to make a check for one kind of surface; the compiler then refuses it on
	 *   another.
	 */
	check<C extends AuthContext<U> = AuthContext<U>>(check: Check<C>): Check<C>;
	/**
	 * The same with a name for messages and the surface manifest; without one it is what the check is
	 * assigned to.
	 */
	check<C extends AuthContext<U> = AuthContext<U>>(name: string, check: Check<C>): Check<C>;
	/**
	 * Makes a function that calls one API with the access token of the person or program that it is
	 * called for. Tokens go below `base`, and nowhere else.
	 *
	 * @throws {ConfigError} for a base that is no root of an API.
	 */
	apiFetch(base: string, options?: ApiFetchOptions): ApiFetch;
	/**
	 * Puts the gate in front of an app.
	 *
	 * @throws {ConfigError} with every mistake in the options of `portcullis`, of the gate, in the
	 *   environment and in the providers, each with its remedy. What can only be known after a lazy
	 *   import is reported by `gate.ready()`.
	 */
	gate<
		const S extends StateClasses = Record<never, never>,
		const P extends PageRules<U> = Record<never, never>,
	>(options?: GateOptions<U, S, P>): Gate<U, S, AnonymousOf<D, P>>;
}

/**
 * Says who signs people in. Needs no network, and neither does `auth.gate`: the providers are asked
 * at the first login.
 *
 * Reads `{PROVIDER}_*` and `OIDC_*`, `PORTCULLIS_SECRET`, `PORTCULLIS_ORIGIN` and `NODE_ENV` from
 * the environment, once.
 */
export function portcullis<
	const P extends readonly ProviderRef[] = readonly [typeof Generic],
	const D extends Rule<AuthContext<ClaimsOf<P[number]>>> = true,
>(options: PortcullisOptions<P, D> = {}): Auth<ClaimsOf<P[number]>, D> {
	type U = ClaimsOf<P[number]>;
	const setup = setUpAuth(options as unknown as PortcullisOptions);
	const { words, topics } = createStateWords<U, D>();
	return {
		...words,
		check: (first: unknown, second?: unknown) =>
			typeof first === "string"
				? noteCheck(second as never, first, definitionSite())
				: noteCheck(first as never, undefined, definitionSite()),
		apiFetch: (base, apiOptions = {}) => createApiFetch(setup.platform, base, apiOptions),
		gate<S extends StateClasses, G extends PageRules<U>>(gateOptions: GateOptions<U, S, G> = {}) {
			const given = gateOptions as unknown as GateOptions;
			return assembleGate<U, S, AnonymousOf<D, G>>(setup, topics, given, definitionSite());
		},
	};
}
