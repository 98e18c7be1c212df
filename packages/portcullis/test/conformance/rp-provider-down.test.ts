import { describe, expect, it } from "vitest";
import type { FaultyEndpoint, TransportFault } from "../../src/testing/faulty-idp-faults.ts";
import { MARKER, sessionCookies, startGate, startHref } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const endpoints: readonly FaultyEndpoint[] = [
	"discovery",
	"jwks",
	"authorize",
	"token",
	"userinfo",
	"end-session",
	"revoke",
];
const outages: readonly TransportFault[] = ["reset", "hang", 503, 429, "not-json"];

function all(fault: TransportFault) {
	return { transport: Object.fromEntries(endpoints.map((endpoint) => [endpoint, fault])) };
}

describe("rp-provider-down (R89, R125)", () => {
	it.each(outages)(
		"starts, serves public pages and recovers while the provider says: %s",
		async (outage) => {
			const { origin, idp, gate, clock, log, signIn } = await startGate({
				auth: { platform: { timeout: 0.5 } },
				gate: { pages: { "/": { auth: false } } },
			});
			idp.faults = all(outage);
			await gate.ready();
			const browser = new ScriptedBrowser();
			expect((await browser.navigate(`${origin}/`)).body).toBe(`${MARKER} / for nobody`);
			const page = await browser.navigate(`${origin}/private`);
			expect(page.status).toBe(200);
			expect(idp.requests).toEqual([]);

			const before = performance.now();
			const refused = await browser.click(startHref(page, "generic"));
			expect(performance.now() - before).toBeLessThan(4500);
			expect(refused.status).toBeGreaterThanOrEqual(502);
			if (outage !== "not-json") expect(refused.headers.get("retry-after")).toBe("10");
			expect(refused.body).toContain(`<code>${log[0]?.id}</code>`);

			idp.reset();
			clock.ahead += 3;
			expect((await signIn(browser)).body).toBe(`${MARKER} /private for ada`);
		},
	);

	it.each(outages)(
		"keeps people signed in and lets them out while the provider says: %s",
		async (outage) => {
			const { origin, idp, log, signIn } = await startGate({
				auth: { platform: { timeout: 0.5 } },
			});
			const browser = new ScriptedBrowser();
			await signIn(browser);
			idp.faults = all(outage);
			expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);

			const asked = await browser.navigate(`${origin}/logout`);
			const token = /name="form_token" value="([^"]*)"/.exec(asked.body)?.[1] ?? "";
			const done = await browser.navigate(`${origin}/logout`, {
				from: asked.url,
				form: { form_token: token },
				follow: false,
			});
			// The metadata is known, so the provider is to end its session as well; whether it does is
			// its own affair.
			expect(done.status).toBe(200);
			expect(done.body).toContain(`${idp.issuer}/end-session`);
			expect(sessionCookies(browser)).toEqual([]);
			expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
			// That its tokens live on at the provider is worth a line; it is no error here.
			expect(
				log.map(({ level, message }) => [level, message.includes("could not be revoked")]),
			).toEqual(outage === "not-json" ? [] : [["warning", true]]);
		},
		20_000,
	);

	it("asks a provider that is down once in two seconds, however many want to sign in", async () => {
		const { idp, signIn } = await startGate();
		idp.faults = all(503);
		await Promise.all(Array.from({ length: 20 }, () => signIn(new ScriptedBrowser())));
		expect(idp.count("discovery")).toBe(1);
	});
});
