import { describe, expect, it } from "vitest";
import type { AuthorizationFault } from "../../src/testing/faulty-idp-faults.ts";
import { MARKER, sessionCookies, startGate, transactionCookies } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const faults: readonly (AuthorizationFault | readonly AuthorizationFault[])[] = [
	"state-missing",
	"state-wrong",
	"state-twice",
	"error-without-state",
	["access-denied", "state-missing"],
	["error-markup", "state-wrong"],
];

describe("rp-response-state (R3, R17)", () => {
	it.each(faults)("believes nothing of an answer without the state of an attempt: %s", async (fault) => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		fixture.idp.faults = { authorization: fault };

		const page = await fixture.signIn(browser);
		expect(page.status).toBe(200);
		expect(new URL(page.url).pathname).toBe("/login");
		expect(page.body).toContain("had expired");
		// Neither the error nor its text is shown: anybody can make such a link.
		expect(page.body).not.toContain("alert(1)");
		expect(page.body).not.toContain("The person said no.");
		expect(sessionCookies(browser)).toEqual([]);
		// The attempt is still under way: a made-up answer must not end it.
		expect(transactionCookies(browser)).toHaveLength(1);
		expect(fixture.idp.count("token")).toBe(0);
		expect((await browser.navigate(`${fixture.origin}/private`)).body).not.toContain(MARKER);

		fixture.idp.reset();
		expect((await fixture.signIn(browser)).body).toBe(`${MARKER} /private for ada`);
	});

	it("explains itself when the restarted attempt comes back without its state, too", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const answer = await browser.navigate(`${fixture.origin}/callback?code=a&state=AAAAAAAAAAAAAAAA.made-up.r`);
		expect(answer.status).toBe(400);
		expect(fixture.log).toMatchObject([{ code: "cookies_blocked" }]);
		expect(answer.body).toContain(`<code>${fixture.log[0]?.id}</code>`);
	});
});
