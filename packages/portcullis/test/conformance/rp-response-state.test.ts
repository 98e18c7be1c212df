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
	it.each(faults)(
		"believes nothing of an answer without the state of an attempt: %s",
		async (fault) => {
			const fixture = await startGate();
			const browser = new ScriptedBrowser();
			fixture.idp.faults = { authorization: fault };

			const page = await fixture.signIn(browser);
			expect(page.status).toBe(400);
			expect(fixture.log).toMatchObject([{ code: "answer_changed", reason: "state" }]);
			expect(page.body).toContain("does not fit the sign-in that was begun here");
			expect(page.body).not.toContain("had expired");
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
		},
	);

	it("believes nothing of a state that only begins like the one of an attempt", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const start = await browser.navigate(`${fixture.origin}/login/generic`, { follow: false });
		const answer = await browser.navigate(start.headers.get("location") ?? "", {
			from: fixture.origin,
			follow: false,
		});
		const callback = new URL(answer.headers.get("location") ?? "");
		const state = callback.searchParams.get("state") ?? "";
		const forged = [
			state.slice(0, 17),
			`${state.slice(0, 17)}${"A".repeat(24)}`,
			`${state}A`,
			`${state}.r`,
			state.slice(0, -1),
			state.toLowerCase(),
		];
		for (const one of forged) {
			callback.searchParams.set("state", one);
			const page = await browser.navigate(callback.href, {
				from: fixture.idp.issuer,
				follow: false,
			});
			expect([one, page.setCookies]).toEqual([one, []]);
		}
		expect(transactionCookies(browser)).toHaveLength(1);
		expect(fixture.idp.count("token")).toBe(0);

		callback.searchParams.set("state", state);
		expect((await browser.navigate(callback.href, { from: fixture.idp.issuer })).body).toBe(
			`${MARKER} / for ada`,
		);
	});

	it("explains itself when the restarted attempt comes back without its state, too", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const answer = await browser.navigate(
			`${fixture.origin}/callback?code=a&state=AAAAAAAAAAAAAAAA.made-up.r`,
		);
		expect(answer.status).toBe(400);
		expect(fixture.log).toMatchObject([{ code: "cookies_blocked" }]);
		expect(answer.body).toContain(`<code>${fixture.log[0]?.id}</code>`);
	});
});
