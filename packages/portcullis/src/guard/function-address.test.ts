import { describe, expect, it } from "vitest";
import type { PageAuthContext, Rule } from "./context.ts";
import { compileFunctionRules, functionAddresses } from "./function-address.ts";
import { compilePathRules } from "./path-rules.ts";

const PAGE = "https://app.example/open";

function named(
	method: string,
	query: string,
	headers: Record<string, string> = {},
): readonly string[] | undefined {
	return functionAddresses(
		{ method, url: PAGE + query, header: (name) => headers[name] ?? null },
		false,
	);
}

describe("the address of a function that a request names", () => {
	it.each([
		["SvelteKit", "?/remote=1a2b/wipe", ["/_app/remote/1a2b/wipe"]],
		["SvelteKit, encoded", "?%2Fremote=1a2b%2Fwipe", ["/_app/remote/1a2b/wipe"]],
		["SvelteKit, of one instance", "?/remote=1a2b/wipe/%22key%22", ["/_app/remote/1a2b/wipe"]],
		["SvelteKit, beside others", "?x=1&/remote=1a2b/wipe&y", ["/_app/remote/1a2b/wipe"]],
		["Astro", "?_action=team.remove", ["/_actions/team.remove"]],
		["Astro 4", "?_astroAction=team.remove", ["/_actions/team.remove"]],
		["Astro, encoded", "?%5faction=team.remove", ["/_actions/team.remove"]],
		["Qwik City, an action", "?qaction=1a2b", ["/_action"]],
		["Qwik City, a function", "?qfunc=1a2b", ["/_action"]],
		["RedwoodSDK", "?__rsc=&__rsc_action_id=/src/app/actions.ts%23wipe", ["/_action"]],
		["two of them", "?/remote=1a2b/wipe&_action=x", ["/_app/remote/1a2b/wipe", "/_actions/x"]],
		[
			"one of them twice",
			"?/remote=1a2b/read&/remote=1a2b/wipe",
			["/_app/remote/1a2b/read", "/_app/remote/1a2b/wipe"],
		],
	])("is found in the query: %s", (_, query, addresses) => {
		for (const method of ["POST", "PUT", "PATCH", "DELETE"])
			expect(named(method, query)).toEqual(addresses);
	});

	it.each(["next-action", "rsc-action-id", "x-rsc-action", "x-rsc-action-id", "rsc-action"])(
		"is found in %s",
		(name) => {
			expect(named("POST", "", { [name]: "1a2b" })).toEqual(["/_action"]);
			expect(named("POST", "?x=1", { [name]: "" })).toEqual(["/_action"]);
			expect(named("DELETE", "", { [name]: "1a2b" })).toEqual(["/_action"]);
		},
	);

	it("is found in a GET where functions can be read by it", () => {
		expect(named("GET", "?qfunc=1a2b&qdata=x")).toEqual(["/_action"]);
		expect(named("GET", "?__rsc_action_id=x&args=[]")).toEqual(["/_action"]);
		expect(named("HEAD", "?qfunc=1a2b")).toEqual(["/_action"]);
		expect(named("GET", "?_action=edit&/remote=a/b&qaction=x", { "next-action": "x" })).toEqual([]);
	});

	it("is not in what is something else: forms of the page, other parameters, parts of names", () => {
		for (const query of [
			"",
			"?",
			"?/delete",
			"?/remote",
			"?/remote=",
			"?_action",
			"?remote=a/b",
			"?x=/remote=a/b",
		])
			expect(named("POST", query)).toEqual([]);
		expect(named("POST", "?_actions=x&my_action=x&QFUNC=x&_ACTION=x")).toEqual([]);
	});

	it("is looked for in no header of a GET, and in no query where there is none", () => {
		const header = () => {
			throw new Error("a header was read");
		};
		expect(functionAddresses({ method: "GET", url: PAGE, header }, true)).toEqual([]);
		expect(functionAddresses({ method: "GET", url: `${PAGE}?x=1`, header }, true)).toEqual([]);
		expect(functionAddresses({ method: "HEAD", url: PAGE, header }, true)).toEqual([]);
	});
});

describe("the rules of a function that a request names", () => {
	const isAdmin: Rule<PageAuthContext> = () => true;
	const pages = {
		"/open": false,
		"/_app/remote/:module/subscribe": false,
		"/_app/remote/1a2b/wipe": isAdmin,
		"/_actions/subscribe": false,
	} as const;
	const rulesOfFunctions = compileFunctionRules(pages, compilePathRules(pages, [], true));
	const rules = (query: string, headers: Record<string, string> = {}) =>
		rulesOfFunctions({
			method: "POST",
			url: PAGE + query,
			header: (name) => headers[name] ?? null,
		});

	it("are those of its own path", () => {
		expect(rules("?/remote=1a2b/wipe")).toEqual([isAdmin]);
		expect(rules("?/remote=1a2b/subscribe")).toEqual([false]);
		expect(rules("?/remote=1a2b/subscribe/%22key%22")).toEqual([false]);
		expect(rules("?_action=subscribe")).toEqual([false]);
	});

	it("are the default where no pattern names it", () => {
		for (const query of [
			"?/remote=1a2b/read",
			"?_action=remove",
			"?qfunc=x",
			"?qaction=x",
			"?__rsc_action_id=x",
		])
			expect([query, rules(query)]).toEqual([query, [true]]);
		expect(rules("", { "next-action": "x" })).toEqual([true]);
	});

	it("open nothing in odd spellings, and shut in all of them", () => {
		for (const id of [
			"x/../../../open",
			"%2e%2e/open",
			"1a2b%2fsubscribe",
			"1a2b/subscribe;x",
			"1A2B/SUBSCRIBE",
			"x",
		])
			expect([id, rules(`?/remote=${encodeURIComponent(id)}`).includes(true)]).toEqual([id, true]);
		for (const name of [
			"../open",
			"..%2fopen",
			"subscribe?x",
			"subscribe#x",
			"Subscribe",
			"subscribe/",
		])
			expect([name, rules(`?_action=${encodeURIComponent(name)}`).includes(true)]).toEqual([
				name,
				true,
			]);
		expect(rules("?/remote=1a2b%2FWIPE")).toContain(isAdmin);
		expect(rules("?/remote=1a2b/%2577ipe")).toContain(isAdmin);
	});

	it("count for every form of an app that has a pattern for /_action: its body may name one", () => {
		const types = [
			"multipart/form-data; boundary=x",
			"application/x-www-form-urlencoded",
			"Multipart/Form-Data",
		];
		const ask = (patterns: Record<string, Rule<PageAuthContext>>, method: string, type: string) => {
			const all = { "/open": false, ...patterns };
			const header = (name: string) => (name === "content-type" ? type : null);
			return compileFunctionRules(
				all,
				compilePathRules(all, [], true),
			)({ method, url: PAGE, header });
		};
		for (const type of types) {
			for (const pattern of ["/_action", "/_action/*"]) {
				expect(ask({ [pattern]: true }, "POST", type)).toEqual([true]);
				expect(ask({ [pattern]: false }, "POST", type)).toEqual([false]);
				expect(ask({ [pattern]: isAdmin }, "PUT", type)).toEqual([isAdmin]);
				expect(ask({ [pattern]: true }, "GET", type)).toEqual([]);
			}
			expect(ask({ "/*": true }, "POST", type)).toEqual([]);
		}
		expect(ask({ "/_action": true }, "POST", "application/json")).toEqual([]);
	});

	it("are all of them where there are two, and nobody's where there are more or longer ones", () => {
		expect(rules("?/remote=1a2b/subscribe&/remote=1a2b/wipe")).toEqual([false, isAdmin]);
		expect(rules("?/remote=1a2b/subscribe&_action=x")).toEqual([false, true]);
		expect(rules(`?/remote=1a2b/subscribe/${"x".repeat(300)}`)).toEqual([false]);
		for (const query of [
			"?/remote=1a2b/subscribe&_action=subscribe&_action=y",
			`?_action=${"x".repeat(300)}`,
			`?${Array.from({ length: 500 }, (_, i) => `/remote=1a2b/subscribe${i}`).join("&")}`,
		]) {
			const found = rules(query);
			expect([query, found.length]).toEqual([query, 1]);
			expect((found[0] as () => unknown)()).toBe(false);
		}
	});
});
