import type { Telemetry } from "../audit/telemetry.ts";
import type { ConfigProblem } from "../base/errors.ts";
import { patternProblem } from "../guard/path-rules.ts";
import { checkBearer } from "./bearer-options.ts";
import { checkEmbed } from "./embedding.ts";
import { checkLanguages } from "./languages.ts";
import {
	DEFAULT_ROUTES,
	type GateOptions,
	type HttpOptions,
	type PlatformOptions,
	type PortcullisOptions,
	type RoutePaths,
	type SessionOptions,
	type UiOptions,
} from "./options.ts";

/** The options by where they belong: at the top, in `gate()`, or in a group. */
const PLACES = {
	portcullis: [
		...["providers", "auth", "extraScopes", "secret", "origin", "store"],
		...["session", "http", "ui", "platform"],
	],
	gate: ["states", "pages", "assets"],
	session: ["outageGrace", "claimsMaxAge", "backchannelLogout", "loginLimit", "sharedCallback"],
	http: ["routes", "trustProxy", "hsts", "embed", "bearer"],
	ui: ["views", "languages"],
	platform: ["env", "fetch", "timeout", "now", "clockTolerance", "log", "audit", "telemetry"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

type Place = keyof typeof PLACES;
const GROUPS = ["session", "http", "ui", "platform"] as const;
const VIEW_NAMES = ["login", "callback", "logout", "forbidden", "error"];

/**
 * Looks at the options of `portcullis` that need nothing else to be judged. Returns every mistake.
 */
export function checkOptions(options: PortcullisOptions): ConfigProblem[] {
	const misplaced = [
		...strayKeys("portcullis", options),
		...GROUPS.flatMap((group) =>
			options[group] === undefined ? [] : strayKeys(group, options[group]),
		),
	];
	const { session = {}, http = {}, ui = {}, platform = {} } = options;
	// What is no object has been said above, and holds no option.
	return [
		...misplaced,
		...checkTop(options),
		...checkSession(session ?? {}, options.store !== undefined),
		...checkHttp(http ?? {}),
		...checkUi(ui ?? {}),
		...checkPlatform(platform ?? {}),
	];
}

function checkTop(options: PortcullisOptions): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	if (!isRule(options.auth ?? true))
		problems.push({
			problem: "auth is neither true, false nor a function",
			remedy: "Pass true, false or a check.",
		});
	for (const scope of options.extraScopes ?? []) {
		if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
			problems.push({
				problem: `extraScopes has ${JSON.stringify(scope)}, which is not a scope`,
				remedy: "Give one scope an entry, without spaces (RFC 6749 section 3.3).",
			});
	}
	if (options.store !== undefined && typeof options.store?.acquire !== "function")
		problems.push({
			problem: "store is no store",
			remedy: "Pass memory() of portcullis/state, or redis(url) of portcullis/redis.",
		});
	return problems;
}

function checkSession(options: SessionOptions, hasStore: boolean): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	if (!isBetween(options.outageGrace ?? 0, 0, 86_400)) {
		problems.push({
			problem: "session.outageGrace is not a number of seconds from 0 to 86400",
			remedy: "Leave it out for 1800 seconds, or set 0 to end sessions with their access tokens.",
		});
	}
	if (options.claimsMaxAge !== 0 && !isBetween(options.claimsMaxAge ?? 1800, 60, 604_800)) {
		problems.push({
			problem: "session.claimsMaxAge is neither 0 nor a number of seconds from 60 to 604800",
			remedy:
				"Leave it out for 1800 seconds, or set 0 to ask for userinfo at logins and renewals alone.",
		});
	}
	if (options.sharedCallback !== undefined && typeof options.sharedCallback !== "boolean")
		problems.push({
			problem: "session.sharedCallback is neither true nor false",
			remedy: "Pass true or false.",
		});
	if (
		!Number.isInteger(options.loginLimit ?? 0) ||
		!isBetween(options.loginLimit ?? 0, 0, 1_000_000)
	) {
		problems.push({
			problem: "session.loginLimit is not a whole number from 0 to 1000000",
			remedy: "Leave it out for 600 a minute and address, or set 0 to limit nothing.",
		});
	}
	if (options.backchannelLogout !== undefined && typeof options.backchannelLogout !== "boolean")
		problems.push({
			problem: "session.backchannelLogout is neither true nor false",
			remedy: "Pass true or false.",
		});
	if (options.backchannelLogout === true && !hasStore)
		problems.push({
			problem:
				"session.backchannelLogout needs a store to keep revoked sessions in, and none was named",
			remedy:
				"Pass store: redis(url) of portcullis/redis, or memory() of portcullis/state to say that there is only one process.",
		});
	return problems;
}

function checkHttp(options: HttpOptions): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	if (options.routes)
		problems.push(
			...unknownKeys("routes", options.routes, Object.keys(DEFAULT_ROUTES)),
			...checkRoutes({ ...DEFAULT_ROUTES, ...options.routes }),
		);
	if (!Number.isInteger(options.hsts ?? 0) || !isBetween(options.hsts ?? 0, 0, 63_072_000)) {
		problems.push({
			problem: "http.hsts is not a whole number of seconds from 0 to 63072000",
			remedy: "Leave it out for a year, or set 0 to send no Strict-Transport-Security.",
		});
	}
	if (options.embed !== undefined) problems.push(...checkEmbed(options.embed));
	if (options.bearer !== undefined) {
		const unknown = unknownKeys("bearer", options.bearer, ["audience", "providers", "scopes"]);
		problems.push(...(unknown.length > 0 ? unknown : checkBearer(options.bearer)));
	}
	return problems;
}

function checkUi(options: UiOptions): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
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

function checkPlatform(options: PlatformOptions): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	if (!isBetween(options.timeout ?? 5, 0.1, 60))
		problems.push({
			problem: "platform.timeout is not a number of seconds from 0.1 to 60",
			remedy: "Leave it out for 5 seconds.",
		});
	if (!isBetween(options.clockTolerance ?? 60, 0, 300)) {
		problems.push({
			problem: "platform.clockTolerance is not a number of seconds from 0 to 300",
			remedy: "Leave it out for 60 seconds.",
		});
	}
	if (options.audit !== undefined && typeof options.audit !== "function")
		problems.push({
			problem: "platform.audit is not a function",
			remedy: "Pass a function of action, outcome and context.",
		});
	if (options.telemetry !== undefined && !isTelemetry(options.telemetry))
		problems.push({
			problem: "platform.telemetry does not measure",
			remedy:
				"Pass openTelemetry() of portcullis/opentelemetry, or an object with the methods of Telemetry.",
		});
	return problems;
}

/** Looks at the options of `auth.gate`. Returns every mistake. */
export function checkGateOptions(options: GateOptions, routes: RoutePaths): ConfigProblem[] {
	const problems = strayKeys("gate", options);
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
	return problems;
}

/**
 * A mistake for each key that is not an option of that place: a typo, or an option that belongs
 * elsewhere, must never switch a protection off.
 */
function strayKeys(place: Place, options: object): ConfigProblem[] {
	const known: readonly string[] = PLACES[place];
	const where = place === "portcullis" || place === "gate" ? `${place}()` : place;
	if (typeof options !== "object" || options === null) return unknownKeys(where, options, known);
	return Object.keys(options)
		.filter((key) => !known.includes(key))
		.map((key) => {
			const right = placeOf(key);
			if (right !== undefined) return misplaced(key, place, right);
			const near = nearNames(key).map(spelled);
			return {
				problem: `${where} has no option "${key}"`,
				remedy: `${near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : ""}Known options: ${known.join(", ")}.`,
			};
		});
}

function placeOf(name: string): Place | undefined {
	return (Object.keys(PLACES) as Place[]).find((place) =>
		(PLACES[place] as readonly string[]).includes(name),
	);
}

function misplaced(key: string, place: Place, right: Place): ConfigProblem {
	const isGroup = right !== "portcullis" && right !== "gate";
	const call = right === "gate" ? "gate()" : "portcullis()";
	if (place === "gate" || right === "gate") {
		const wrong = place === "gate" ? "gate()" : "portcullis()";
		return {
			problem: `\`${key}\` is an option of ${call}, not of ${wrong}`,
			remedy: `Write it there: ${call.slice(0, -1)}{ ${spelled(key)} }).`,
		};
	}
	return {
		problem: isGroup
			? `\`${key}\` belongs to \`${right}: { ${key} }\``
			: `\`${key}\` is an option of portcullis() itself, not of \`${place}\``,
		remedy: `Write portcullis({ ${spelled(key)} }).`,
	};
}

/** An option as it is written in its call. */
function spelled(name: string): string {
	const place = placeOf(name);
	return place === undefined || place === "portcullis" || place === "gate"
		? name
		: `${place}: { ${name} }`;
}

/** Names of options that a typo may have meant, nearest first. */
function nearNames(key: string): string[] {
	const most = key.length < 5 ? 1 : 2;
	return Object.values(PLACES)
		.flat()
		.map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
		.filter(({ distance }) => distance <= most)
		.sort((a, b) => a.distance - b.distance)
		.map(({ name }) => name);
}

/** How many letters have to be added, dropped or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return 3;
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next[j] = Math.min(
				(row[j] as number) + 1,
				(next[j - 1] as number) + 1,
				(row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
			);
		row = next;
	}
	return row[b.length] as number;
}

/** A mistake for each key that is not known. */
function unknownKeys(where: string, options: object, known: readonly string[]): ConfigProblem[] {
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
					remedy: "Rename the page, or move the gate's route with http: { routes }.",
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
