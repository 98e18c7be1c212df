import { beforeAll, describe, expect, it } from "vitest";
import type { HandleOptions } from "../../src/host.ts";
import type { Gate, PageAuthContext, Rule } from "../../src/index.ts";
import { allCookies, type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** Addresses at which frameworks bring the data of `/reports`. */
const DATA_OF_REPORTS = [
	"/reports/__data.json",
	"/reports.data",
	"/reports/.data",
	"/reports/_.data",
	"/reports.rsc",
];
const LOADED = "what the loader of the page says";

let fixture: GateFixture;
const cookies: Record<string, string> = {};

beforeAll(async () => {
	fixture = await startGate({
		gate: (auth) => ({
			pages: {
				"/reports": {
					auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
				},
				"/open": { auth: false },
			},
		}),
	});
	for (const [sub, group] of [
		["grace", "staff"],
		["ada", "admins"],
	] as const) {
		fixture.idp.person = { sub, groups: [group] };
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser, { path: "/" });
		cookies[sub] = allCookies(browser);
	}
});

async function ask(
	path: string,
	who: string | undefined,
	options?: HandleOptions,
): Promise<number> {
	const cookie = who === undefined ? undefined : cookies[who];
	const request = new Request(fixture.origin + path, { headers: cookie ? { cookie } : {} });
	let reached = 0;
	const next = () => {
		reached++;
		return new Response(LOADED);
	};
	const response = await fixture.gate.handle(request, next, options);
	expect([path, who, reached]).toEqual([path, who, response.status === 200 ? 1 : 0]);
	expect((await response.text()).includes(LOADED)).toBe(response.status === 200);
	return response.status;
}

describe("the data of a page", () => {
	it.each(DATA_OF_REPORTS)(
		"obeys the page's rule at %s, without a word from the host",
		async (path) => {
			expect(await ask(path, undefined)).toBe(401);
			expect(await ask(path, "grace")).toBe(403);
			expect(await ask(path, "ada")).toBe(200);
		},
	);

	it("obeys the rule of the page that the host names, at any address", async () => {
		const options = { pagePath: "/reports" };
		for (const path of ["/_server/fn-1", "/x", "/open"]) {
			expect(await ask(path, undefined, options)).toBe(401);
			expect(await ask(path, "grace", options)).toBe(403);
			expect(await ask(path, "ada", options)).toBe(200);
		}
		for (const pagePath of ["/Reports", "/reports/", "//reports", "/%72eports", "/x/../reports"])
			expect(await ask("/x", "grace", { pagePath })).toBe(403);
	});

	it("is open where the page is, if the host says so", async () => {
		expect(await ask("/open/__data.json", undefined)).toBe(401);
		expect(await ask("/open/__data.json", undefined, { pagePath: "/open" })).toBe(200);
		expect(await ask("/open/__data.json", undefined, { pagePath: "/Open" })).toBe(401);
	});

	it("obeys the rule of its address too, whatever page the host names", async () => {
		for (const path of ["/reports", "/REPORTS", "/reports/__data.json", "/x/..%2freports"]) {
			expect(await ask(path, undefined, { pagePath: "/open" })).toBe(401);
			expect(await ask(path, "grace", { pagePath: "/open" })).toBe(403);
		}
	});
});

describe("a function that a request names in its query or in a header", () => {
	type Line = readonly [method: string, path: string, headers?: Record<string, string> | undefined];
	const NAMED: readonly Line[] = [
		["POST", "/open?/remote=1a2b/wipe"],
		["POST", "/open?_action=wipe"],
		["POST", "/open?qaction=1a2b"],
		["POST", "/open?qfunc=1a2b"],
		["GET", "/open?qfunc=1a2b"],
		["POST", "/open?__rsc_action_id=/src/actions.ts%23wipe"],
		["POST", "/open", { "Next-Action": "1a2b" }],
		["POST", "/open", { "rsc-action-id": "1a2b" }],
		["PUT", "/open", { "X-RSC-Action": "1a2b" }],
	];
	const callers = ["anonymous", "grace", "ada"];

	async function statuses(gate: Gate, [method, path, headers]: Line, options?: HandleOptions) {
		const asked = callers.map(async (who) => {
			const own = { origin: fixture.origin, ...(cookies[who] ? { cookie: cookies[who] } : {}) };
			const request = new Request(fixture.origin + path, {
				method,
				headers: { ...headers, ...own },
			});
			return (await gate.handle(request, () => new Response(LOADED), options)).status;
		});
		return await Promise.all(asked);
	}

	it.each(NAMED)("obeys the default besides the rule of its page: %s %s %j", async (...line) => {
		const request = line as unknown as Line;
		expect(await statuses(fixture.gate, request)).toEqual([401, 200, 200]);
		// Not even where the host names the page.
		expect(await statuses(fixture.gate, request, { pagePath: "/open" })).toEqual([401, 200, 200]);
		const [method, path, headers] = request;
		expect(
			await statuses(fixture.gate, [method, path.replace("open", "reports"), headers]),
		).toEqual([401, 403, 200]);
	});

	it.each(NAMED)(
		"is opened and shut by patterns for its own address: %s %s %j",
		async (...line) => {
			const request = line as unknown as Line;
			const functions = ["/_action", "/_actions/*", "/_app/remote/*"];
			const withRule = async (auth: Rule<PageAuthContext<Person>>) => {
				const pages = {
					"/open": { auth: false as const },
					...Object.fromEntries(functions.map((one) => [one, { auth }])),
				};
				return (await startGate({ gate: { pages } })).gate;
			};
			expect(await statuses(await withRule(false), request)).toEqual([200, 200, 200]);
			const [method, path, headers] = request;
			expect(
				(await statuses(await withRule(false), [method, path.replace("open", "shut"), headers]))[0],
			).toBe(401);
			expect((await statuses(await withRule(() => false), request))[0]).toBe(401);
		},
	);

	it("is no concern of an ordinary form or request", async () => {
		for (const path of ["/open", "/open?/wipe", "/open?action=wipe", "/open?/remote"])
			expect(await statuses(fixture.gate, ["POST", path])).toEqual([200, 200, 200]);
		expect(
			await statuses(fixture.gate, ["GET", "/open?_action=x", { "Next-Action": "x" }]),
		).toEqual([200, 200, 200]);
	});

	it("is not open because the caller names an open page, as remote functions of SvelteKit let it", async () => {
		const headers = { "x-sveltekit-pathname": "/open", "x-sveltekit-search": "" };
		for (const method of ["GET", "POST"]) {
			const request = [method, "/_app/remote/1a2b/wipe", headers] as const;
			expect(await statuses(fixture.gate, request, { pagePath: "/open" })).toEqual([401, 200, 200]);
			expect(await statuses(fixture.gate, request, { pagePath: "/reports" })).toEqual([
				401, 403, 200,
			]);
		}
	});
});

it("hears the peer's address from a host that knows it", async () => {
	const limited = await startGate({ auth: { session: { loginLimit: 2 } } });
	const start = async (remoteAddress: string) => {
		const request = new Request(`${limited.origin}/login/generic`, {
			headers: {
				"sec-fetch-site": "same-origin",
				"sec-fetch-mode": "navigate",
				accept: "text/html",
			},
		});
		return (await limited.gate.handle(request, () => new Response(LOADED), { remoteAddress }))
			.status;
	};
	expect([await start("192.0.2.1"), await start("192.0.2.1"), await start("192.0.2.1")]).toEqual([
		302, 302, 429,
	]);
	expect(await start("192.0.2.200")).toBe(302);
});
