import { expect, it } from "vitest";
import {
	allCookies,
	type GateFixture,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

/** A login as far as the provider's answer, which has not been brought back yet. */
async function begin(fixture: GateFixture): Promise<{ browser: ScriptedBrowser; back: URL }> {
	const browser = new ScriptedBrowser();
	const sent = await browser.navigate(`${fixture.origin}/login/generic?redirect_to=/private`, {
		follow: false,
	});
	const answered = await browser.navigate(sent.headers.get("location") ?? "", { follow: false });
	return { browser, back: new URL(answered.headers.get("location") ?? "") };
}

const NAVIGATION = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
};

it("an attempt that was begun at one origin is not completed at another (R4)", async () => {
	const fixture = await startGate();
	const { browser, back } = await begin(fixture);
	const elsewhere = fixture.origin.replace("localhost", "127.0.0.1");
	const { origin } = new URL(elsewhere);
	const headers = { ...NAVIGATION, cookie: allCookies(browser), host: new URL(origin).host };
	// By whichever address it is reached: what the request says of its host is what counts.
	const answer = await exchange(fixture.origin + back.pathname + back.search, "GET", headers);
	expect(fixture.log.splice(0)).toMatchObject([{ code: "transaction_invalid", reason: "binding" }]);
	expect([answer.status, answer.setCookies.filter((line) => /-at=/.test(line))]).toEqual([400, []]);
	expect(fixture.idp.count("token")).toBe(0);
});

it("an attempt that came back too late is begun anew, and its code is not redeemed (R11)", async () => {
	const fixture = await startGate();
	for (const [late, redeemed] of [
		[700, 0],
		[-700, 0],
		[0, 1],
	] as const) {
		const { browser, back } = await begin(fixture);
		fixture.clock.ahead = late;
		const answer = await browser.navigate(back.href, { from: fixture.idp.issuer, follow: false });
		expect([late, answer.status < 400, fixture.idp.count("token")]).toEqual([late, true, redeemed]);
		expect([late, sessionCookies(browser).length > 0]).toEqual([late, redeemed === 1]);
		fixture.clock.ahead = 0;
	}
	expect(fixture.log).toEqual([]);
});

it("a form_post is continued by our own page alone", async () => {
	const fixture = await startGate();
	const { browser, back } = await begin(fixture);
	const body = back.searchParams.toString();
	const headers = {
		...NAVIGATION,
		"content-type": "application/x-www-form-urlencoded",
		cookie: allCookies(browser),
	};
	const send = (origin: Record<string, string>) =>
		exchange(`${fixture.origin}/callback/continue`, "POST", { ...headers, ...origin }, body);
	for (const origin of [
		{ origin: "https://evil.example" },
		{ origin: "null" },
		{ origin: fixture.idp.issuer },
		{},
	]) {
		expect([origin, (await send(origin)).setCookies]).toEqual([origin, []]);
		expect(fixture.log.splice(0)).toMatchObject([{ code: "callback_invalid" }]);
	}
	expect(fixture.idp.count("token")).toBe(0);
	const continued = await send({ origin: fixture.origin });
	expect(continued.setCookies.some((line) => /-at=/.test(line))).toBe(true);
});

const BACKGROUND: readonly [string, Record<string, string>][] = [
	["prefetched", { "sec-purpose": "prefetch" }],
	["prerendered", { "sec-purpose": "prefetch;prerender" }],
	["prefetched by an older browser", { purpose: "prefetch" }],
	["prefetched by Firefox", { "x-moz": "prefetch" }],
	["fetched by script", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", accept: "*/*" }],
	[
		"loaded as an image",
		{ "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", accept: "image/*" },
	],
	["loaded in a frame", { "sec-fetch-dest": "iframe" }],
	["loaded as an object", { "sec-fetch-dest": "object" }],
];

it.each(BACKGROUND)(
	"a callback that is %s redeems nothing, and the real one then signs in",
	async (_, changes) => {
		const fixture = await startGate();
		const { browser, back } = await begin(fixture);
		const cookie = allCookies(browser);
		const ahead = await exchange(back.href, "GET", { ...NAVIGATION, cookie, ...changes });
		expect([ahead.status, ahead.setCookies]).toEqual([403, []]);
		const form = { "content-type": "application/x-www-form-urlencoded", origin: fixture.origin };
		for (const path of ["/callback", "/callback/continue"]) {
			const headers = { ...NAVIGATION, cookie, ...form, ...changes };
			const sent = await exchange(
				fixture.origin + path,
				"POST",
				headers,
				back.searchParams.toString(),
			);
			expect([path, sent.status, sent.setCookies]).toEqual([path, 403, []]);
		}
		expect(fixture.idp.count("token")).toBe(0);
		expect((await browser.navigate(back.href, { from: fixture.idp.issuer })).status).toBe(200);
		expect(sessionCookies(browser).length).toBeGreaterThan(0);
		expect(fixture.idp.count("token")).toBe(1);
	},
);
