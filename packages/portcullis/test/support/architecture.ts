import { builtinModules } from "node:module";
import { dirname, join } from "node:path/posix";
import { type ModuleReferences, moduleReferences } from "./module-references.ts";
import { scriptsInText } from "./scripts-in-text.ts";

/** Sources by their path below `src`, such as `guard/decide.ts`. */
export type Sources = ReadonlyMap<string, string>;

const SERVER = [
	...["base", "wire", "crypto", "protocol", "store", "session", "guard", "state"],
	...["audit", "config", "doctor", "app", "hosts"],
];
const BROWSER = ["base", "wire", "client", "react"];

/** Which other folders each folder may import: the two lines of CONTRIBUTING.md, spelled out. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
	...Object.fromEntries(BROWSER.map((folder, index) => [folder, BROWSER.slice(0, index)])),
	...Object.fromEntries(SERVER.map((folder, index) => [folder, SERVER.slice(0, index)])),
	pages: ["base", "wire", "client"],
	views: ["base", "wire"],
	protocol: [...SERVER.slice(0, SERVER.indexOf("protocol")), "views"],
	config: [...SERVER.slice(0, SERVER.indexOf("config")), "views"],
	app: [...SERVER.slice(0, SERVER.indexOf("app")), "views"],
	hosts: [...SERVER.slice(0, SERVER.indexOf("hosts")), "views"],
	opentelemetry: [...SERVER.slice(0, SERVER.indexOf("hosts")), "views"],
	testing: [...SERVER.slice(0, SERVER.indexOf("hosts")), "views"],
	cli: [...SERVER, "views", "testing"],
};

/**
 * Folders that only the entry of the same name may import, so that no other entry pulls them in.
 */
const OWN_ENTRY_ONLY = ["testing", "cli", "client", "react", "opentelemetry", "pages"];

/**
 * What scripts of the gate's pages may take from the client: small, and fit for browsers of ten
 * years ago.
 */
const CLIENT_FOR_PAGES = [
	"client/messages.ts",
	"client/own-path.ts",
	"client/platform.ts",
	"client/popup-login.ts",
	"client/post-json.ts",
	"client/refresh-turn.ts",
];

/**
 * Packages from the registry, and the only places that may name them: a folder, or the start of a
 * path.
 */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
	"@opentelemetry/api": ["opentelemetry/"],
	commander: ["cli/"],
	"@clack/prompts": ["cli/connect/prompts"],
	jose: ["protocol/", "testing/"],
	oauth4webapi: ["protocol/"],
	hono: ["hosts/hono/"],
	"oidc-provider": ["testing/"],
	"@preact/signals-core": ["state/"],
	devalue: ["state/", "client/", "testing/"],
	redis: ["store/redis/"],
	react: ["react/"],
};

/** Where the platform may be named: `process`, `node:*`. */
const PLATFORM = [
	"crypto/node.ts",
	"config/environment.ts",
	"hosts/node/",
	"testing/",
	"cli/",
	"cli.ts",
];

/** Where `import()` may take a variable: provider modules are named in the configuration. */
const COMPUTED_IMPORT = ["app/", "config/", "testing/", "cli/"];

/** Written from `pages/`; the one file with scripts as text. */
const PAGE_SCRIPTS = "views/page-scripts.ts";

/** The imports of package.json, and the files that stand behind them. */
const SUBPATHS = new Map<string, readonly string[]>([
	["#aead", ["crypto/node.ts", "crypto/web.ts"]],
]);

/**
 * Everything in which the sources break the rules of the layout, one sentence each; empty if
 * nothing does. Unit tests (`*.test.ts`) may import what they like and are left out, but nothing
 * else may import them.
 */
export function architectureProblems(sources: Sources): string[] {
	const graph = new Map<string, string[]>();
	const problems: string[] = [];
	for (const [file, source] of sources) {
		if (isTest(file)) continue;
		const references = moduleReferences(source, file);
		const targets = references.specifiers.flatMap((specifier) => resolve(file, specifier));
		graph.set(file, targets);
		problems.push(
			...placeProblems(file, references),
			...targets.flatMap((target) => directionProblems(file, target, sources)),
			...references.specifiers.flatMap((specifier) => packageProblems(file, specifier)),
			...platformProblems(file, references),
			...(file === PAGE_SCRIPTS ? [] : scriptsInText(source, file)),
		);
	}
	return [...new Set([...problems, ...cycles(graph)])];
}

/** Files below `src` that a specifier leads to; none for a package. */
function resolve(file: string, specifier: string): readonly string[] {
	return specifier.startsWith(".")
		? [join(dirname(file), specifier)]
		: (SUBPATHS.get(specifier) ?? []);
}

function placeProblems(file: string, { exportsAll }: ModuleReferences): string[] {
	const folder = folderOf(file);
	if (folder === undefined)
		return exportsAll ? [`${file} is an entry and must list its exports by name`] : [];
	return Object.hasOwn(MAY_IMPORT, folder)
		? []
		: [`${file} is in a folder that the layout does not know`];
}

function directionProblems(file: string, target: string, sources: Sources): string[] {
	const says = `${file} imports ${target}`;
	if (!sources.has(target)) return [`${says}, which is not a source file`];
	if (isTest(target)) return [`${says}, a test`];
	const from = folderOf(file);
	const to = folderOf(target);
	if (to === undefined) return [`${says}, an entry`];
	if (from === undefined) {
		return OWN_ENTRY_ONLY.includes(to) && file !== `${to}.ts` ? [`${says}: only ${to}.ts may`] : [];
	}
	if (from === "pages" && to === "client" && !CLIENT_FOR_PAGES.includes(target))
		return [`${says}, which is not meant for pages`];
	return from === to || MAY_IMPORT[from]?.includes(to)
		? []
		: [`${says}: ${from} may not import ${to}`];
}

function packageProblems(file: string, specifier: string): string[] {
	if (specifier.startsWith(".") || SUBPATHS.has(specifier) || isBuiltin(specifier)) return [];
	const name = specifier
		.split("/")
		.slice(0, specifier.startsWith("@") ? 2 : 1)
		.join("/");
	const places = Object.hasOwn(PACKAGES, name) ? PACKAGES[name] : undefined;
	if (places === undefined) return [`${file} imports the package ${name}, which no place may`];
	return startsWithOneOf(file, places)
		? []
		: [`${file} imports the package ${name}, only ${places.join(", ")} may`];
}

function platformProblems(file: string, references: ModuleReferences): string[] {
	const problems: string[] = [];
	if (references.computedImport && !startsWithOneOf(file, COMPUTED_IMPORT)) {
		problems.push(`${file} imports what a variable names`);
	}
	if (startsWithOneOf(file, PLATFORM)) return problems;
	if (references.namesProcess) problems.push(`${file} names process`);
	for (const specifier of references.specifiers.filter(isBuiltin))
		problems.push(`${file} imports ${specifier}`);
	return problems;
}

/** Import cycles between files, types included, each as the path that leads back to its start. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
	const found: string[] = [];
	const done = new Set<string>();
	const path: string[] = [];
	const visit = (file: string): void => {
		if (done.has(file)) return;
		const start = path.indexOf(file);
		if (start >= 0) {
			found.push(`import cycle: ${[...path.slice(start), file].join(" -> ")}`);
			return;
		}
		path.push(file);
		for (const target of graph.get(file) ?? []) visit(target);
		path.pop();
		done.add(file);
	};
	for (const file of graph.keys()) visit(file);
	return found;
}

/** The first folder of a path below `src`; `undefined` for an entry. */
function folderOf(file: string): string | undefined {
	return file.includes("/") ? file.slice(0, file.indexOf("/")) : undefined;
}

function isTest(file: string): boolean {
	return /\.test\.tsx?$/.test(file);
}

function isBuiltin(specifier: string): boolean {
	return specifier.startsWith("node:") || builtinModules.includes(specifier);
}

function startsWithOneOf(file: string, places: readonly string[]): boolean {
	return places.some((place) => file.startsWith(place));
}
