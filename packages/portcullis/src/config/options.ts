import type { Audit } from "../audit/audit.ts";
import type { Log } from "../audit/log.ts";
import type { Telemetry } from "../audit/telemetry.ts";
import type { ConfigProblem } from "../base/errors.ts";
import type { AuthContext, PageAuthContext, Rule } from "../guard/context.ts";
import { patternProblem } from "../guard/path-rules.ts";
import type { Provider } from "../protocol/provider.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { StateClass } from "../state/state.ts";
import type { StateStore } from "../store/contract.ts";
import type { Views } from "../views/types.ts";
import { type BearerOptions, checkBearer } from "./bearer-options.ts";
import { checkEmbed, type EmbedOptions } from "./embedding.ts";
import type { Environment } from "./environment.ts";
import { checkLanguages, type LanguageOptions } from "./languages.ts";

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
			: OIDCUserInfo;

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
	 * Whose `Forwarded` and `X-Forwarded-*` headers count: nobody's (`false`, the default), any
	 * direct peer's (`true`: only if nobody else can reach the app), or those of addresses and CIDR
	 * ranges.
	 */
	trustProxy?: boolean | readonly string[];
	/** Other paths for the gate's own routes. */
	routes?: Partial<RoutePaths>;
	/** Time-out of one call to a provider, in seconds, from 0.1 to 60. Default 5. */
	timeout?: number;
	/** Tolerance for a provider's clock, in seconds, at most 300. Default 60. */
	clockTolerance?: number;
	/**
	 * How long a person stays signed in after the access token has ended while the provider cannot be
	 * reached, in seconds; 0 turns it off. Default 1800.
	 */
	outageGrace?: number;
	/**
	 * How old the claims of userinfo may be, in seconds, from 60 to 604,800; older ones are fetched
	 * again in the background. 0: only with the tokens. Default 1800.
	 */
	userinfoMaxAge?: number;
	/**
	 * One redirect URI for all of several providers, instead of one for each. Only for providers that
	 * name themselves in each answer (RFC 9207): a login with any other is refused. Default false.
	 */
	sharedCallback?: boolean;
	/**
	 * How many logins one address may begin, and how many callbacks it may send, in a minute and
	 * process; 0 limits nothing. Default 600.
	 */
	loginLimit?: number;
	/**
	 * For how long browsers are told to use https alone for the app's host (RFC 6797), on the gate's
	 * own pages of an https origin that is not this machine, in seconds; 0 says nothing. Default
	 * 31,536,000, a year.
	 */
	hsts?: number;
	/**
	 * Hears of each login, logout, renewal and decision, and can neither block nor decide any.
	 * Default: nobody does.
	 */
	audit?: Audit;
	/**
	 * Measures logins, renewals, refusals and calls to providers: `openTelemetry()` of
	 * `portcullis/opentelemetry`. Default: nobody does.
	 */
	telemetry?: Telemetry;
	/** What the platform gives: replaced in tests and on unusual hosts. */
	platform?: Partial<Platform>;
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

/** What the gate takes from its surroundings. */
export interface Platform {
	/** Default: the process's environment. */
	env: Environment;
	/** Every call to a provider goes through it. Default: the global `fetch`. */
	fetch: typeof fetch;
	/** Default: the console. */
	log: Log;
	/** Milliseconds since the epoch. Default `Date.now`. */
	now: () => number;
}

/** States of a gate by name. */
export type StateClasses = Readonly<Record<string, StateClass>>;

/** Options of `kit.gate`: what is behind the gate. */
export interface GateOptions<
	U extends OIDCUserInfo = OIDCUserInfo,
	S extends StateClasses = StateClasses,
> {
	/** Classes of server state, by the name that browsers know them by. */
	states?: S;
	/** Where the state of clients is kept. Default: `memory()`, which one process has for itself. */
	store?: StateStore;
	/**
	 * Rules by path: `/about`, `/users/:id`, `/admin/*`. The most specific pattern wins; paths
	 * without one follow the default.
	 */
	pages?: Readonly<Record<string, { auth: Rule<PageAuthContext<U>> }>>;
	/**
	 * Paths of files that are public and the same for everyone, such as `/assets/*`. Nobody is looked
	 * up for them.
	 */
	assets?: readonly string[];
	/**
	 * Pages of other origins that may show the app in a frame, and let people sign in there. Default:
	 * nobody may.
	 */
	embed?: EmbedOptions;
	/** Builders that replace the gate's own views. */
	views?: Partial<Views>;
	/**
	 * In which languages the gate's own pages speak, and their texts. Default: eight, chosen by
	 * `Accept-Language`.
	 */
	languages?: LanguageOptions;
	/**
	 * Whose access tokens let programs in, without a session and without cookies. Default: nobody's,
	 * and an `Authorization` header means nothing.
	 */
	bearer?: BearerOptions;
	/**
	 * Whether providers can end sessions by `POST /_portcullis/backchannel-logout/<provider>`. What
	 * they have ended is kept in `store`, which has to be named for it. Default: true with a store,
	 * false without one.
	 */
	backchannelLogout?: boolean;
}

export const DEFAULT_ROUTES: RoutePaths = {
	login: "/login",
	callback: "/callback",
	logout: "/logout",
	forbidden: "/forbidden",
	endpoints: "/_portcullis",
};

const KIT_OPTIONS = [
	"providers",
	"auth",
	"extraScopes",
	"secret",
	"origin",
	"trustProxy",
	"routes",
	"timeout",
	"clockTolerance",
	"outageGrace",
	"userinfoMaxAge",
	"sharedCallback",
	"loginLimit",
	"hsts",
	"audit",
	"telemetry",
	"platform",
];
const GATE_OPTIONS = [
	"states",
	"store",
	"pages",
	"assets",
	"embed",
	"bearer",
	"views",
	"languages",
	"backchannelLogout",
];
const PLATFORM_OPTIONS = ["env", "fetch", "log", "now"];
const VIEW_NAMES = ["login", "callback", "logout", "forbidden", "error"];

/**
 * Looks at the options of `portcullis` that need nothing else to be judged. Returns every mistake.
 */
export function checkKitOptions(options: PortcullisOptions): ConfigProblem[] {
	const problems = unknownKeys("portcullis()", options, KIT_OPTIONS);
	if (options.routes)
		problems.push(
			...unknownKeys("routes", options.routes, Object.keys(DEFAULT_ROUTES)),
			...checkRoutes({ ...DEFAULT_ROUTES, ...options.routes }),
		);
	if (options.platform)
		problems.push(...unknownKeys("platform", options.platform, PLATFORM_OPTIONS));
	if (!isRule(options.auth ?? true))
		problems.push({
			problem: "auth is neither true, false nor a function",
			remedy: "Pass true, false or a check.",
		});
	if (!isBetween(options.timeout ?? 5, 0.1, 60))
		problems.push({
			problem: "timeout is not a number of seconds from 0.1 to 60",
			remedy: "Leave it out for 5 seconds.",
		});
	if (!isBetween(options.clockTolerance ?? 60, 0, 300)) {
		problems.push({
			problem: "clockTolerance is not a number of seconds from 0 to 300",
			remedy: "Leave it out for 60 seconds.",
		});
	}
	if (!isBetween(options.outageGrace ?? 0, 0, 86_400)) {
		problems.push({
			problem: "outageGrace is not a number of seconds from 0 to 86400",
			remedy: "Leave it out for 1800 seconds, or set 0 to end sessions with their access tokens.",
		});
	}
	if (options.userinfoMaxAge !== 0 && !isBetween(options.userinfoMaxAge ?? 1800, 60, 604_800)) {
		problems.push({
			problem: "userinfoMaxAge is neither 0 nor a number of seconds from 60 to 604800",
			remedy:
				"Leave it out for 1800 seconds, or set 0 to ask for userinfo at logins and renewals alone.",
		});
	}
	if (options.sharedCallback !== undefined && typeof options.sharedCallback !== "boolean")
		problems.push({
			problem: "sharedCallback is neither true nor false",
			remedy: "Pass true or false.",
		});
	if (
		!Number.isInteger(options.loginLimit ?? 0) ||
		!isBetween(options.loginLimit ?? 0, 0, 1_000_000)
	) {
		problems.push({
			problem: "loginLimit is not a whole number from 0 to 1000000",
			remedy: "Leave it out for 600 a minute and address, or set 0 to limit nothing.",
		});
	}
	if (!Number.isInteger(options.hsts ?? 0) || !isBetween(options.hsts ?? 0, 0, 63_072_000)) {
		problems.push({
			problem: "hsts is not a whole number of seconds from 0 to 63072000",
			remedy: "Leave it out for a year, or set 0 to send no Strict-Transport-Security.",
		});
	}
	if (options.audit !== undefined && typeof options.audit !== "function")
		problems.push({
			problem: "audit is not a function",
			remedy: "Pass a function of action, outcome and context.",
		});
	if (options.telemetry !== undefined && !isTelemetry(options.telemetry))
		problems.push({
			problem: "telemetry does not measure",
			remedy:
				"Pass openTelemetry() of portcullis/opentelemetry, or an object with the methods of Telemetry.",
		});
	for (const scope of options.extraScopes ?? []) {
		if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
			problems.push({
				problem: `extraScopes has ${JSON.stringify(scope)}, which is not a scope`,
				remedy: "Give one scope an entry, without spaces (RFC 6749 section 3.3).",
			});
	}
	return problems;
}

/** Looks at the options of `kit.gate`. Returns every mistake. */
export function checkGateOptions(options: GateOptions, routes: RoutePaths): ConfigProblem[] {
	const problems = unknownKeys("gate()", options, GATE_OPTIONS);
	if (options.store !== undefined && typeof options.store?.acquire !== "function")
		problems.push({
			problem: "store is no store",
			remedy: "Pass memory() of portcullis/state, or redis(url) of portcullis/redis.",
		});
	if (options.backchannelLogout !== undefined && typeof options.backchannelLogout !== "boolean")
		problems.push({
			problem: "backchannelLogout is neither true nor false",
			remedy: "Pass true or false.",
		});
	if (options.backchannelLogout === true && options.store === undefined)
		problems.push({
			problem: "backchannelLogout needs a store to keep revoked sessions in, and none was named",
			remedy:
				"Pass store: redis(url) of portcullis/redis, or memory() of portcullis/state to say that there is only one process.",
		});
	for (const [pattern, page] of Object.entries(options.pages ?? {})) {
		problems.push(...checkPattern("pages", pattern, routes));
		problems.push(...unknownKeys(`pages["${pattern}"]`, page, ["auth"]));
		if (!isRule(page.auth))
			problems.push({
				problem: `pages["${pattern}"].auth is neither true, false nor a function`,
				remedy: "Pass true, false or a check.",
			});
	}
	for (const pattern of options.assets ?? []) {
		problems.push(...checkPattern("assets", pattern, routes));
		if (pattern === "/*" || pattern === "/")
			problems.push({
				problem: `assets has ${pattern}, which would open the whole app`,
				remedy: "Name the folders that hold public files, such as /assets/*.",
			});
		if (options.pages?.[pattern])
			problems.push({
				problem: `${pattern} is both in pages and in assets`,
				remedy: "Keep it in one of them.",
			});
	}
	if (options.embed !== undefined) problems.push(...checkEmbed(options.embed));
	if (options.bearer !== undefined) {
		const unknown = unknownKeys("bearer", options.bearer, ["audience", "providers", "scopes"]);
		problems.push(...(unknown.length > 0 ? unknown : checkBearer(options.bearer)));
	}
	if (options.languages !== undefined) {
		const unknown = unknownKeys("languages", options.languages, ["offer", "texts", "uiLocales"]);
		problems.push(...(unknown.length > 0 ? unknown : checkLanguages(options.languages)));
	}
	if (options.views) {
		problems.push(...unknownKeys("views", options.views, VIEW_NAMES));
		for (const [name, view] of Object.entries(options.views)) {
			if (typeof view !== "function")
				problems.push({
					problem: `views.${name} is not a function`,
					remedy: "Pass a builder that returns html`...` or a Response.",
				});
		}
	}
	return problems;
}

/** A mistake for each key that is not an option: a typo must never switch a protection off. */
export function unknownKeys(
	where: string,
	options: object,
	known: readonly string[],
): ConfigProblem[] {
	if (typeof options !== "object" || options === null)
		return [
			{ problem: `${where} is not an object`, remedy: `Pass an object with ${known.join(", ")}.` },
		];
	return Object.keys(options)
		.filter((key) => !known.includes(key))
		.map((key) => ({
			problem: `${where} has no option "${key}"`,
			remedy: `Known options: ${known.join(", ")}.`,
		}));
}

function checkPattern(where: string, pattern: string, routes: RoutePaths): ConfigProblem[] {
	const problem = patternProblem(pattern);
	if (problem)
		return [
			{
				problem: `${where} has "${pattern}", which ${problem}`,
				remedy: "Write it as a path, such as /about, /users/:id or /admin/*.",
			},
		];
	const own = Object.values(routes).find(
		(route) => pattern === route || pattern.startsWith(`${route}/`),
	);
	return own
		? [
				{
					problem: `${where} has "${pattern}", which collides with the gate's own route ${own}`,
					remedy: "Rename the page, or move the gate's route with the routes option.",
				},
			]
		: [];
}

function checkRoutes(routes: RoutePaths): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	const entries = Object.entries(routes);
	for (const [name, path] of entries) {
		const wrong =
			typeof path !== "string" ||
			path === "/" ||
			path.endsWith("/") ||
			/[:*]/.test(path) ||
			patternProblem(path) !== undefined;
		if (wrong)
			problems.push({
				problem: `routes.${name} is not a plain path`,
				remedy: "Give a path such as /auth/login, without a slash at the end.",
			});
		const other = entries.find(
			([otherName, otherPath]) =>
				otherName !== name && (path === otherPath || path.startsWith(`${otherPath}/`)),
		);
		if (other && !wrong)
			problems.push({
				problem: `routes.${name} (${path}) lies on or below routes.${other[0]} (${other[1]})`,
				remedy: "Give each route a path of its own.",
			});
	}
	return problems;
}

function isRule(value: unknown): boolean {
	return typeof value === "boolean" || typeof value === "function";
}

function isTelemetry(value: Partial<Telemetry>): boolean {
	return [value?.happened, value?.unsealFailed, value?.route, value?.providerCall].every(
		(method) => typeof method === "function",
	);
}

function isBetween(value: unknown, min: number, max: number): boolean {
	return typeof value === "number" && value >= min && value <= max;
}
