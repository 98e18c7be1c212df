import type { Telemetry } from "../audit/telemetry.ts";
import type { ConfigProblem } from "../base/errors.ts";
import { checkBearer } from "./bearer-options.ts";
import { checkRoutes } from "./check-paths.ts";
import { checkEmbed } from "./embedding.ts";
import { checkLanguages } from "./languages.ts";
import {
	checkRule,
	type FilledRow,
	mustBeFlag,
	mustBeFunction,
	number,
	type OptionRow,
	unknownKeys,
} from "./option-row.ts";
import type {
	GateOptions,
	HttpOptions,
	PlatformOptions,
	PortcullisOptions,
	SessionOptions,
	UiOptions,
} from "./options.ts";

/** The options that have a value of their own where nothing is given, by place. */
export interface FilledOptions {
	portcullis: "auth";
	gate: never;
	session: "outageGrace" | "claimsMaxAge" | "loginLimit" | "sharedCallback";
	http: "trustProxy" | "hsts";
	ui: never;
	platform: "timeout" | "clockTolerance";
}

/** What can be given in each place: in the two calls, and in the groups of `portcullis()`. */
export interface GivenOptions {
	portcullis: PortcullisOptions;
	gate: GateOptions;
	session: SessionOptions;
	http: HttpOptions;
	ui: UiOptions;
	platform: PlatformOptions;
}

export type Place = keyof GivenOptions;

/** A row for each option of a place. The compiler refuses a table that lacks one. */
export type OptionRows<P extends Place> = {
	readonly [K in keyof GivenOptions[P]]-?: K extends FilledOptions[P]
		? FilledRow<NonNullable<GivenOptions[P][K]>>
		: OptionRow;
};

const GROUP = { otherwise: "" };
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const VIEW_NAMES = ["login", "callback", "logout", "forbidden", "error"];

/**
 * Every option, once: messages, defaults and the tables of docs/configuration.md come from here.
 * Docstrings are with the types in `options.ts`.
 */
export const OPTIONS: { readonly [P in Place]: OptionRows<P> } = {
	portcullis: {
		providers: {
			type: "list of `ProviderRef`",
			otherwise: "`[Generic]`",
			means:
				"identity providers, in the order of their buttons: [naming](providers.md#naming-a-provider)",
		},
		auth: {
			type: "`true`, `false` or a check",
			fallback: true,
			means: "the [rule](pages.md) of pages, events, fields and computed values without their own",
			check: (value) => checkRule("auth", value),
		},
		extraScopes: {
			type: "list of strings",
			otherwise: "none",
			means: "scopes beyond a provider's own, one an entry",
			check: checkScopes,
		},
		secret: {
			type: "string, or list of strings",
			otherwise: "`PORTCULLIS_SECRET`, else the client secret",
			means: "what seals cookies: [secrets](#secrets)",
		},
		origin: {
			type: "string, or list of strings",
			otherwise: "`PORTCULLIS_ORIGIN`, else what the browser asked for",
			means: "public [origins](#origin-and-proxies)",
		},
		store: {
			type: "a `StateStore`",
			otherwise: "`memory()`",
			means: "where server state is kept: [stores](stores.md)",
			check: checkStore,
		},
		session: {
			type: "a [group](#session)",
			...GROUP,
			means: "sessions, claims and logins",
		},
		http: {
			type: "a [group](#http)",
			...GROUP,
			means: "routes, proxies, frames and programs",
		},
		ui: { type: "a [group](#ui)", ...GROUP, means: "the gate's own pages" },
		platform: {
			type: "a [group](#platform)",
			...GROUP,
			means: "environment, time, log, audit, telemetry",
		},
	},
	gate: {
		states: {
			type: "record of name to class (`StateClasses`)",
			otherwise: "none",
			means:
				"[server state](state.md) by name. A `StateClass` extends `State` and takes no arguments",
		},
		pages: {
			type: "record of pattern to `{ auth }`",
			otherwise: "none",
			means: "the [rules by path](pages.md#patterns)",
		},
		assets: {
			type: "list of patterns",
			otherwise: "none",
			means: "[public files](pages.md#assets)",
		},
	},
	session: {
		outageGrace: number(
			"session.outageGrace",
			{ min: 0, max: 86_400, unit: "seconds" },
			{
				fallback: 1800,
				remedy: "Leave it out for 1800 seconds, or set 0 to end sessions with their access tokens.",
				means:
					"how long a session outlives its access token while the provider is down. 0: not at all",
			},
		),
		claimsMaxAge: number(
			"session.claimsMaxAge",
			{ min: 60, max: 604_800, unit: "seconds", orZero: true },
			{
				fallback: 1800,
				remedy:
					"Leave it out for 1800 seconds, or set 0 to ask for userinfo at logins and renewals alone.",
				means:
					"age at which each process fetches userinfo claims again, in the background. 0: at logins and renewals alone",
			},
		),
		backchannelLogout: {
			type: "`true` or `false`",
			otherwise: "`true` with a `store`, else `false`",
			means:
				"whether providers can [end sessions](sessions.md#back-channel-logout). Needs a named `store`",
			check: checkBackchannelLogout,
		},
		loginLimit: number(
			"session.loginLimit",
			{ min: 0, max: 1_000_000, isWhole: true },
			{
				fallback: 600,
				remedy: "Leave it out for 600 a minute and address, or set 0 to limit nothing.",
				means:
					"logins, and callbacks, of one address a minute and process; 0: no [limit](#limits-by-address)",
			},
		),
		sharedCallback: {
			type: "`true` or `false`",
			fallback: false,
			means: "[one redirect URI](providers.md#one-callback-for-all) for all providers",
			check: mustBeFlag("session.sharedCallback"),
		},
	},
	http: {
		routes: {
			type: "some of `RoutePaths`",
			otherwise: "see [routes](#routes)",
			means: "other paths for the gate's own routes",
			check: checkRoutes,
		},
		// What is wrong with a list is found where it is read: `compileOrigin`.
		trustProxy: {
			type: "`true`, `false`, or list of addresses and CIDR ranges",
			fallback: false,
			means: "whose [forwarded headers](#origin-and-proxies) count",
		},
		hsts: number(
			"http.hsts",
			{ min: 0, max: 63_072_000, unit: "seconds", isWhole: true },
			{
				fallback: 31_536_000,
				remedy: "Leave it out for a year, or set 0 to send no Strict-Transport-Security.",
				means: "`max-age` of [`Strict-Transport-Security`](#https-alone); 0 sends none",
			},
		),
		embed: {
			type: "`EmbedOptions`: `{ ancestors }`",
			otherwise: "none: no frames",
			means: "origins of pages that may [frame](embedding.md) the app",
			check: checkEmbed,
		},
		bearer: {
			type: "`BearerOptions`: `{ audience, providers, scopes }`",
			otherwise: "none: `Authorization` is ignored",
			means: "whose access tokens let [programs](apis.md#machines) in",
			check: checkBearer,
		},
	},
	ui: {
		views: {
			type: "some of `Views`",
			otherwise: "the default views",
			means: "[builders that replace the gate's own pages](views.md)",
			check: checkViews,
		},
		languages: {
			type: "`LanguageOptions`",
			otherwise: "eight languages, by `Accept-Language`",
			means: "[languages](views.md#languages) and texts of the gate's own pages",
			check: checkLanguages,
		},
	},
	platform: {
		env: {
			type: "a record of strings",
			otherwise: "the process's environment",
			means: "the variables below",
			check: checkEnv,
		},
		fetch: {
			type: "a `fetch`",
			otherwise: "the global `fetch`",
			means: "every call to a provider goes through it",
			check: mustBeFunction("platform.fetch", "Leave it out for the global fetch."),
		},
		timeout: number(
			"platform.timeout",
			{ min: 0.1, max: 60, unit: "seconds" },
			{
				fallback: 5,
				remedy: "Leave it out for 5 seconds.",
				means: "time-out of one call to a provider, body included. Renewals get 13 seconds",
			},
		),
		now: {
			type: "function",
			otherwise: "`Date.now`",
			means: "milliseconds since the epoch",
			check: mustBeFunction("platform.now", "Leave it out for Date.now."),
		},
		clockTolerance: number(
			"platform.clockTolerance",
			{ min: 0, max: 300, unit: "seconds" },
			{
				fallback: 60,
				remedy: "Leave it out for 60 seconds.",
				means: "by how much a provider's clock may differ",
			},
		),
		log: {
			type: "a `Log`",
			otherwise: "the console",
			means: "gets each `LogEntry`: [log](#log)",
			check: mustBeFunction("platform.log", "Pass a function of a LogEntry."),
		},
		audit: {
			type: "an `Audit`",
			otherwise: "none",
			means: "hears of logins, logouts, renewals and decisions: [audit](audit.md)",
			check: mustBeFunction("platform.audit", "Pass a function of action, outcome and context."),
		},
		telemetry: {
			type: "a `Telemetry`",
			otherwise: "none",
			means: "measures them: [telemetry](telemetry.md)",
			check: checkTelemetry,
		},
	},
};

function checkEnv(value: unknown): ConfigProblem[] {
	if (typeof value === "object" && value !== null) return [];
	const remedy = "Pass variables by name, or leave it out for those of the process.";
	return [{ problem: "platform.env is not an object", remedy }];
}

function checkScopes(value: unknown): ConfigProblem[] {
	const remedy = "Give one scope an entry, without spaces (RFC 6749 section 3.3).";
	if (!Array.isArray(value)) return [{ problem: "extraScopes is no list", remedy }];
	return value
		.filter((scope) => typeof scope !== "string" || !SCOPE.test(scope))
		.map((scope) => ({
			problem: `extraScopes has ${JSON.stringify(scope)}, which is not a scope`,
			remedy,
		}));
}

function checkStore(value: unknown): ConfigProblem[] {
	if (typeof (value as PortcullisOptions["store"] | null)?.acquire === "function") return [];
	const remedy = "Pass memory() of portcullis/state, or redis(url) of portcullis/redis.";
	return [{ problem: "store is no store", remedy }];
}

function checkBackchannelLogout(
	value: unknown,
	{ store }: { readonly store?: unknown },
): ConfigProblem[] {
	if (value !== true || store !== undefined) return mustBeFlag("session.backchannelLogout")(value);
	return [
		{
			problem:
				"session.backchannelLogout needs a store to keep revoked sessions in, and none was named",
			remedy:
				"Pass store: redis(url) of portcullis/redis, or memory() of portcullis/state to say that there is only one process.",
		},
	];
}

function checkViews(value: unknown): ConfigProblem[] {
	const unknown = unknownKeys("ui.views", value, VIEW_NAMES);
	const remedy = "Pass a builder that returns html`...` or a Response.";
	const wrong = Object.entries(Object(value) as object).filter(
		([, view]) => typeof view !== "function",
	);
	return [
		...unknown,
		...wrong.map(([name]) => ({ problem: `ui.views.${name} is not a function`, remedy })),
	];
}

function checkTelemetry(value: unknown): ConfigProblem[] {
	const given = value as Partial<Telemetry> | null;
	const methods = [given?.record, given?.recordUnsealFailure, given?.route, given?.providerCall];
	if (methods.every((method) => typeof method === "function")) return [];
	const remedy =
		"Pass openTelemetry() of portcullis/opentelemetry, or an object with the methods of Telemetry.";
	return [{ problem: "platform.telemetry does not measure", remedy }];
}
