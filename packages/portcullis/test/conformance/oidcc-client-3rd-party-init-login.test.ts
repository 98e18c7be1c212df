import { expect } from "vitest";
import { MARKER, sessionCookies, startGate, startHref } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { mirrors } from "./modules.ts";

const portal = "https://portal.example/apps";

mirrors("oidcc-client-test-3rd-party-init-login-test-plan", {
	// `initiate_login_uri` is the login page (OpenID Connect Core 1.0 section 4). It leads to the
	// provider by a click, never by itself.
	"oidcc-client-test-3rd-party-init-login": async () => {
		const { origin, idp, log } = await startGate();
		const browser = new ScriptedBrowser();
		const at = (path: string, parameters: Record<string, string>) =>
			`${origin}${path}?${new URLSearchParams({ iss: idp.issuer, login_hint: "ada", ...parameters })}`;

		const page = await browser.navigate(
			at("/login", { target_link_uri: `${origin}/private?tab=2` }),
			{ from: portal },
		);
		expect(page.status).toBe(200);
		expect(idp.requests).toEqual([]);
		const done = await browser.click(startHref(page, "generic"));
		expect([done.body, done.url]).toEqual([
			`${MARKER} /private for ada`,
			`${origin}/private?tab=2`,
		]);
		const sent = idp.requests.find(({ endpoint }) => endpoint === "authorize")?.query;
		expect([sent?.has("login_hint"), sent?.has("target_link_uri")]).toEqual([false, false]);
		expect(log).toEqual([]);

		// Straight to the start, for another issuer, or to a target elsewhere: the login page, and
		// nothing of what was asked for.
		idp.requests.length = 0;
		for (const [url, target] of [
			[at("/login/generic", { redirect_to: "/private" }), "/private"],
			[
				at("/login", {
					iss: "https://another-issuer.invalid",
					target_link_uri: `${origin}/private`,
				}),
				"/private",
			],
			[at("/login", { target_link_uri: "https://evil.example/" }), "/"],
			[at("/login", { target_link_uri: "//evil.example/" }), "/"],
		] as const) {
			const victim = new ScriptedBrowser();
			const shown = await victim.navigate(url, { from: portal });
			expect([
				url,
				shown.status,
				shown.body.includes("another-issuer"),
				sessionCookies(victim),
			]).toEqual([url, 200, false, []]);
			const href = new URL(startHref(shown, "generic"), origin);
			expect([url, href.origin, href.searchParams.get("redirect_to") ?? "/"]).toEqual([
				url,
				origin,
				target,
			]);
		}
		expect(idp.requests).toEqual([]);
	},
});
