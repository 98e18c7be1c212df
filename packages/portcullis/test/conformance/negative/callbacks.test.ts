import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { allCookies, MARKER } from "../../support/gate-fixture.ts";
import { type Arrival, negativeCallbacks } from "./callbacks.ts";
import { type OfflineGate, ORIGIN, openOffline } from "./offline-gate.ts";

let offline: OfflineGate;

beforeAll(async () => {
	offline = await openOffline();
});

beforeEach(() => {
	// The log has ten lines of a kind at once, and then one a minute.
	offline.later(60);
	offline.log.length = 0;
	offline.idp.requests.length = 0;
});

/** An attempt, as far as the provider's answer. */
async function attempt(): Promise<{ url: URL; params: URLSearchParams; cookie: string }> {
	const browser = offline.browser();
	const start = await browser.navigate(`${ORIGIN}/login/generic?redirect_to=/private`, {
		follow: false,
	});
	const answer = await browser.click(start.headers.get("location") ?? "", { follow: false });
	const url = new URL(answer.headers.get("location") ?? "");
	return { url, params: new URLSearchParams(url.search), cookie: allCookies(browser) };
}

async function arrive(): Promise<Arrival> {
	const mine = await attempt();
	const other = await attempt();
	return { ...mine, other, offline };
}

const setsSession = (response: Response) =>
	response.headers.getSetCookie().some((line) => /-(at|id|rt|sc|on)(\.\d)?=[^;]/.test(line));

describe("an answer signs nobody in (R3, R5, R17, R20)", () => {
	it.each(negativeCallbacks)("$name", async ({ request, outcome, exchanges = 0 }) => {
		const { idp, log, handle } = offline;
		const arrival = await arrive();
		const response = await handle(request(arrival));
		expect(setsSession(response)).toBe(false);
		expect([idp.count("token"), idp.count("userinfo")]).toEqual([exchanges, 0]);
		const body = await response.text();
		expect(body).not.toContain(MARKER);
		if (outcome === "login") {
			expect([response.status, response.headers.get("location")]).toEqual([
				302,
				"/login?restarted=1",
			]);
			expect(log.filter(({ level }) => level === "error")).toEqual([]);
		} else {
			expect([response.status, log.map(({ code, reason }) => [code, reason])]).toEqual([
				outcome.status,
				[[outcome.code, outcome.reason]],
			]);
			expect(body).toContain(`<code>${log[0]?.id}</code>`);
		}
	});

	it("and the same answer signs in where it is not bent", async () => {
		const { url, cookie } = await attempt();
		const headers = { cookie, "sec-fetch-mode": "navigate", "sec-fetch-site": "cross-site" };
		expect(setsSession(await offline.handle(new Request(url, { headers })))).toBe(true);
	});
});
