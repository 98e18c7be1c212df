import { expect, it } from "vitest";
import { MARKER, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const random = (length: number) =>
	Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
		.toString("base64url")
		.slice(0, length);

it.each([1, 2, 3, 4, 5, 6, 8, 16, 32, 64])(
	"tokens of %i kB: a whole session within the budget, or a page that says why not (R55)",
	async (kilobytes) => {
		const fixture = await startGate();
		fixture.idp.set({
			discovery: "no-userinfo",
			tokenResponse: { access_token: random(kilobytes * 1024) },
			idTokenClaims: { at_hash: undefined },
		});
		const browser = new ScriptedBrowser();
		const page = await fixture.signIn(browser);
		const cookies = [...browser.jar];
		const total = cookies.reduce(
			(sum, [name, { value }]) => sum + name.length + 1 + value.length + 2,
			0,
		);
		expect(total).toBeLessThanOrEqual(7168);
		for (const [name, { value }] of cookies)
			expect(name.length + 1 + value.length).toBeLessThanOrEqual(4096);
		if (page.body.includes(MARKER)) {
			expect(kilobytes).toBeLessThan(8);
			expect((await browser.click("/private")).body).toContain(MARKER);
		} else {
			expect(kilobytes).toBeGreaterThan(4);
			expect(page.status).toBe(500);
			expect(sessionCookies(browser)).toEqual([]);
			expect(fixture.log).toMatchObject([
				{ code: "cookies_too_large", message: expect.stringMatching(/access token \d+/) },
			]);
			expect(page.body).toContain(fixture.log[0]?.id);
		}
	},
);

it("claims too large for a cookie are asked for again, where they are needed (R47)", async () => {
	const groups = Array.from({ length: 200 }, (_, i) => `group-${i}-${random(8)}`);
	const fixture = await startGate({
		app: (_, user) => new Response(`${MARKER} ${user?.claims.groups?.length ?? "unknown"}`),
	});
	fixture.idp.set({ userinfoClaims: { groups } });
	const browser = new ScriptedBrowser();
	expect((await fixture.signIn(browser)).body).toBe(`${MARKER} 200`);
	const asked = fixture.idp.count("userinfo");
	for (let i = 0; i < 5; i++) expect((await browser.click("/private")).body).toBe(`${MARKER} 200`);
	expect(fixture.idp.count("userinfo") - asked).toBeLessThanOrEqual(1);
});

it("one provider's cookies are few (R58)", async () => {
	const providers = ["one", "two", "three", "four", "five", "six"];
	const fixture = await startGate({ providers });
	const browser = new ScriptedBrowser();
	for (const provider of providers) {
		await browser.navigate(`${fixture.origin}/login`);
		expect((await browser.click(`/login/${provider}?redirect_to=/private`)).body).toContain(MARKER);
		expect(browser.jar.size).toBeLessThanOrEqual(6);
	}
});
