import { type Mutation, mutationsOf } from "./mutation.ts";

const PATHS = "src/guard/path-rules.test.ts";
const PAGE_DATA = "test/hosts/page-data.test.ts";
const SPELLINGS = "test/security/path-spellings.test.ts";
const RETURN_TARGET = "src/guard/return-target.test.ts";
const DECIDE = "src/guard/decide.test.ts";
const COMBINE = "src/guard/combine.test.ts";
const FAIL_CLOSED = "test/security/fail-closed.test.ts";

/** Rules, paths, return targets and where requests come from. */
export const GUARD: readonly Mutation[] = [
	...mutationsOf(
		"guard/decide.ts",
		[DECIDE, FAIL_CLOSED],
		[
			[
				"anonymous-granted",
				"nobody needs to be signed in",
				"if (context === undefined) return ANONYMOUS;",
				"if (context === undefined) return GRANTED;",
			],
			[
				"truthy-check",
				"a check says yes by anything that is true",
				"if (answer === true) return GRANTED;",
				"if (answer) return GRANTED;",
			],
			[
				"thrown-check",
				"a check that throws says yes",
				'return { outcome: "denied", reason, error };',
				"return reason && error ? GRANTED : GRANTED;",
			],
			[
				"slow-check",
				"a check that does not answer says yes",
				'setTimeout(resolve, CHECK_TIMEOUT, { outcome: "denied", reason: "check_timed_out" } satisfies Decision)',
				"setTimeout(resolve, CHECK_TIMEOUT, GRANTED)",
			],
			[
				"first-rule-only",
				"of several rules one has to grant",
				'if (decision.outcome !== "granted") return decision;',
				"return decision;",
			],
			[
				"no-checks",
				"checks are not asked",
				"return hasChecks && context !== undefined ? runChecks(rules, 0, context()) : GRANTED;",
				"return GRANTED;",
			],
			[
				"later-async-rules",
				"after a check that takes time no other is asked",
				'(decided.outcome === "granted" ? runChecks(rules, i + 1, context) : decided)',
				"decided",
			],
		],
	),
	...mutationsOf(
		"guard/combine.ts",
		[COMBINE],
		[
			[
				"not-of-unknown",
				"the opposite of no answer is yes",
				'if (typeof answer === "boolean") return answer;',
				"return Boolean(answer);",
			],
			["all-of-unknown", "a check that throws is left out of allOf", "if (unusable) throw unusable.error;", ""],
			[
				"missing-groups",
				"groups that were not sent are no groups",
				"throw new ClaimUnknownError(claim);\n\t};",
				"return false;\n\t};",
			],
			[
				"groups-elsewhere",
				"groups that are kept elsewhere are no groups",
				"if (isKeptElsewhere(user.userinfo, claim)) throw new ClaimUnknownError(claim, TOO_MANY);",
				"",
				{ tests: [COMBINE, "test/providers/azure.test.ts"] },
			],
			[
				"group-in-text",
				"a group may be part of another's name",
				'if (typeof groups === "string") return groups === group;',
				'if (typeof groups === "string") return groups.includes(group);',
			],
			[
				"inherited-claim",
				"what every object has is a claim",
				"Object.hasOwn(user.userinfo, claim) ? user.userinfo[claim] : undefined",
				"user.userinfo[claim]",
			],
			[
				"empty-combination",
				"allOf of nothing says yes",
				'if (checks.length === 0 || checks.some((check) => typeof check !== "function"))',
				"if (false)",
			],
			[
				"empty-group",
				"a group without a name can be asked for",
				'if (typeof value !== "string" || value === "") throw',
				"if (false) throw",
			],
			["no-scope", "hasScope says yes", "user.grantedScopes.includes(scope)", "user.grantedScopes.length >= 0"],
		],
	),
	...mutationsOf(
		"guard/roles.ts",
		["test/providers/keycloak.test.ts"],
		[
			[
				"inherited-client",
				"what every object has is a client with roles",
				"Object.hasOwn(clients, client) && rolesIn(",
				"rolesIn(",
			],
			["missing-roles", "roles that were not sent are no roles", "throw new ClaimUnknownError(claim);", "return [];"],
		],
	),
	...mutationsOf(
		"guard/path-rules.ts",
		[PATHS, SPELLINGS],
		[
			[
				"file-short-address",
				"a rule for a file says nothing about the shorter address at which it is served",
				"if (pattern.rule !== false) for (const address of addressesOfFile(pattern.folded)) files.add(address, pattern);",
				"",
			],
			[
				"folder-of-index",
				"a rule for an index file says nothing about its folder",
				'if (left === "index") addresses.push(folder);',
				"",
			],
			[
				"no-path-readings",
				"paths are matched as they are spelt",
				"for (const reading of readings.paths) verdict",
				"for (const reading of [path]) verdict",
			],
			[
				"loosest-rule",
				"the first reading of a path decides alone",
				"rules: [...this.#rules],",
				"rules: [...this.#rules].slice(0, 1),",
			],
			["asset-in-one-reading", "a path is an asset if one reading is", "\t\t\tthis.#isAsset = false;\n", ""],
			[
				"default-in-one-reading",
				"a route's tag replaces a rule of the configuration",
				"\t\tthis.#isDefault = false;\n",
				"",
			],
			["long-paths", "paths of any length are looked at", "if (path.length > MAX_PATH_LENGTH) return NOBODYS;", ""],
			[
				"long-odd-paths",
				"long paths are looked at in any spelling",
				"if (!plain && path.length > MAX_ODD_LENGTH) return NOBODYS;",
				"",
			],
			["exact-not-plain", "an odd spelling matches exactly", "const own = plain ? ", "const own = plain || true ? "],
			[
				"default-open",
				"a path without a pattern is open",
				"this.#rules.add(this.#default);",
				"this.#rules.add(false);",
			],
			[
				"no-data-addresses",
				"the rule of a page does not count for its data",
				"for (const page of readings.pages) {",
				"for (const page of readings.pages.slice(0, 0)) {",
				{ tests: [PATHS, PAGE_DATA] },
			],
			[
				"no-stems",
				"what stands before a dot is no path",
				"for (const stem of readings.stems) {",
				"for (const stem of readings.stems.slice(0, 0)) {",
				{ tests: [PATHS] },
			],
			[
				"data-of-wide-pattern",
				"a pattern for many addresses opens the data of other pages",
				"if (!isOfOneName(own)) return false;",
				"",
			],
			[
				"page-opens-address",
				"the page that a host names decides alone",
				"rules: [...new Set([...ofPage.rules, ...ofAddress.named])],",
				"rules: [...ofPage.rules],",
				{ tests: [PATHS, PAGE_DATA] },
			],
		],
	),
	...mutationsOf(
		"guard/pattern-tree.ts",
		[PATHS, SPELLINGS],
		[
			[
				"no-specificity",
				"a pattern for everything below wins over one for a segment",
				"\t\t(next && findBelow(next, parts, at + 1, work)) ??\n\t\t(node.parameter",
				"\t\tnode.rest ??\n\t\t(next && findBelow(next, parts, at + 1, work)) ??\n\t\t(node.parameter",
			],
			[
				"prefix-match",
				"a pattern matches what only begins like it",
				"\t\tnode.rest\n\t);",
				"\t\tnode.rest ??\n\t\tnode.ends\n\t);",
			],
			[
				"one-of-equal-patterns",
				"of patterns that are one in odd spellings, the first counts",
				"node.ends ??= [];",
				"if (node.ends) return;\n\t\tnode.ends = [];",
			],
		],
	),
	...mutationsOf(
		"guard/path.ts",
		[SPELLINGS, PATHS],
		[
			[
				"no-decoding",
				"encoded paths are not decoded",
				"decoded.add(toOneCase(decodeLeniently(path)));",
				"decoded.add(path);",
			],
			[
				"one-decoding",
				"paths are decoded once",
				"if (begin.size === 0) return readings;",
				"if (begin.size === 0 || i === 1) return readings;",
			],
			[
				"decoding-first",
				"nothing is simplified before it is decoded",
				'if (path.includes("%")) decoded',
				'if (path.includes("%") && found.indexOf(path) < 1) decoded',
				{ tests: [PATHS] },
			],
			[
				"any-decoding",
				"what is still encoded after five rounds is taken as it is",
				"\t\tif (begin.size === 0) return readings;\n\t}\n\treturn undefined;",
				"\t\tif (begin.size === 0) return readings;\n\t}\n\treturn readings;",
				{ tests: [PATHS] },
			],
			[
				"any-readings",
				"any number of readings is looked at",
				"if (readings.size > MAX_READINGS) return undefined;",
				"",
				{ tests: [PATHS] },
			],
			[
				"any-characters",
				"any number of characters is looked at",
				"if (characters > MAX_READING_CHARACTERS) return undefined;",
				"",
				{ tests: [PATHS] },
			],
			["no-dots", "dots in paths are not resolved", "\tresolveDots,\n", ""],
			[
				"no-authority",
				"what follows two slashes is never a host",
				'(path) => path.replace(/^\\/\\/+[^/]*(?:\\/|$)/, "/"),',
				"",
				{ tests: [PATHS] },
			],
			["no-backslashes", "backslashes are no slashes", '(path) => path.replaceAll("\\\\", "/"),', ""],
			[
				"no-parameters",
				"parameters of segments are part of them",
				'(path) => mapSegments(path, (segment) => segment.split(";", 1)[0] ?? ""),',
				"",
			],
			[
				"no-double-slashes",
				"two slashes are not one",
				'(path) => path.replace(/\\/\\/+/g, "/"),',
				"",
				{ tests: [SPELLINGS, PATHS] },
			],
			["no-cut", "paths are not cut at control characters", '(path) => path.replace(/[?#\\p{Cc}].*$/su, ""),', ""],
			["no-one-case", "upper and lower case differ", "return path.toLowerCase();\n\t// In", "return path;\n\t// In"],
			["no-unicode-forms", "forms of a letter differ", 'path.normalize("NFKC").toUpperCase()', "path.toUpperCase()"],
			[
				"lower-case-alone",
				"letters that are one in upper case differ",
				'.toUpperCase().toLowerCase().replaceAll("ς", "σ")',
				".toLowerCase()",
				{ tests: [PATHS] },
			],
			["no-tails", "trailing dots and blanks count", "\t(path) => mapSegments(path, withoutTail),\n", ""],
			["no-end-slash", "a slash at the end counts", "\twithoutLastSlashes,\n", "", { tests: [PATHS] }],
		],
	),
	...mutationsOf(
		"guard/return-target.ts",
		[RETURN_TARGET, "test/security/redirect-targets.test.ts"],
		[
			[
				"any-target",
				"a login leads to any address",
				"export function safeReturnTarget(target: string | null | undefined, origin: string): string {\n",
				"export function safeReturnTarget(target: string | null | undefined, origin: string): string {\n\tif (target && origin) return target;\n",
			],
			[
				"other-origin",
				"a login leads to another origin",
				'if (url.origin !== origin || url.username !== "" || url.password !== "") return "/";',
				"",
				{ tests: [RETURN_TARGET, "test/security/redirect-targets.test.ts"] },
			],
			[
				"target-not-ours",
				"a target need not begin like ours",
				'if (!target.startsWith("/") && !target.startsWith(`${origin}/`) && target !== origin) return "/";',
				"",
			],
			[
				"ambiguous-target",
				"a path that is a host to somebody else is a target",
				"return isAmbiguous(url.pathname) || path.length",
				"return path.length",
			],
			[
				"undecoded-target",
				"a target is looked at without decoding it",
				"for (let i = 0; i < 3; i++) {",
				"for (let i = 0; i < 1; i++) {",
			],
			[
				"backslash-target",
				"a target may hold backslashes and control characters",
				"/[\\\\\\p{Cc}\\p{Zl}\\p{Zp}]/u.test(target) ||",
				"",
			],
			["blank-target", "a target may begin with a blank", "target !== target.trim()", "false"],
			[
				"plain-double-slash",
				"two slashes at the beginning are plain",
				'PLAIN.test(target) && !target.includes("//")',
				"PLAIN.test(target)",
			],
			["long-target", "a target may be of any length", " || path.length > MAX_RETURN_TARGET ? ", " ? "],
		],
	),
	...mutationsOf(
		"guard/forms.ts",
		["src/guard/forms.test.ts"],
		[
			[
				"no-csrf-header",
				"our header is not asked for",
				"return header(REQUEST_HEADER) !== null && hasOwnOrigin(header, origin);",
				"return hasOwnOrigin(header, origin);",
				{ tests: ["src/guard/forms.test.ts", "test/security/state-forgery.test.ts"] },
			],
			[
				"no-csrf-origin",
				"the origin of a script is not compared",
				"return header(REQUEST_HEADER) !== null && hasOwnOrigin(header, origin);",
				"return header(REQUEST_HEADER) !== null;",
				{ tests: ["src/guard/forms.test.ts", "test/security/state-forgery.test.ts"] },
			],
			[
				"any-origin",
				"any Origin is ours",
				'return header("origin") === origin;',
				'return header("origin") !== "https://never.example" || origin === "";',
				{ tests: ["src/guard/forms.test.ts", "test/security/logout.test.ts"] },
			],
			["old-form", "a form is good for ever", " && age <= FORM_LIFETIME", ""],
			[
				"form-of-any-session",
				"a form of one session is good for another",
				"return `${action} ${sessionId ?? NO_SESSION}`;",
				"return `${action}`;",
			],
			[
				"form-of-any-action",
				"a form for one thing does another",
				"return `${action} ${sessionId ?? NO_SESSION}`;",
				"return `${sessionId ?? NO_SESSION}`;",
			],
			[
				"no-form-token",
				"a form needs no token",
				'if (typeof token !== "string" || token === "") return false;',
				'if (typeof token !== "string" || token === "") return true;',
			],
		],
	),
	...mutationsOf(
		"hosts/hono.ts",
		["test/hosts/hono-paths.test.ts"],
		[
			[
				"own-paths",
				"an app with a getPath of its own is judged by its address alone",
				"pathOf: hasOwnPaths(app) ? getPath : undefined",
				"pathOf: undefined",
			],
			[
				"tag-by-address",
				"the tag of a navigation is looked for by the address as it is written",
				'this.#known.routesOf("GET", this.#known.getPath(asked, this.#env))',
				'this.#known.routesOf("GET", asked.url.length > 0 ? path : path)',
			],
		],
	),
	...mutationsOf(
		"hosts/node-target.ts",
		["test/hosts/node-targets.test.ts"],
		[
			[
				"any-request-target",
				"a whole address is a request target",
				"if (target === undefined || !ORIGIN_FORM.test(target)) return undefined;",
				"if (target === undefined) return undefined;",
			],
			[
				"mounted-gate",
				"a gate below a path judges what is left of it",
				'if ((originalUrl !== undefined && originalUrl !== message.url) || (baseUrl !== undefined && baseUrl !== ""))',
				"if (originalUrl === message && baseUrl === message)",
			],
			[
				"gate-behind-parser",
				"a gate behind a body parser goes on without bodies",
				"if (isBodyTaken(message))",
				"if (!message && isBodyTaken(message))",
			],
		],
	),
	...mutationsOf(
		"guard/navigation.ts",
		["src/guard/navigation.test.ts"],
		[
			[
				"no-prefetch",
				"prefetches are pages that are shown",
				'return names.some((name) => /\\b(prefetch|prerender|preview)\\b/i.test(this.#header(name) ?? ""));',
				"return names.length === 0;",
			],
			[
				"no-frames",
				"frames are pages that are shown",
				'destination !== null && destination !== "document" && destination !== "empty";',
				"false;",
			],
		],
	),
];
