import { expect, it } from "vitest";
import { MARKER, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

it("a view's own response cannot make a refusal look like a success", async () => {
	const fixture = await startGate({
		auth: {
			ui: {
				views: {
					forbidden: () =>
						new Response("no entry", {
							status: 200,
							headers: { "Content-Type": "text/plain", "Cache-Control": "public" },
						}),
				},
			},
		},
		gate: {
			pages: { "/admin": { auth: () => false } },
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const refused = await browser.click("/admin");
	expect([refused.status, refused.body]).toEqual([403, "no entry"]);
	expect(refused.headers.get("content-type")).toBe("text/plain");
	expect(refused.headers.get("cache-control")).toMatch(/no-store/);
});

it("a view may lead elsewhere", async () => {
	const fixture = await startGate({
		auth: {
			ui: {
				views: {
					login: () => new Response(null, { status: 302, headers: { Location: "/private?seen" } }),
				},
			},
		},
	});
	const answer = await new ScriptedBrowser().navigate(`${fixture.origin}/login`, { follow: false });
	expect([answer.status, answer.headers.get("location")]).toEqual([302, "/private?seen"]);
});

it("but not the callback, whose redirect would lose the new session: the default is shown and logged", async () => {
	const fixture = await startGate({
		auth: {
			ui: {
				views: {
					callback: ({ destination }) =>
						new Response(null, { status: 302, headers: { Location: destination } }),
				},
			},
		},
	});
	const browser = new ScriptedBrowser();
	const page = await fixture.signIn(browser);
	expect(page.body).toContain(MARKER);
	expect(sessionCookies(browser)).toHaveLength(4);
	expect(fixture.log).toMatchObject([
		{ code: "internal_error", message: expect.stringContaining("views.callback redirects") },
	]);
});

it("script that signs out is never told the ID token", async () => {
	const fixture = await startGate();
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const headers = {
		origin: fixture.origin,
		"portcullis-request": "1",
		"sec-fetch-site": "same-origin",
	};
	const answer = await browser.fetch(`${fixture.origin}/logout`, { method: "POST", headers });
	const { location } = JSON.parse(answer.body) as { location: string };
	expect(new URL(location).searchParams.get("client_id")).toBe(fixture.idp.clientId);
	expect(answer.body).not.toMatch(/eyJ|id_token_hint/);
	expect(sessionCookies(browser)).toEqual([]);
});
