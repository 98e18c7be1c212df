import { describe, expect, it } from "vitest";
import { sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

async function signedIn(options: Parameters<typeof startGate>[0] = {}) {
	const fixture = await startGate(options);
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	return { fixture, browser, signOut: async () => browser.submit(await browser.click("/logout")) };
}

describe("logout at the provider (R91)", () => {
	it("sends the ID token or the client id, the registered way back and a state for this one time", async () => {
		const { fixture, browser, signOut } = await signedIn();
		const done = await signOut();
		expect(done.body).toContain("You are signed out");
		const request = new URL(
			browser.trail.find((line) => line.includes("/end-session"))?.split(" ")[1] ?? "",
		);
		expect(request.searchParams.get("post_logout_redirect_uri")).toBe(`${fixture.origin}/logout`);
		expect(request.searchParams.get("client_id")).toBe(fixture.idp.clientId);
		expect(request.searchParams.get("id_token_hint")).toMatch(/^eyJ/);
		expect(request.searchParams.get("state")?.length).toBeGreaterThanOrEqual(22);
		expect(sessionCookies(browser)).toEqual([]);
		expect(fixture.idp.count("end-session")).toBe(1);
	});

	it.each([
		["missing", ""],
		["wrong", "?state=wrong"],
		[
			"another site's address",
			"?state=https://evil.example/&post_logout_redirect_uri=https://evil.example/&redirect_to=https://evil.example/",
		],
	])(
		"takes a returned state that is %s for signed out, and follows nothing in it",
		async (_, query) => {
			const { fixture, browser } = await signedIn();
			const confirm = await browser.click("/logout");
			const token = /name="form_token" value="([^"]*)"/.exec(confirm.body)?.[1] ?? "";
			await browser.navigate(confirm.url, {
				from: confirm.url,
				form: { form_token: token },
				follow: false,
			});
			const done = await browser.navigate(`${fixture.origin}/logout${query}`, {
				from: fixture.idp.issuer,
			});
			expect(done.status).toBe(200);
			expect(done.body).toContain("You are signed out");
			expect(done.body).toContain("may still be signed in");
			expect(done.body).not.toContain("evil.example");
		},
	);
});

describe("logout here", () => {
	it("succeeds while the provider is down (R89)", async () => {
		const { fixture, browser, signOut } = await signedIn();
		fixture.idp.set({
			transport: { discovery: "reset", "end-session": 500, token: "reset", revoke: "reset" },
		});
		await signOut();
		expect(sessionCookies(browser)).toEqual([]);
		expect((await browser.navigate(`${fixture.origin}/private`)).url).toContain("/login");
	});

	it("says that the provider's session lives on where it has no end session (R93)", async () => {
		const fixture = await startGate();
		fixture.idp.set({ discovery: "no-end-session" });
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const done = await browser.submit(await browser.click("/logout"));
		expect(done.body).toContain("You are signed out");
		expect(done.body).toContain("may still be signed in");
		expect(sessionCookies(browser)).toEqual([]);
	});
});
