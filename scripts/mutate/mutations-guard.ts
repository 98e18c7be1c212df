import { type Mutation, mutationsOf } from "./mutation.ts";
import {
	always,
	becomes,
	before,
	never,
	replace,
	returns,
	skip,
	swap,
	truthy,
	withoutCall,
	withoutOperand,
} from "./operations.ts";

const PATHS = "src/guard/path-rules.test.ts";
const PAGE_DATA = "test/hosts/page-data.test.ts";
const FUNCTIONS = "src/guard/function-address.test.ts";
const SVELTEKIT = "test/hosts/sveltekit-functions.test.ts";
const SPELLINGS = "test/security/path-spellings.test.ts";
const RETURN_TARGET = "src/guard/return-target.test.ts";
const DECIDE = "src/guard/decide.test.ts";
const COMBINE = "src/guard/combine.test.ts";
const FAIL_CLOSED = "test/security/fail-closed.test.ts";

/** Rules, paths, return targets and where requests come from. */
export const GUARD: readonly Mutation[] = [
	...mutationsOf(
		[DECIDE, FAIL_CLOSED],
		[
			["anonymous-granted", "nobody needs to be signed in", returns("GRANTED")],
			["truthy-check", "a check says yes by anything that is true", truthy],
			["thrown-check", "a check that throws says yes", returns("GRANTED")],
			["slow-check", "a check that does not answer says yes", swap("TIMED_OUT", "GRANTED")],
			["first-rule-only", "of several rules one has to grant", always],
			["no-checks", "checks are not asked", never],
			["later-async-rules", "after a check that takes time no other is asked", never],
		],
	),
	...mutationsOf(
		[COMBINE],
		[
			["not-of-unknown", "the opposite of no answer is yes", replace("return Boolean(answer);")],
			["not-of-undefined", "the opposite of undefined is yes", returns("!answer")],
			["all-of-unknown", "a check that throws is left out of allOf"],
			["all-of-undefined", "a check without an answer is left out of allOf", returns("!decisive")],
			["missing-groups", "groups that were not sent are no groups", replace("return false;")],
			[
				"groups-elsewhere",
				"groups that are kept elsewhere are no groups",
				skip,
				{ tests: [COMBINE, "test/providers/azure.test.ts"] },
			],
			["group-in-text", "a group may be part of another's name", returns("groups.includes(group)")],
			["inherited-claim", "what every object has is a claim", always],
			["empty-combination", "allOf of nothing says yes"],
			["empty-group", "a group without a name can be asked for"],
			["no-scope", "hasScope says yes", becomes("user.grantedScopes.length >= 0")],
		],
	),
	...mutationsOf(
		["test/providers/keycloak.test.ts"],
		[
			["inherited-client", "what every object has is a client with roles", withoutOperand(1, 2)],
			["missing-roles", "roles that were not sent are no roles", replace("return [];")],
		],
	),
	...mutationsOf(
		[PATHS, SPELLINGS],
		[
			[
				"file-short-address",
				"a rule for a file says nothing about the shorter address at which it is served",
			],
			["folder-of-index", "a rule for an index file says nothing about its folder"],
			["no-path-readings", "paths are matched as they are spelt", becomes("[path]")],
			[
				"loosest-rule",
				"the first reading of a path decides alone",
				becomes("[...this.#rules].slice(0, 1)"),
			],
			["asset-in-one-reading", "a path is an asset if one reading is"],
			["default-in-one-reading", "a route's tag replaces a rule of the configuration"],
			["long-paths", "paths of any length are looked at"],
			["long-odd-paths", "long paths are looked at in any spelling"],
			["exact-not-plain", "an odd spelling matches exactly", always],
			["default-open", "a path without a pattern is open", swap("this.#default", "false")],
			[
				"no-data-addresses",
				"the rule of a page does not count for its data",
				becomes("[]"),
				{ tests: [PATHS, PAGE_DATA] },
			],
			[
				"functions-as-assets",
				"remote functions are assets where the folder is that they are served in",
				skip,
				{ tests: [PATHS] },
			],
			["no-stems", "what stands before a dot is no path", becomes("[]"), { tests: [PATHS] }],
			["data-of-wide-pattern", "a pattern for many addresses opens the data of other pages"],
			[
				"page-opens-address",
				"the page that a host names decides alone",
				swap("new Set([...ofPage.rules, ...ofAddress.named])", "ofPage.rules"),
				{ tests: [PATHS, PAGE_DATA] },
			],
		],
	),
	...mutationsOf(
		[FUNCTIONS],
		[
			["function-headers", "a function that a header names is not seen"],
			[
				"function-parameters",
				"a function that a parameter names is seen in a GET alone",
				swap("(isRead ? undefined : PARAMETERS.get(name))", "undefined"),
				{ tests: [FUNCTIONS, SVELTEKIT] },
			],
			["function-forms", "a form of an app with functions is judged as if its body named none"],
			["costly-functions", "a request may name any number of functions, at any length"],
			[
				"any-functions",
				"a request that names many functions is judged by none of them",
				returns("NONE"),
			],
			[
				"named-functions",
				"the rule of the path alone counts for a function that a request names",
				becomes("reachedBy(found, call.routeRule)"),
				{ tests: [PAGE_DATA, SVELTEKIT] },
			],
			[
				"function-opens-page",
				"a function's own rule opens the page that it is sent to",
				swap("new Set([...reached.rules, ...more])", "more"),
				{ tests: [PAGE_DATA, SVELTEKIT] },
			],
			[
				"claimed-page",
				"the page that a caller names opens a remote function",
				swap("isClaimed ? { ...ofPath, named: ofPath.rules } : ofPath", "ofPath"),
				{ tests: [PAGE_DATA, SVELTEKIT] },
			],
		],
	),
	...mutationsOf(
		[PATHS, SPELLINGS],
		[
			[
				"no-specificity",
				"a pattern for everything below wins over one for a segment",
				before("node.rest ??"),
			],
			[
				"prefix-match",
				"a pattern matches what only begins like it",
				becomes("node.rest ?? node.ends"),
			],
			[
				"one-of-equal-patterns",
				"of patterns that are one in odd spellings, the first counts",
				before("if (node.ends) return;"),
			],
		],
	),
	...mutationsOf(
		[SPELLINGS, PATHS],
		[
			[
				"no-decoding",
				"encoded paths are not decoded",
				swap("toOneCase(decodeLeniently(path))", "path"),
			],
			["one-decoding", "paths are decoded once", becomes("begin.size === 0 || i === 1")],
			[
				"decoding-first",
				"nothing is simplified before it is decoded",
				becomes('path.includes("%") && found.indexOf(path) < 1'),
				{ tests: [PATHS] },
			],
			[
				"any-decoding",
				"what is still encoded after five rounds is taken as it is",
				returns("readings"),
				{ tests: [PATHS] },
			],
			["any-readings", "any number of readings is looked at", skip, { tests: [PATHS] }],
			["any-characters", "any number of characters is looked at", skip, { tests: [PATHS] }],
			["no-dots", "dots in paths are not resolved"],
			["no-authority", "what follows two slashes is never a host", skip, { tests: [PATHS] }],
			["no-backslashes", "backslashes are no slashes"],
			["no-parameters", "parameters of segments are part of them"],
			["no-double-slashes", "two slashes are not one", skip, { tests: [SPELLINGS, PATHS] }],
			["no-cut", "paths are not cut at control characters"],
			["no-one-case", "upper and lower case differ", withoutCall("toLowerCase")],
			["no-unicode-forms", "forms of a letter differ", withoutCall("normalize")],
			[
				"lower-case-alone",
				"letters that are one in upper case differ",
				becomes('path.normalize("NFKC").toLowerCase()'),
				{ tests: [PATHS] },
			],
			["no-tails", "trailing dots and blanks count"],
			["no-end-slash", "a slash at the end counts", skip, { tests: [PATHS] }],
		],
	),
	...mutationsOf(
		[RETURN_TARGET, "test/security/redirect-targets.test.ts"],
		[
			[
				"any-target",
				"a login leads to any address",
				before("if (target && origin) return target;"),
			],
			[
				"other-origin",
				"a login leads to another origin",
				skip,
				{ tests: [RETURN_TARGET, "test/security/redirect-targets.test.ts"] },
			],
			["target-not-ours", "a target need not begin like ours"],
			[
				"ambiguous-target",
				"a path that is a host to somebody else is a target",
				withoutOperand(1, 2),
			],
			["undecoded-target", "a target is looked at without decoding it", swap("3", "1")],
			[
				"backslash-target",
				"a target may hold backslashes and control characters",
				withoutOperand(3, 4),
			],
			["blank-target", "a target may begin with a blank"],
			["plain-double-slash", "two slashes at the beginning are plain", withoutOperand(4, 4)],
			["long-target", "a target may be of any length", withoutOperand(2, 2)],
		],
	),
	...mutationsOf(
		["src/guard/forms.test.ts"],
		[
			[
				"no-csrf-header",
				"our header is not asked for",
				withoutOperand(1, 2),
				{ tests: ["src/guard/forms.test.ts", "test/security/state-forgery.test.ts"] },
			],
			[
				"no-csrf-origin",
				"the origin of a script is not compared",
				withoutOperand(2, 2),
				{ tests: ["src/guard/forms.test.ts", "test/security/state-forgery.test.ts"] },
			],
			[
				"any-origin",
				"any Origin is ours",
				becomes('header("origin") !== "https://never.example" || origin === ""'),
				{ tests: ["src/guard/forms.test.ts", "test/security/logout.test.ts"] },
			],
			["old-form", "a form is good for ever", withoutOperand(2, 2)],
			["form-of-any-session", "a form of one session is good for another", returns("`${action}`")],
			[
				"form-of-any-action",
				"a form for one thing does another",
				returns("`${sessionId ?? NO_SESSION}`"),
			],
			["no-form-token", "a form needs no token", returns("true")],
		],
	),
	...mutationsOf(
		["test/hosts/hono-paths.test.ts"],
		[
			["own-paths", "an app with a getPath of its own is judged by its address alone", never],
			[
				"tag-by-address",
				"the tag of a navigation is looked for by the address as it is written",
				swap("this.#known.getPath(asked, this.#env)", "path"),
			],
		],
	),
	...mutationsOf(
		["test/hosts/node-targets.test.ts"],
		[
			["any-request-target", "a whole address is a request target", withoutOperand(2, 2)],
			["mounted-gate", "a gate below a path judges what is left of it"],
			["gate-behind-parser", "a gate behind a body parser goes on without bodies"],
		],
	),
	...mutationsOf(
		["src/guard/navigation.test.ts"],
		[
			["no-prefetch", "prefetches are pages that are shown", returns("names.length === 0")],
			["no-frames", "frames are pages that are shown", returns("false")],
		],
	),
];
