import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { registerAuthEndpoints } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { expectConsole } from "../support/expect-console.ts";
import { MARKER, type Person, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { listen } from "../support/web-server.ts";

// What came before `protect`: the gate's own routes, and nothing is shut.

const serve = (gate: Gate<Person>) => {
	const app = new Hono();
	app.get("/before", (c) => c.text(`${MARKER} before`));
	registerAuthEndpoints(app, gate);
	app.all("*", (c) => c.text(`${MARKER} ${c.req.path}`));
	return listen(getRequestListener(app.fetch));
};

describe("registerAuthEndpoints", () => {
	test("login, callback, the session and logout work", async () => {
		const { origin } = await startGate({ serve });
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/login?redirect_to=%2Fprivate`);
		const page = await browser.click("/login/generic?redirect_to=%2Fprivate");
		expect([page.url, page.body]).toEqual([`${origin}/private`, `${MARKER} /private`]);
		expect(sessionCookies(browser).length).toBeGreaterThan(3);
		const session = await browser.fetch(`${origin}/_portcullis/session`);
		expect(JSON.parse(session.body)).toMatchObject({ user: { sub: "ada" } });
		expect((await browser.submit(await browser.click("/logout"))).body).toContain("signed out");
		expect(sessionCookies(browser)).toEqual([]);
		expect((await browser.navigate(`${origin}/forbidden`)).status).toBe(403);
	});

	test("protects nothing, what the gate's pages shut included, and warns of it once", async () => {
		const { origin, log, gate } = await startGate({
			serve,
			gate: { pages: { "/admin": { auth: () => false } } },
		});
		for (const path of ["/before", "/", "/admin", "/private", "/loginx"]) {
			const answer = await fetch(origin + path);
			expect([path, answer.status, await answer.text()]).toEqual([
				path,
				200,
				expect.stringContaining(MARKER),
			]);
		}
		registerAuthEndpoints(new Hono(), gate);
		expect(log).toEqual([
			{
				level: "warning",
				code: "config_invalid",
				reason: "deprecated",
				message: expect.stringContaining("protects nothing"),
			},
		]);
	});

	test("a forged logout is refused here too", async () => {
		const { origin } = await startGate({ serve });
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/login`);
		await browser.click("/login/generic");
		const headers = {
			cookie: [...browser.jar].map(([name, { value }]) => `${name}=${value}`).join("; "),
		};
		const forged = await fetch(`${origin}/logout`, {
			method: "POST",
			headers: { ...headers, origin: "https://evil.example" },
		});
		expect(forged.status).toBe(403);
	});

	test("takes the provider from the environment where there is no gate, with its mistakes", () => {
		for (const name of ["OIDC_ISSUER_URI", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])
			vi.stubEnv(name, undefined);
		expect(() => registerAuthEndpoints(new Hono())).toThrow(/OIDC_ISSUER_URI/);
		vi.stubEnv("OIDC_ISSUER_URI", "http://localhost:9");
		vi.stubEnv("OIDC_CLIENT_ID", "app");
		vi.stubEnv("OIDC_CLIENT_SECRET", "a-secret-that-is-long-enough-for-cookies");
		expectConsole(
			"warn",
			/config_invalid reason=deprecated: registerAuthEndpoints\(\) is deprecated/,
		);
		const app = new Hono();
		expect(registerAuthEndpoints(app)).toBe(app);
		expect(() => registerAuthEndpoints(app, {} as never)).toThrow(/something else than a gate/);
	});
});
