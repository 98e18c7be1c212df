import { expect, it } from "vitest";
import { stepUp } from "../../src/checks.ts";
import { startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const NAVIGATION = {
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "same-origin",
};

it("begins and completes no login for a HEAD, which only looks", async () => {
	const fixture = await startGate();
	for (const path of ["/login/generic", "/callback?code=a&state=b"]) {
		const answer = await exchange(fixture.origin + path, "HEAD", NAVIGATION);
		expect([path, answer.status, answer.headers.get("allow")]).toEqual([path, 405, "GET, POST"]);
		expect(answer.setCookies).toEqual([]);
	}
	expect(fixture.idp.requests).toEqual([]);
	for (const path of ["/login", "/logout", "/_portcullis/session"])
		expect([path, (await exchange(fixture.origin + path, "HEAD", NAVIGATION)).status]).toEqual([
			path,
			200,
		]);
});

it("counts a sign-in that a page or an event asks for as the start of a login (R78)", async () => {
	const fixture = await startGate({
		auth: { http: { trustProxy: true }, session: { loginLimit: 3 } },
		gate: { pages: { "/strong": { auth: stepUp({ acr: "urn:example:strong" }) } } },
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookie = browser.cookieHeader(`${fixture.origin}/`);
	const statuses = async (path: string, address: string) => {
		const found: number[] = [];
		for (let i = 0; i < 5; i++) {
			const headers = { ...NAVIGATION, cookie, "x-forwarded-for": address };
			found.push((await exchange(fixture.origin + path, "GET", headers)).status);
		}
		return found;
	};
	expect(await statuses("/strong", "198.51.100.1")).toEqual([302, 302, 302, 429, 429]);
	expect(await statuses("/_portcullis/step-up/made-up", "198.51.100.2")).toEqual([
		302, 302, 302, 429, 429,
	]);
	expect(fixture.log.map(({ code }) => code)).toEqual(["too_many_requests", "too_many_requests"]);
});
