import { expect } from "vitest";
import { MARKER } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { mirrors } from "./modules.ts";
import { expectSignedOut, startLogout } from "./signed-out.ts";

mirrors("oidcc-client-front-channel-logout-rp-basic", {
	// Front-channel logout loads an address of the app in a frame on the provider's page. A
	// cross-site frame brings no SameSite=Strict cookie, so there is no session in it that could be
	// ended, and a frame that could end one would be a forged logout.
	"oidcc-client-test-rp-frontchannel-rpinitlogout": async () => {
		const logout = await startLogout();
		const { fixture, endSession } = logout;
		const { origin, idp } = fixture;
		const other = new ScriptedBrowser();
		await fixture.signIn(other);
		const frame = { "sec-fetch-dest": "iframe" };
		for (const [path, status] of [
			["/logout", 200],
			["/_portcullis/frontchannel-logout/generic", 404],
		] as const) {
			const url = `${origin}${path}?iss=${encodeURIComponent(idp.issuer)}&sid=${idp.logins.at(-1)?.sid}`;
			const answer = await other.navigate(url, {
				from: endSession.href,
				headers: frame,
				follow: false,
			});
			expect([path, answer.status, answer.setCookies]).toEqual([path, status, []]);
			if (status === 200)
				expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
		}
		expect((await other.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
		await expectSignedOut(logout, await logout.follow(), true);
	},
});
