import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compileRoutes } from "../../src/app/routes/paths.ts";
import { ERRORS } from "../../src/base/error-table.ts";
import type { ErrorCode } from "../../src/base/errors.ts";
import { DEFAULT_ROUTES } from "../../src/config/options.ts";
import { messages } from "../../src/views/messages.ts";
import { assertFreshBuild, entries } from "../support/built-package.ts";
import { declaredExports } from "../support/declared-exports.ts";
import { declaredMembers } from "../support/declared-members.ts";
import { type Markdown, readMarkdown } from "../support/markdown.ts";
import {
	filesBelow,
	packageFolder,
	readSources,
	repositoryFolder,
} from "../support/source-tree.ts";

// What the package offers must be in the guides. The names come from the built declarations and the
// sources, never from a list here.

beforeAll(assertFreshBuild);

const guides = filesBelow(join(repositoryFolder, "docs"), [".md"]).filter(
	(path) => !path.includes("/"),
);
const guide = (name: string): Markdown =>
	readMarkdown(readFileSync(join(repositoryFolder, "docs", `${name}.md`), "utf8"));
const members = (path: string, name: string) =>
	declaredMembers(join(packageFolder, "dist", path), name);

describe.each(entries)("the guides name every export of $specifier", ({ types }) => {
	const { values, types: onlyTypes } = declaredExports(join(packageFolder, types));
	const code = guides.map((path) => guide(path.replace(/\.md$/, "")).code).join("\n");

	test.each([...values, ...onlyTypes])("%s", (name) => {
		expect(missingFrom(code, [name])).toEqual([]);
	});
});

test.each([
	["config/options.d.ts", "PortcullisOptions", "configuration"],
	["config/options.d.ts", "GateOptions", "configuration"],
	["config/options.d.ts", "SessionOptions", "configuration"],
	["config/options.d.ts", "HttpOptions", "configuration"],
	["config/options.d.ts", "UiOptions", "configuration"],
	["config/options.d.ts", "PlatformOptions", "configuration"],
	["config/bearer-options.d.ts", "BearerOptions", "apis"],
	["config/options.d.ts", "RoutePaths", "configuration"],
	["audit/audit.d.ts", "AuditAction", "audit"],
	["audit/audit.d.ts", "AuditContext", "audit"],
	["audit/audit.d.ts", "AuditReason", "audit"],
	["config/languages.d.ts", "LanguageOptions", "views"],
	["opentelemetry/open-telemetry.d.ts", "OpenTelemetryOptions", "telemetry"],
	["protocol/provider-settings.d.ts", "ProviderSettings", "providers"],
	["doctor/finding.d.ts", "FindingId", "command-line"],
	["guard/gate-request.d.ts", "GateRequest", "hosts"],
	["guard/gate-request.d.ts", "AllowResult", "hosts"],
	["session/user.d.ts", "User", "pages"],
	["views/types.d.ts", "Views", "views"],
	["state/surfaces.d.ts", "ComputedOptions", "computed"],
	["state/surfaces.d.ts", "EventOptions", "events"],
	["state/surfaces.d.ts", "EventCall", "events"],
	["store/contract.d.ts", "StateStore", "stores"],
	["store/contract.d.ts", "RecordLease", "stores"],
	["store/memory/store.d.ts", "MemoryOptions", "stores"],
	["store/redis/options.d.ts", "RedisOptions", "stores"],
	["client/client-types.d.ts", "ClientOptions", "client"],
	["client/client-types.d.ts", "Client", "client"],
	["react/react-client.d.ts", "ReactClient", "react"],
	["react/provider.d.ts", "PortcullisProviderProps", "react"],
	["react/session-parts.d.ts", "LoginButtonProps", "react"],
	["wire/state.d.ts", "StateDelta", "routes"],
	["wire/state.d.ts", "Snapshot", "routes"],
	["wire/state.d.ts", "HydrateRequest", "routes"],
	["wire/state.d.ts", "EventRequest", "routes"],
	["testing/dev-idp-options.d.ts", "DevIdpOptions", "testing"],
	["testing/faulty-idp.d.ts", "FaultyIdpOptions", "testing"],
	["testing/faulty-idp-faults.d.ts", "Faults", "testing"],
	["testing/faulty-idp-faults.d.ts", "TransportFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "DiscoveryFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "JwksFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "AuthorizationFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "TokenFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "IdTokenFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "RefreshFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "EndSessionFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "LogoutTokenFault", "testing"],
	["testing/faulty-idp-faults.d.ts", "UserinfoFault", "testing"],
])("%s: each of %s starts a row of a table in %s.md", (path, name, page) => {
	const names = members(path, name);
	expect(names.length).toBeGreaterThan(1);
	const cells = readMarkdown(guide(page).firstCells.join("\n")).code;
	expect(missingFrom(cells, names)).toEqual([]);
});

test.each([
	["audit/log.d.ts", "LogEntry", "configuration"],
	["audit/audit.d.ts", "AuditOutcome", "audit"],
	["audit/audit.d.ts", "AuditPerson", "audit"],
	["audit/telemetry.d.ts", "Telemetry", "telemetry"],
	["audit/audit.d.ts", "TelemetryEvent", "telemetry"],
	["protocol/types.d.ts", "ProviderCall", "telemetry"],
	["protocol/types.d.ts", "ProviderOperation", "telemetry"],
	["app/gate.d.ts", "Gate", "hosts"],
	["app/portcullis.d.ts", "Auth", "configuration"],
	["app/surfaces.d.ts", "Surface", "surfaces"],
	["app/surfaces.d.ts", "SurfaceRoute", "surfaces"],
	["state/words.d.ts", "StateWords", "state"],
	["state/surfaces.d.ts", "FieldOptions", "fields"],
	["state/surfaces.d.ts", "ComputedCall", "computed"],
	["state/surfaces.d.ts", "AsyncComputedCall", "computed"],
	["state/surfaces.d.ts", "BackgroundCall", "events"],
	["state/topic.d.ts", "Topic", "computed"],
	["store/contract.d.ts", "Keeping", "stores"],
	["state/auth-user-state.d.ts", "AuthUserState", "state"],
	["guard/context.d.ts", "PageAuthContext", "checks"],
	["guard/context.d.ts", "EventAuthContext", "checks"],
	["guard/context.d.ts", "ValueAuthContext", "checks"],
	["client/toasts.d.ts", "Toasts", "client"],
	["client/toasts.d.ts", "ShownToast", "client"],
	["wire/state.d.ts", "EventInfo", "client"],
	["wire/state.d.ts", "InputIssue", "client"],
	["wire/state.d.ts", "EventEffects", "routes"],
	["wire/state.d.ts", "StreamRequest", "routes"],
	["wire/state-view.d.ts", "EventResult", "client"],
	["react/session-parts.d.ts", "LogoutButtonProps", "react"],
	["protocol/types.d.ts", "EndSession", "providers"],
	["protocol/types.d.ts", "TokenExchange", "providers"],
	["protocol/types.d.ts", "Tokens", "providers"],
	["base/errors.d.ts", "PortcullisError", "errors"],
	["base/errors.d.ts", "ConfigProblem", "errors"],
	["base/errors.d.ts", "ErrorDetails", "errors"],
	["views/document.d.ts", "DocumentParts", "views"],
	["views/types.d.ts", "ViewProvider", "views"],
	["views/types.d.ts", "LoginViewContext", "views"],
	["views/types.d.ts", "CallbackViewContext", "views"],
	["views/types.d.ts", "LogoutViewContext", "views"],
	["views/types.d.ts", "ForbiddenViewContext", "views"],
	["views/types.d.ts", "ErrorViewContext", "views"],
	["wire/session-answer.d.ts", "SessionAnswer", "routes"],
	["testing/dev-idp.d.ts", "DevIdp", "testing"],
	["testing/dev-idp-options.d.ts", "DevClient", "testing"],
	["testing/dev-idp-options.d.ts", "DevApi", "testing"],
	["testing/dev-idp-people.d.ts", "DevPerson", "testing"],
	["testing/faulty-idp.d.ts", "FaultyIdp", "testing"],
	["testing/faulty-idp.d.ts", "FaultyLogin", "testing"],
	["testing/faulty-idp-logout.d.ts", "LogoutTokenOptions", "testing"],
	["testing/faulty-idp-logout.d.ts", "SendLogoutOptions", "testing"],
	["testing/faulty-idp-state.d.ts", "FaultyIdpRequest", "testing"],
])("%s: each member of %s is in %s.md", (path, name, page) => {
	// A type has no value of that name: it carries the claims to the compiler.
	const names = members(path, name).filter((member) => member !== "claimsType");
	expect(missingFrom(guide(page).code, names)).toEqual([]);
});

test("every hook of Provider has a heading, and all its other members are named", () => {
	const providers = guide("providers");
	const hooks = providers.headings.filter((heading) => /^[a-z]+[A-Z]\w+$/.test(heading));
	const names = [
		...members("protocol/provider-setup.d.ts", "ProviderSetup"),
		...members("protocol/provider-hooks.d.ts", "ProviderHooks"),
		...members("protocol/provider.d.ts", "Provider"),
	].filter((member) => !["claimsType", "toJSON", "metadata"].includes(member));
	const operations = [
		"connect",
		"createTransaction",
		"authorizationUrl",
		"complete",
		"refresh",
		"revoke",
		"verifyAccessToken",
		"verifyLogoutToken",
		"endSessionUrl",
	];
	const settings = ["name", "issuer", "clientId", "clientSecret", "audience", "fetch"];
	expect(hooks.toSorted()).toEqual(
		[...new Set(names)].filter((name) => ![...operations, ...settings].includes(name)).sort(),
	);
	expect(missingFrom(providers.code, names)).toEqual([]);
});

describe("errors.md", () => {
	const errors = guide("errors");
	/** Titles of codes that only ever answer as a problem of their own wording. */
	const problems: Readonly<Record<string, string>> = {
		csrf_failed: "This request did not come from the app itself",
		method_not_allowed: "Method not allowed",
	};
	const stateCodes = ["StateErrorCode", "TokenErrorCode"].flatMap((name) =>
		members("base/errors.d.ts", name),
	);
	const parts = ["Happened", "Shows", "Log", "Do"];

	// The compiler refuses a record of messages that lacks a code.
	test.each(Object.entries(messages))("%s has a section with all four parts", (code, { title }) => {
		const section = errors.sections.get(code) ?? "";
		for (const part of parts) expect(section).toContain(`**${part}:**`);
		expect(section).toContain(`"${problems[code] ?? title}`);
		expect(errors.anchors).toContain(code);
	});

	test.each(stateCodes)("%s, which no page shows, has a section with all four parts", (code) => {
		const section = errors.sections.get(code) ?? "";
		for (const part of parts) expect(section).toContain(`**${part}:**`);
	});

	test("has the titles of problems about server state", () => {
		const sources = ["app/routes/state.ts", "state/dispatch/refusals.ts"].map(
			(path) => readSources().get(path) ?? "",
		);
		const titles = sources.flatMap((source) =>
			[...source.matchAll(/title: "([^"]+)"/g)].map(([, title]) => title),
		);
		titles.push(...stateCodes.flatMap((code) => ERRORS[code as ErrorCode].title ?? []));
		expect(titles.length).toBeGreaterThan(4);
		const text = [...errors.sections.values()].join("");
		expect(
			titles.filter((title) => title !== "Internal error" && !text.includes(`"${title}"`)),
		).toEqual([]);
	});

	test("has no code that does not exist, and all in order", () => {
		const codes = errors.headings.filter((heading) => /^[a-z]+(_[a-z]+)*$/.test(heading));
		expect(stateCodes.length).toBeGreaterThan(10);
		expect(codes).toEqual([...Object.keys(messages), ...stateCodes].sort());
	});
});

test("routes.md lists every route of the gate, and none that is not there", () => {
	const table = readMarkdown(guide("routes").firstCells.join("\n")).code.split("\n");
	const paths = table
		.filter((cell) => cell.startsWith("/"))
		.map((path) => path.replace("<provider>", "okta"));
	const routeOf = compileRoutes(DEFAULT_ROUTES);
	const kinds = paths.map((path) => routeOf(path)?.name);
	const known = declaredMembers(join(packageFolder, "dist", "app/routes/paths.d.ts"), "OwnRoute");
	expect(known).toContain("login");
	expect([...new Set(kinds)].sort()).toEqual(known.filter((name) => name !== "unknown").sort());
	for (const path of Object.values(DEFAULT_ROUTES))
		expect(paths.some((listed) => listed.startsWith(path))).toBe(true);
});

test("configuration.md names every environment variable that the product reads", () => {
	const product = [...readSources()].filter(
		([path]) => !/^(testing|cli)\/|\.(test|fixture)\./.test(path),
	);
	const read = product.flatMap(
		([, source]) => source.match(/\bPORTCULLIS_[A-Z_]+|\bNODE_ENV\b/g) ?? [],
	);
	expect(new Set(read).size).toBeGreaterThan(2);
	const { code } = guide("configuration");
	expect(missingFrom(code, [...new Set(read)])).toEqual([]);
	const keys = product.flatMap(([, source]) => [
		...source.matchAll(/resolve\(\s*[\w.]+,\s*"([A-Z_]+)"/g),
	]);
	expect(keys.map(([, key]) => `OIDC_${key}`).filter((name) => !code.includes(name))).toEqual([]);
	expect(keys.length).toBeGreaterThan(3);
});

test("views.md names every custom property of the default style", () => {
	const styles = readFileSync(join(packageFolder, "src/views/styles.ts"), "utf8");
	const properties = new Set(
		[...styles.matchAll(/[{\s;](--[a-z-]+):/g)].map(([, property]) => property ?? ""),
	);
	expect(properties.size).toBeGreaterThan(5);
	expect(
		[...properties].filter((property) => !guide("views").code.split("\n").includes(property)),
	).toEqual([]);
});

test("every relative link of the documents leads to a file and a heading that are there", () => {
	const roots = readdirSync(repositoryFolder).filter((name) => name.endsWith(".md"));
	const paths = [
		...roots,
		...filesBelow(join(repositoryFolder, "docs"), [".md"]).map((path) => `docs/${path}`),
	];
	expect(paths).toContain("README.md");
	const read = (path: string): string | undefined => {
		const file = join(repositoryFolder, path);
		if (!existsSync(file)) return undefined;
		return path.endsWith(".md") ? readFileSync(file, "utf8") : "";
	};
	expect(paths.flatMap((path) => brokenLinks(path, read))).toEqual([]);
});

describe("a check of links", () => {
	const files: Readonly<Record<string, string>> = {
		"docs/a.md": "# A\n\n## `b_c` and `/d/<e>`\n\n## Twice\n\n## Twice\n",
		"docs/folder": "",
	};
	const check = (text: string) =>
		brokenLinks("docs/index.md", (path) => (path === "docs/index.md" ? text : files[path]));

	test.each([
		"[a](a.md)",
		"[a](a.md#a)",
		"[a](a.md#b_c-and-de)",
		"[a](a.md#twice-1)",
		"[folder](folder)",
		"# Here\n\n[here](#here)",
		"[far](https://example.com/nowhere)",
		"`[not a link](nowhere.md)`",
		"```md\n[not a link](nowhere.md)\n```",
	])("lets pass: %s", (text) => {
		expect(check(text)).toEqual([]);
	});

	test.each([
		["[a](b.md)", "docs/index.md:1: b.md"],
		["\n[a](a.md#b)", "docs/index.md:2: a.md#b"],
		["[a](a.md#twice-2)", "docs/index.md:1: a.md#twice-2"],
		["# Here\n[there](#there)", "docs/index.md:2: #there"],
		["[up](../a.md)", "docs/index.md:1: ../a.md"],
	])("finds: %s", (text, problem) => {
		expect(check(text)).toEqual([problem]);
	});
});

test("a name counts only as a whole word of code", () => {
	expect(
		missingFrom(readMarkdown("A page, `pages`, `a.page()`\n").code, ["page", "pages"]),
	).toEqual([]);
	expect(
		missingFrom(readMarkdown("A page, `pages`, `page_id`\n").code, ["page", "no-s256"]),
	).toEqual(["page", "no-s256"]);
});

/** The names that are no whole word of the code. */
function missingFrom(code: string, names: readonly string[]): string[] {
	return names.filter(
		(name) => !new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`).test(code),
	);
}

/**
 * Links of a document that lead nowhere, as `path:line: target`. `read` gives a file's text,
 * `undefined` if it is not there.
 */
function brokenLinks(path: string, read: (path: string) => string | undefined): string[] {
	const { links } = parsed(read(path) ?? "");
	const isBroken = (target: string): boolean => {
		const [file = "", anchor] = target.split("#");
		const text = read(file === "" ? path : join(dirname(path), file));
		return text === undefined || (anchor !== undefined && !parsed(text).anchors.has(anchor));
	};
	return links
		.filter(({ target }) => isBroken(target))
		.map(({ target, line }) => `${path}:${line}: ${target}`);
}

const documents = new Map<string, Markdown>();

/** A document, parsed once: many links lead to the same ones. */
function parsed(text: string): Markdown {
	const document = documents.get(text) ?? readMarkdown(text);
	documents.set(text, document);
	return document;
}
