import { context, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Telemetry } from "../../src/opentelemetry.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";
import { memory } from "../../src/state.ts";
import { allCookies, MARKER, SECRET, startGate } from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { startMeasuring } from "../support/measuring.ts";
import { startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

// R128: logins, failures by reason, renewals, refusals, damaged cookies and calls to providers are
// measured; nothing secret is.

const REFUSE = { pages: { "/admin": { auth: () => false } } };

describe("metrics", () => {
	test("logins, by how they ended and why; refusals; logouts", async () => {
		const { telemetry, counts, points } = startMeasuring();
		const { signIn, idp, origin } = await startGate({
			auth: { platform: { telemetry } },
			gate: REFUSE,
		});
		const browser = new ScriptedBrowser();
		await signIn(browser);
		await browser.click("/private");
		await browser.click("/admin");
		await browser.submit(await browser.click("/logout"));
		idp.set({ token: "invalid-grant" });
		await signIn();
		await new ScriptedBrowser().navigate(`${origin}/login/nobody`);
		expect(await counts("portcullis.logins.started")).toEqual([
			"outcome=success provider=generic: 2",
			"outcome=failure reason=unknown_provider: 1",
		]);
		expect(await counts("portcullis.logins.completed")).toEqual([
			"outcome=success provider=generic: 1",
			"outcome=failure provider=generic reason=token_exchange_failed: 1",
		]);
		expect(await counts("portcullis.refusals")).toEqual([
			"outcome=redirected_to_login reason=login_required surface=page: 2",
			"outcome=redirected_to_forbidden provider=generic reason=check_denied surface=page: 1",
		]);
		expect(await counts("portcullis.logouts")).toEqual(["outcome=success provider=generic: 1"]);
		const units = new Set((await points()).map(({ metric, unit }) => `${metric} ${unit}`));
		expect([...units].sort()).toEqual([
			"portcullis.logins.completed {login}",
			"portcullis.logins.started {login}",
			"portcullis.logouts {logout}",
			"portcullis.provider.request.duration s",
			"portcullis.refusals {refusal}",
		]);
	});

	test("renewals, the spent refresh token, and the session that ends by it", async () => {
		const { telemetry, counts } = startMeasuring();
		const fixture = await startRenewing({
			auth: { extraScopes: ["offline_access"], platform: { telemetry } },
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		fixture.later(3590);
		await Promise.all([fixture.renew(browser), fixture.renew(browser)]);
		fixture.later(3590);
		fixture.bend({ token: "temporarily-unavailable" });
		await fixture.renew(browser);
		fixture.later(10);
		fixture.bend({ token: "invalid-grant" });
		await fixture.renew(browser);
		expect(await counts("portcullis.refreshes")).toEqual([
			"outcome=success provider=generic: 1",
			"outcome=failure provider=generic reason=refresh_failed: 1",
			"outcome=failure provider=generic reason=refresh_refused: 1",
		]);
		expect(await counts("portcullis.sessions.expired")).toEqual([
			"outcome=success provider=generic reason=refresh_refused: 1",
		]);
	});

	test("events that were not let in, and a logout by the provider", async () => {
		const { telemetry, counts } = startMeasuring();
		const fixture = await startGate({
			auth: { platform: { telemetry }, store: memory() },
			gate: ({ State, event }) => ({
				states: {
					board: class extends State {
						write = event({ input: z.string() }, () => {});
						never = event({ auth: () => false }, () => {});
					},
				},
			}),
		});
		const nobody = new StateTab(fixture.origin);
		await nobody.hydrate();
		await nobody.send("board.write", "a");
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const tab = new StateTab(fixture.origin, browser);
		await tab.hydrate();
		await tab.send("board.write", "b");
		await tab.send("board.never");
		fixture.clock.ahead += 10;
		await sendLogout(fixture.origin, logoutToken(fixture, { claims: { sub: "ada" } }));
		expect(
			(await counts("portcullis.refusals")).filter((line) => line.includes("surface=event")),
		).toEqual([
			"outcome=redirected_to_login reason=login_required handler=board.write surface=event: 1",
			"outcome=denied_toast provider=generic reason=check_denied handler=board.never surface=event: 1",
		]);
		expect(await counts("portcullis.logouts")).toEqual([
			"outcome=success provider=generic reason=backchannel_logout: 1",
		]);
	});

	test("calls to the provider, by what they were for and how they ended, and how long they took", async () => {
		const { telemetry, points } = startMeasuring();
		const { signIn, idp } = await startGate({ auth: { platform: { telemetry } } });
		await signIn();
		const { hostname, port } = new URL(idp.issuer);
		const durations = async () =>
			(await points()).filter(({ metric }) => metric === "portcullis.provider.request.duration");
		const first = await durations();
		expect(
			first.map(({ attributes, value }) => [attributes["portcullis.provider.operation"], value]),
		).toEqual([
			["discovery", 1],
			["code_exchange", 1],
			["jwks", 1],
			["userinfo", 1],
		]);
		expect(first[1]?.attributes).toEqual({
			"portcullis.provider": "generic",
			"portcullis.provider.operation": "code_exchange",
			"http.request.method": "POST",
			"http.response.status_code": 200,
			"server.address": hostname,
			"server.port": Number(port),
		});
		for (const faults of [
			{ token: "invalid-grant" },
			{ transport: { token: 503 } },
			{ transport: { token: "reset" } },
			{ transport: { token: "huge" } },
		] as const) {
			idp.faults = faults;
			await signIn();
		}
		const failed = (await durations()).filter(({ attributes }) => "error.type" in attributes);
		expect(
			failed.map(({ attributes }) => [
				attributes["error.type"],
				attributes["http.response.status_code"],
			]),
		).toEqual([
			["400", 400],
			["503", 503],
			["network", undefined],
			["too_large", undefined],
		]);
	});

	test("cookies that do not open, by the key that they name; a key that is not ours has no name", async () => {
		const { telemetry, counts } = startMeasuring();
		const { signIn, origin } = await startGate({ auth: { platform: { telemetry } } });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		expect(await counts("portcullis.unseal_failures")).toEqual([]);
		const cookie = allCookies(browser);
		const [, keyId = ""] = /-at=(.{4})/.exec(cookie) ?? [];
		const damaged = cookie.replace(
			/(-at=.{4}.{30})./,
			(_, kept: string) => `${kept}${kept.endsWith("A") ? "B" : "A"}`,
		);
		for (const sent of [
			cookie.replace(/(-at=.{34})./, "$1!"),
			damaged,
			cookie.replace(/-at=.{4}/, "-at=EVIL"),
		])
			expect((await fetch(`${origin}/private`, { headers: { cookie: sent } })).status).toBe(401);
		const found = await counts("portcullis.unseal_failures");
		expect(found.map((line) => line.split(":")[0]).sort()).toEqual(
			[
				`seal.purpose=session seal.key_id=${keyId}`,
				"seal.purpose=session seal.key_id=unknown",
			].sort(),
		);
	});
});

describe("spans", () => {
	test("of the routes of a login, with the calls to the provider below them", async () => {
		const { telemetry, spans } = startMeasuring();
		const { signIn } = await startGate({ auth: { platform: { telemetry } } });
		await signIn();
		const [login, callback] = ["portcullis.login", "portcullis.callback"].map((name) =>
			named(spans(), name),
		);
		expect(login?.attributes).toEqual({
			"portcullis.outcome": "success",
			"portcullis.provider": "generic",
			"http.response.status_code": 302,
		});
		expect(callback?.attributes).toMatchObject({
			"portcullis.outcome": "success",
			"portcullis.provider": "generic",
		});
		expect(childrenOf(spans(), login)).toEqual(["GET discovery"]);
		expect(childrenOf(spans(), callback)).toEqual([
			"POST code_exchange",
			"GET jwks",
			"GET userinfo",
		]);
		expect(named(spans(), "GET userinfo")?.attributes["http.response.status_code"]).toBe(200);
	});

	test("are below what the app had begun, and leave that alone", async () => {
		const { telemetry, spans, tracer } = startMeasuring();
		const { gate, origin } = await startGate({ auth: { platform: { telemetry } } });
		const request = tracer.startSpan("GET /login/generic");
		const headers = {
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			"sec-fetch-site": "none",
		};
		const answer = await context.with(trace.setSpan(context.active(), request), () =>
			gate.handle(new Request(`${origin}/login/generic`, { headers }), () => new Response()),
		);
		request.end();
		expect(answer.status).toBe(302);
		const own = named(spans(), "GET /login/generic");
		expect(childrenOf(spans(), own)).toEqual(["portcullis.login"]);
		expect(own?.attributes).toEqual({});
	});

	test("tell what failed; a session that the next login replaces is not what came of it", async () => {
		const { telemetry, spans } = startMeasuring();
		const { signIn, idp, origin } = await startGate({ auth: { platform: { telemetry } } });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		await browser.navigate(`${origin}/login`);
		await browser.click("/login/generic");
		const second = spans().filter(({ name }) => name === "portcullis.login")[1];
		expect(second?.attributes).not.toHaveProperty("portcullis.reason");
		idp.set({ token: "invalid-grant" });
		await signIn();
		const failed = spans().findLast(({ name }) => name === "portcullis.callback");
		expect(failed?.attributes).toMatchObject({
			"portcullis.outcome": "failure",
			"portcullis.reason": "token_exchange_failed",
			"portcullis.provider": "generic",
		});
		// 2: an error.
		expect(failed?.status.code).toBe(2);
		expect(spans().findLast(({ name }) => name === "POST code_exchange")?.status.code).toBe(2);
	});
});

test("no token, code, state, cookie, secret, person, session or path is in anything that is exported", async () => {
	const { telemetry, text } = startMeasuring();
	const heard: string[] = [];
	const fixture = await startRenewing({
		auth: {
			extraScopes: ["offline_access"],
			platform: {
				telemetry,
				audit: (_, __, { session, attempt }) =>
					void heard.push(...[session, attempt].filter((id) => id !== undefined)),
			},
			store: memory(),
		},
		gate: REFUSE,
	});
	fixture.idp.person = { sub: "canary-sub", email: "canary@mail.example", name: "Canary Name" };
	fixture.idp.set({ tokenResponse: { canary: "canary-extra" } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser, { path: "/canary-path?canary-query=1" });
	const cookies = [...browser.jar.values()].map(({ value }) => value);
	await browser.click("/admin?canary-query=2");
	fixture.later(3590);
	await fixture.renew(browser);
	fixture.bend({ token: "invalid-grant" });
	await fixture.signIn(new ScriptedBrowser(), { path: "/canary-path" });
	await new ScriptedBrowser().navigate(
		`${fixture.origin}/callback?code=canary-code&state=canary-state`,
	);
	await new ScriptedBrowser().navigate(`${fixture.origin}/login/canary-provider`);
	await sendLogout(fixture.origin, "canary.logout.token");
	await browser.submit(await browser.click("/logout"));
	const forms = fixture.idp.requests.flatMap(({ body, headers }) => [
		...new URLSearchParams(String(body ?? "")).values(),
		...[headers.authorization ?? ""],
	]);
	const secrets = [...cookies, ...heard, ...forms, SECRET].filter((secret) => secret.length > 8);
	expect(secrets.length).toBeGreaterThan(20);
	const exported = await text();
	// Not vacuous: what is to be there is.
	for (const word of [
		"generic",
		"code_exchange",
		"check_denied",
		"tokens_invalid",
		"csrf_state_mismatch",
	])
		expect(exported).toContain(word);
	expect(exported).not.toMatch(/canary/i);
	for (const secret of secrets.filter(
		(one) => !["authorization_code", "refresh_token"].includes(one),
	))
		expect([secret, exported.includes(secret)]).toEqual([secret, false]);
});

describe("an observer that misbehaves changes nothing", () => {
	const fail = () => {
		throw new Error("exporter broken");
	};
	const evil: Record<string, Telemetry> = {
		throws: { record: fail, recordUnsealFailure: fail, route: fail, providerCall: fail },
		"never runs what it surrounds": {
			...{ record: () => {}, recordUnsealFailure: () => {} },
			...{ route: () => new Promise(() => {}), providerCall: () => undefined },
		},
		"runs it twice, and answers by itself": {
			...{ record: () => {}, recordUnsealFailure: () => {} },
			route: async (_, run) => {
				await run();
				await run();
				return new Response("evil");
			},
			providerCall: async (_, run) => {
				await run();
				await run();
				return Response.json({ access_token: "evil" });
			},
		},
		rejects: {
			...{ record: () => {}, recordUnsealFailure: () => {} },
			...{
				route: () => Promise.reject(new Error("no")),
				providerCall: () => Promise.reject(new Error("no")),
			},
		},
	};

	test.each(Object.entries(evil))("that %s", async (name, telemetry) => {
		const { signIn, log, idp } = await startGate({
			auth: { platform: { telemetry } },
			gate: REFUSE,
		});
		const browser = new ScriptedBrowser();
		const page = await signIn(browser);
		expect([page.status, page.body]).toEqual([200, `${MARKER} /private for ada`]);
		expect((await browser.click("/admin")).status).toBe(403);
		expect((await browser.submit(await browser.click("/logout"))).body).toContain("signed out");
		expect(
			idp.requests.filter(({ body }) => String(body ?? "").includes("authorization_code")),
		).toHaveLength(1);
		const complaints = log.filter(({ reason }) => reason === "telemetry_failed");
		expect(complaints).toHaveLength(name === "throws" ? 1 : 0);
	});
});

test("without an SDK nothing is measured, and nothing fails", async () => {
	context.disable();
	trace.disable();
	const { signIn, log } = await startGate({ auth: { platform: { telemetry: openTelemetry() } } });
	expect((await signIn()).body).toContain("for ada");
	expect(log).toEqual([]);
});

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan | undefined {
	return spans.find((span) => span.name === name);
}

function childrenOf(spans: readonly ReadableSpan[], parent: ReadableSpan | undefined): string[] {
	const id = parent?.spanContext().spanId;
	return spans
		.filter(({ parentSpanContext }) => parentSpanContext?.spanId === id)
		.map(({ name }) => name);
}
