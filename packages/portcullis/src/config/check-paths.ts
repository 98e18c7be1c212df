import type { ConfigProblem } from "../base/errors.ts";
import { patternProblem } from "../guard/path-rules.ts";
import { checkRule, unknownKeys } from "./option-row.ts";
import { DEFAULT_ROUTES, type GateOptions, type RoutePaths } from "./options.ts";

/** Looks at `http.routes`. Returns every mistake. */
export function checkRoutes(given: unknown): ConfigProblem[] {
	const unknown = unknownKeys("http.routes", given, Object.keys(DEFAULT_ROUTES));
	if (typeof given !== "object" || given === null) return unknown;
	const entries = Object.entries({ ...DEFAULT_ROUTES, ...given }) as [string, unknown][];
	const found = entries.flatMap(([name, path]) => routeProblem(name, path, entries));
	return [...unknown, ...found];
}

function routeProblem(
	name: string,
	path: unknown,
	all: readonly (readonly [string, unknown])[],
): ConfigProblem[] {
	const isPlain =
		typeof path === "string" &&
		path !== "/" &&
		!path.endsWith("/") &&
		!/[:*]/.test(path) &&
		patternProblem(path) === undefined;
	if (!isPlain)
		return [
			{
				problem: `http.routes.${name} is not a plain path`,
				remedy: "Give a path such as /auth/login, without a slash at the end.",
			},
		];
	const other = all.find(
		([otherName, otherPath]) =>
			otherName !== name && (path === otherPath || path.startsWith(`${otherPath}/`)),
	);
	if (!other) return [];
	return [
		{
			problem: `http.routes.${name} (${path}) lies on or below http.routes.${other[0]} (${other[1]})`,
			remedy: "Give each route a path of its own.",
		},
	];
}

/** Looks at `pages` and `assets` of a gate. Returns every mistake. */
export function checkPatterns(options: GateOptions, routes: RoutePaths): ConfigProblem[] {
	const pages = options.pages ?? {};
	const assets = options.assets ?? [];
	const problems: ConfigProblem[] = [];
	for (const [pattern, page] of Object.entries(pages)) {
		problems.push(...checkPattern("pages", pattern, routes));
		problems.push(...unknownKeys(`pages["${pattern}"]`, page, ["auth"]));
		problems.push(...checkRule(`pages["${pattern}"].auth`, page?.auth));
	}
	for (const pattern of assets) {
		problems.push(...checkPattern("assets", pattern, routes));
		if (pattern === "/*" || pattern === "/")
			problems.push({
				problem: `assets has ${pattern}, which would open the whole app`,
				remedy: "Name the folders that hold public files, such as /assets/*.",
			});
		if (pages[pattern])
			problems.push({
				problem: `${pattern} is both in pages and in assets`,
				remedy: "Keep it in one of them.",
			});
	}
	return problems;
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
	if (!own) return [];
	return [
		{
			problem: `${where} has "${pattern}", which collides with the gate's own route ${own}`,
			remedy: "Rename the page, or move the gate's route with http: { routes }.",
		},
	];
}
