import { beforeAll, describe, expect, it } from "vitest";
import type { HandleOptions } from "../../src/index.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** Addresses at which frameworks bring the data of `/reports`. */
const DATA_OF_REPORTS = ["/reports/__data.json", "/reports.data", "/reports/.data", "/reports/_.data", "/reports.rsc"];
const LOADED = "what the loader of the page says";

let fixture: GateFixture;
const cookies: Record<string, string> = {};

beforeAll(async () => {
	fixture = await startGate({
		gate: (kit) => ({
			pages: {
				"/reports": { auth: kit.check(({ user }) => user.userinfo.groups?.includes("admins") === true) },
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

async function ask(path: string, who: string | undefined, options?: HandleOptions): Promise<number> {
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
	it.each(DATA_OF_REPORTS)("obeys the page's rule at %s, without a word from the host", async (path) => {
		expect(await ask(path, undefined)).toBe(401);
		expect(await ask(path, "grace")).toBe(403);
		expect(await ask(path, "ada")).toBe(200);
	});

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

it("hears the peer's address from a host that knows it", async () => {
	const limited = await startGate({ kit: { loginLimit: 2 } });
	const start = async (remoteAddress: string) => {
		const request = new Request(`${limited.origin}/login/generic`, {
			headers: { "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", accept: "text/html" },
		});
		return (await limited.gate.handle(request, () => new Response(LOADED), { remoteAddress })).status;
	};
	expect([await start("192.0.2.1"), await start("192.0.2.1"), await start("192.0.2.1")]).toEqual([302, 302, 429]);
	expect(await start("192.0.2.200")).toBe(302);
});
