import type { Audit } from "../audit/audit.ts";
import type { Log } from "../audit/log.ts";
import type { Telemetry } from "../audit/telemetry.ts";
import type { AuthContext, PageAuthContext, Rule } from "../guard/context.ts";
import type { Provider } from "../protocol/provider.ts";
import type { UserClaims } from "../protocol/types.ts";
import type { StateClass } from "../state/state.ts";
import type { StateStore } from "../store/contract.ts";
import type { Views } from "../views/types.ts";
import type { BearerOptions } from "./bearer-options.ts";
import type { EmbedOptions } from "./embedding.ts";
import type { Environment } from "./environment.ts";
import type { LanguageOptions } from "./languages.ts";

// biome-ignore lint/suspicious/noExplicitAny: a provider of any claims
type AnyProvider = Provider<any>;
type ProviderClass = abstract new (...args: never[]) => AnyProvider;

/**
 * How a provider is named: a class, an instance, a function that imports the class when it is
 * needed, or `"module#Class"` with a package name or an absolute `file:` URL.
 */
export type ProviderRef = ProviderClass | AnyProvider | (() => Promise<ProviderClass>) | string;

/** The claims that a provider's class declares. */
export type ClaimsOf<R> = R extends abstract new (
	...args: never[]
) => Provider<infer U>
	? U
	: R extends Provider<infer U>
		? U
		: R extends () => Promise<infer C>
			? ClaimsOf<C>
			: UserClaims;

/** Options of `portcullis`: who signs people in, and how the app is reached. */
export interface PortcullisOptions<
	P extends readonly ProviderRef[] = readonly ProviderRef[],
	D extends Rule<AuthContext<ClaimsOf<P[number]>>> = Rule<AuthContext<ClaimsOf<P[number]>>>,
> {
	/**
	 * The identity providers, in the order of their buttons. Default: `Generic`, which reads
	 * `OIDC_*`.
	 */
	providers?: P;
	/** The rule of every surface without one of its own. Default `true`: signed-in people only. */
	auth?: D;
	/** Scopes to ask for beyond a provider's own, such as `offline_access` or `groups`. */
	extraScopes?: readonly string[];
	/**
	 * Secrets for sealing cookies, the first one seals, all open. Default: `PORTCULLIS_SECRET`, else
	 * derived from the client secrets.
	 */
	secret?: string | readonly string[];
	/**
	 * Public origins of the app, such as `https://app.example.com`. Default: `PORTCULLIS_ORIGIN`,
	 * else what the browser asked for.
	 */
	origin?: string | readonly string[];
	/**
	 * Where the state of clients, and the end of sessions, is kept. Default: `memory()`, which one
	 * process has for itself. What is named here is shared by all gates of this `portcullis()`.
	 */
	store?: StateStore;
	/** How long sessions and their claims last, and what limits and ends logins. */
	session?: SessionOptions;
	/** How the app is reached over HTTP, and who may call it besides its own pages. */
	http?: HttpOptions;
	/** The gate's own pages. */
	ui?: UiOptions;
	/** What the platform gives: replaced in tests and on unusual hosts. Also what listens in. */
	platform?: PlatformOptions;
}

/** The group `session` of the options. */
export interface SessionOptions {
	/**
	 * How long a person stays signed in after the access token has ended while the provider cannot be
	 * reached, in seconds; 0 turns it off. Default 1800.
	 */
	outageGrace?: number;
	/**
	 * How old the claims of userinfo may be, in seconds, from 60 to 604,800; older ones are fetched
	 * again in the background. 0: only with the tokens. Default 1800.
	 */
	claimsMaxAge?: number;
	/**
	 * Whether providers can end sessions by `POST /_portcullis/backchannel-logout/<provider>`. What
	 * they have ended is kept in `store`, which has to be named for it. Default: true with a store,
	 * false without one.
	 */
	backchannelLogout?: boolean;
	/**
	 * How many logins one address may begin, and how many callbacks it may send, in a minute and
	 * process; 0 limits nothing. Default 600.
	 */
	loginLimit?: number;
	/**
	 * One redirect URI for all of several providers, instead of one for each. Only for providers that
	 * name themselves in each answer (RFC 9207): a login with any other is refused. Default false.
	 */
	sharedCallback?: boolean;
}

/** The group `http` of the options. */
export interface HttpOptions {
	/** Other paths for the gate's own routes. */
	routes?: Partial<RoutePaths>;
	/**
	 * Whose `Forwarded` and `X-Forwarded-*` headers count: no peer's (`false`, the default), any
	 * direct peer's (`true`: only if nothing but your proxy can reach the app), or those of addresses
	 * and CIDR ranges.
	 */
	trustProxy?: boolean | readonly string[];
	/**
	 * For how long browsers are told to use https alone for the app's host (RFC 6797), on the gate's
	 * own pages of an https origin that is not this machine, in seconds; 0 says nothing. Default
	 * 31,536,000, a year.
	 */
	hsts?: number;
	/**
	 * Pages of other origins that may show the app in a frame, and let people sign in there. Default:
	 * no page may.
	 */
	embed?: EmbedOptions;
	/**
	 * Whose access tokens let programs in, without a session and without cookies. Default: none, and
	 * an `Authorization` header means nothing.
	 */
	bearer?: BearerOptions;
}

/** The group `ui` of the options. */
export interface UiOptions {
	/** Builders that replace the gate's own views. */
	views?: Partial<Views>;
	/**
	 * In which languages the gate's own pages speak, and their texts. Default: eight, chosen by
	 * `Accept-Language`.
	 */
	languages?: LanguageOptions;
}

/** The group `platform` of the options. */
export interface PlatformOptions {
	/** Variables by name. Default: the process's environment. */
	env?: Environment;
	/** Every call to a provider goes through it. Default: the global `fetch`. */
	fetch?: typeof fetch;
	/** Milliseconds since the epoch. Default `Date.now`. */
	now?: () => number;
	/** Gets an entry for each thing that an operator should know. Default: the console. */
	log?: Log;
	/** Time-out of one call to a provider, in seconds, from 0.1 to 60. Default 5. */
	timeout?: number;
	/** Tolerance for a provider's clock, in seconds, at most 300. Default 60. */
	clockTolerance?: number;
	/**
	 * Hears of each login, logout, refresh and decision, and can neither block nor decide any.
	 * Default: none.
	 */
	audit?: Audit;
	/**
	 * Measures logins, refreshes, refusals and calls to providers: `openTelemetry()` of
	 * `portcullis/opentelemetry`. Default: none.
	 */
	telemetry?: Telemetry;
}

/** Paths of the gate's own routes. */
export interface RoutePaths {
	/** Default `/login`; `/login/<provider>` starts a login. */
	login: string;
	/** Default `/callback`; with several providers `/callback/<provider>`. */
	callback: string;
	/** Default `/logout`; also where a provider returns to after its own logout. */
	logout: string;
	/** Default `/forbidden`. */
	forbidden: string;
	/** Default `/_portcullis`; everything below belongs to the gate. */
	endpoints: string;
}

/** What the platform gives, with the defaults where nothing was given. */
export type Platform = Readonly<Required<Pick<PlatformOptions, "env" | "fetch" | "log" | "now">>>;

/** States of a gate by name. */
export type StateClasses = Readonly<Record<string, StateClass>>;

/** Rules by path pattern. */
export type PageRules<U extends UserClaims = UserClaims> = Readonly<
	Record<string, { auth: Rule<PageAuthContext<U>> }>
>;

/**
 * What a person may be besides on paths without a rule of their own: `undefined` where the default
 * rule or a pattern of `pages` is open, or may be as far as the compiler knows; else `never`.
 *
 * @typeParam D The default rule.
 * @typeParam P The rules of `pages`.
 */
export type AnonymousOf<
	D,
	P extends Readonly<Record<string, { readonly auth: unknown }>>,
> = false extends D | P[keyof P]["auth"] ? undefined : never;

/** Options of `auth.gate`: what is behind the gate. */
export interface GateOptions<
	U extends UserClaims = UserClaims,
	S extends StateClasses = StateClasses,
	P extends PageRules<U> = PageRules<U>,
> {
	/** Classes of server state, by the name that browsers know them by. */
	states?: S;
	/**
	 * Rules by path: `/about`, `/users/:id`, `/admin/*`. The most specific pattern wins; paths
	 * without one follow the default.
	 */
	pages?: P & PageRules<U>;
	/**
	 * Paths of files that are public and the same for everyone, such as `/assets/*`. No session is
	 * looked up for them.
	 */
	assets?: readonly string[];
}

export const DEFAULT_ROUTES: RoutePaths = {
	login: "/login",
	callback: "/callback",
	logout: "/logout",
	forbidden: "/forbidden",
	endpoints: "/_portcullis",
};
