import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { AUDIT_TIMEOUT } from "../../src/audit/audit.ts";
import type { Audit, AuditContext } from "../../src/index.ts";
import { memory } from "../../src/state.ts";
import { allCookies, type GateFixtureOptions, MARKER, startGate } from "../support/gate-fixture.ts";
import { logoutToken, sendLogout } from "../support/logout-token.ts";
import { startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

// R127: the audit hook hears of each action once and in order, and whatever it does, nothing else
// changes.

type Heard = AuditContext & { readonly is: string };

function listener(): { audit: Audit; heard: Heard[]; is: () => string[] } {
	const heard: Heard[] = [];
	return {
		heard,
		audit: (action, outcome, context) => {
			heard.push({ is: `${action} ${outcome}`, ...context });
		},
		is: () => heard.map(({ is, reason }) => (reason === undefined ? is : `${is} (${reason})`)),
	};
}

const REFUSE = {
	pages: { "/admin": { auth: () => false }, "/open": { auth: false }, "/broken": { auth: broken } },
	assets: ["/files/*"],
};

function broken(): boolean {
	throw new Error("broken check");
}

afterEach(() => {
	vi.useRealTimers();
});

describe("what is heard of", () => {
	test("a login, pages, and the logout, in the order in which they happened, with who and where", async () => {
		const { audit, heard, is } = listener();
		const { origin, signIn, log } = await startGate({
			auth: { platform: { audit } },
			gate: REFUSE,
		});
		const browser = new ScriptedBrowser();
		await signIn(browser, { path: "/private?secret=1" });
		await browser.click("/private#part");
		await browser.click("/admin?token=2");
		await browser.click("/broken");
		await browser.submit(await browser.click("/logout"));
		expect(is()).toEqual([
			"page_load redirected_to_login (login_required)",
			"login_started success",
			"login_completed success",
			"page_load allowed",
			"page_load allowed",
			"page_load redirected_to_forbidden (check_denied)",
			"page_load redirected_to_forbidden (check_threw)",
			"logout success",
		]);
		const [anonymous, started, completed, ...rest] = heard;
		expect(anonymous).toMatchObject({ route: "/private" });
		expect(anonymous).not.toHaveProperty("session");
		expect(started).toMatchObject({
			provider: "generic",
			route: "/login/generic",
			attempt: expect.stringMatching(/^[\w-]{16}$/),
		});
		expect(completed).toMatchObject({
			provider: "generic",
			route: "/callback",
			attempt: started?.attempt,
		});
		expect(rest.map(({ route }) => route)).toEqual([
			"/private",
			"/private",
			"/admin",
			"/broken",
			"/logout",
		]);
		for (const { session, provider, userinfo, time } of [completed as Heard, ...rest]) {
			expect(session).toBe(completed?.session);
			expect(provider).toBe("generic");
			expect(userinfo).toMatchObject({ sub: "ada", iss: expect.stringContaining("http") });
			expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
		}
		expect(completed?.session).toMatch(/^[\w-]{16,}$/);
		expect(allCookies(browser)).not.toContain(completed?.session);
		expect(rest[3]?.errorId).toBe(log.find(({ reason }) => reason === "check_threw")?.id);
		expect(origin).not.toBe("");
	});

	test("nothing of what is open to everyone: pages, files, the gate's own pages and health", async () => {
		const { audit, heard } = listener();
		const { origin } = await startGate({ auth: { platform: { audit } }, gate: REFUSE });
		const browser = new ScriptedBrowser();
		for (const path of [
			"/open",
			"/files/a.css",
			"/login",
			"/logout",
			"/forbidden",
			"/_portcullis/session",
			"/_portcullis/health",
			"/_portcullis/nothing",
		])
			await browser.navigate(origin + path);
		expect(heard).toEqual([]);
	});

	test("a fetch that is refused, and a request that another site made", async () => {
		const { audit, is } = listener();
		const { origin, signIn } = await startGate({ auth: { platform: { audit } } });
		const browser = new ScriptedBrowser();
		await browser.fetch(`${origin}/private`);
		await signIn(browser);
		const cookie = allCookies(browser);
		const forged = await fetch(`${origin}/private`, {
			method: "POST",
			headers: { cookie, origin: "https://evil.example" },
		});
		expect(forged.status).toBe(403);
		const logout = await fetch(`${origin}/logout`, {
			method: "POST",
			headers: { cookie, origin: "https://evil.example" },
		});
		expect(logout.status).toBe(403);
		expect(is()).toEqual([
			"page_load redirected_to_login (login_required)",
			"page_load redirected_to_login (login_required)",
			"login_started success",
			"login_completed success",
			"page_load allowed",
			"page_load failure (csrf_failed)",
			"logout failure (csrf_failed)",
		]);
	});

	test.each([
		[{ authorization: "access-denied" }, "access_denied"],
		[{ token: "invalid-grant" }, "token_exchange_failed"],
		[{ token: "invalid-client" }, "token_exchange_failed"],
		[{ rawIdToken: () => "no.id.token" }, "tokens_invalid"],
		[{ authorization: "iss-wrong" }, "issuer_mismatch"],
	] as const)(
		"a login that fails by %j has the reason %s, and the error id of page and log",
		async (faults, reason) => {
			const { audit, heard } = listener();
			const { idp, signIn, log } = await startGate({ auth: { platform: { audit } } });
			idp.set(faults as never);
			const page = await signIn();
			const [last, ...others] = heard.toReversed();
			expect(last).toMatchObject({
				is: "login_completed failure",
				reason,
				provider: "generic",
				errorId: last?.attempt,
			});
			expect(others.map(({ is }) => is)).toEqual([
				"login_started success",
				"page_load redirected_to_login",
			]);
			expect(page.body).toContain(`<code>${last?.errorId}</code>`);
			expect(log.some(({ id }) => id === last?.errorId)).toBe(true);
		},
	);

	test("a callback that nobody has asked for, one that came twice, and a login that cannot begin", async () => {
		const { audit, heard, is } = listener();
		const { origin, idp, signIn } = await startGate({ auth: { platform: { audit } } });
		const stranger = new ScriptedBrowser();
		await stranger.navigate(`${origin}/callback?code=stolen&state=made-up`, { follow: false });
		expect(is()).toEqual(["login_completed failure (csrf_state_mismatch)"]);
		expect(JSON.stringify(heard)).not.toMatch(/stolen|made-up/);
		heard.length = 0;
		await stranger.navigate(`${origin}/login/nobody`);
		expect(is()).toEqual(["login_started failure (unknown_provider)"]);
		heard.length = 0;
		idp.set({ discovery: "no-userinfo" });
		const late = await startGate({ auth: { platform: { audit } } });
		late.idp.set({ discovery: { status: 500 } } as never);
		await late.idp.close();
		const page = await late.signIn();
		expect(is().at(-1)).toBe("login_started failure (provider_unreachable)");
		const { attempt, errorId } = heard.at(-1) ?? {};
		expect([attempt, late.log.at(-1)?.id]).toEqual([errorId, errorId]);
		expect(page.body).toContain(`<code>${errorId}</code>`);
		heard.length = 0;
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const callback = browser.trail.find((step) => step.includes("/callback?"))?.split(" ")[1] ?? "";
		heard.length = 0;
		await browser.navigate(callback, { follow: false });
		expect(is()).toEqual(["login_completed failure (csrf_state_mismatch)"]);
	});

	test("the next login ends the session before it", async () => {
		const { audit, heard, is } = listener();
		const { signIn, idp, origin } = await startGate({ auth: { platform: { audit } } });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const [before] = heard.slice(-1);
		heard.length = 0;
		idp.person = { sub: "vic" };
		await browser.navigate(`${origin}/login`);
		await browser.click("/login/generic");
		expect(is().slice(0, 3)).toEqual([
			"login_started success",
			"logout success (replaced_by_login)",
			"login_completed success",
		]);
		expect(heard[1]).toMatchObject({ session: before?.session, userinfo: { sub: "ada" } });
		expect(heard[2]?.userinfo?.sub).toBe("vic");
		expect(heard[2]?.session).not.toBe(before?.session);
	});

	test("renewals: once each, whoever asks at once; refused, it is the session's end", async () => {
		const { audit, heard, is } = listener();
		const fixture = await startRenewing({
			auth: { extraScopes: ["offline_access"], platform: { audit } },
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const [{ session } = { session: "" }] = heard.slice(-1);
		heard.length = 0;
		fixture.later(3590);
		await Promise.all([fixture.renew(browser), fixture.renew(browser), fixture.renew(browser)]);
		expect(is()).toEqual(["token_refresh success"]);
		await browser.click("/private");
		expect(heard.map((one) => [one.is, one.session])).toEqual([
			["token_refresh success", session],
			["page_load allowed", session],
		]);
		heard.length = 0;
		fixture.later(3590);
		fixture.bend({ token: "temporarily-unavailable" });
		await fixture.renew(browser);
		expect(is()).toEqual(["token_refresh failure (refresh_failed)"]);
		heard.length = 0;
		fixture.later(10);
		fixture.bend({ token: "invalid-grant" });
		await fixture.renew(browser);
		expect(is()).toEqual([
			"token_refresh failure (refresh_refused)",
			"session_expired success (refresh_refused)",
		]);
		expect(heard[1]).toMatchObject({ session, userinfo: { sub: "ada" } });
	});

	test("a page that has to renew first decides nothing, and is heard of when it is decided", async () => {
		const { audit, heard, is } = listener();
		const fixture = await startRenewing({
			auth: { extraScopes: ["offline_access"], platform: { audit } },
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		fixture.later(3700);
		heard.length = 0;
		const page = await browser.navigate(`${fixture.origin}/private`, { follow: false });
		expect(page.body).not.toContain(MARKER);
		expect((await browser.fetch(`${fixture.origin}/private`)).status).toBe(401);
		expect(is()).toEqual([]);
		await fixture.renew(browser);
		await browser.click("/private");
		expect(is()).toEqual(["token_refresh success", "page_load allowed"]);
	});

	test("the end of a session that nobody can renew, once, with who it was", async () => {
		const { audit, heard, is } = listener();
		const { signIn, clock, origin } = await startGate({ auth: { platform: { audit } } });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const [{ session } = { session: "" }] = heard.slice(-1);
		clock.ahead += 4000;
		heard.length = 0;
		await browser.fetch(`${origin}/private`);
		await browser.fetch(`${origin}/private`);
		expect(is()).toEqual([
			"session_expired success (stale_cookies)",
			"page_load redirected_to_login (stale_cookies)",
			"page_load redirected_to_login (stale_cookies)",
		]);
		expect(heard[0]).toMatchObject({ session, userinfo: { sub: "ada" } });
	});

	test("a logout by the provider, and one with a token that is refused", async () => {
		const { audit, heard, is } = listener();
		const fixture = await startGate({ auth: { platform: { audit }, store: memory() } });
		await fixture.signIn();
		fixture.clock.ahead += 10;
		heard.length = 0;
		await sendLogout(fixture.origin, logoutToken(fixture, { claims: { sub: "ada" } }));
		await sendLogout(fixture.origin, "no.logout.token");
		expect(is()).toEqual([
			"logout success (backchannel_logout)",
			"logout failure (tokens_invalid)",
		]);
		expect(heard[0]).toMatchObject({
			provider: "generic",
			userinfo: { sub: "ada" },
			route: "/_portcullis/backchannel-logout/generic",
		});
		expect(heard[1]?.errorId).toBe(fixture.log.at(-1)?.id);
	});

	test("navigations that the server decides about in the browser's stead, by the same words", async () => {
		const { audit, heard, is } = listener();
		const { origin, signIn } = await startGate({ auth: { platform: { audit } }, gate: REFUSE });
		const nobody = new StateTab(origin);
		expect(await nobody.decide("/open")).toMatchObject({ outcome: "allow" });
		expect(await nobody.decide("/private?a=1")).toMatchObject({ outcome: "login" });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const tab = new StateTab(origin, browser);
		heard.splice(1);
		expect(await tab.decide("/open")).toMatchObject({ outcome: "allow" });
		expect(await tab.decide("/private#part")).toMatchObject({ outcome: "allow" });
		expect(await tab.decide("/admin")).toMatchObject({ outcome: "forbidden" });
		expect(is()).toEqual([
			"page_load redirected_to_login (login_required)",
			"page_load allowed",
			"page_load redirected_to_forbidden (check_denied)",
		]);
		expect(heard.map(({ route }) => route)).toEqual(["/private", "/private", "/admin"]);
	});

	test("events: allowed before the handler, denied, not signed in, unreadable input; of open ones and of repetitions nothing", async () => {
		const { audit, heard, is } = listener();
		const ran: string[] = [];
		const { origin, signIn } = await startGate({
			auth: { platform: { audit } },
			gate: ({ State, field, event }) => ({
				states: {
					board: class extends State {
						last = field("", { auth: false });
						open = event({ auth: false, input: z.string() }, () => {});
						write = event({ input: z.object({ text: z.string() }) }, ({ input: { text } }) => {
							ran.push(`${is().at(-1)}, then ${text}`);
							this.last.value = text;
						});
						never = event({ auth: () => false }, () => {});
						fails = event({}, () => {
							throw new Error("the handler");
						});
					},
				},
			}),
		});
		const nobody = new StateTab(origin);
		await nobody.hydrate();
		await nobody.send("board.open", "hello");
		await nobody.send("board.write", { text: "a" });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const tab = new StateTab(origin, browser);
		await tab.hydrate();
		heard.length = 0;
		const sent = await tab.send("board.write", { text: "b" });
		expect(sent.outcome?.status).toBe("ok");
		expect(ran).toEqual(["event_handler allowed, then b"]);
		await tab.send("board.never");
		await tab.send("board.write", { text: 7 });
		await tab.send("board.fails");
		await tab.send("board.open", "hello");
		expect(is()).toEqual([
			"event_handler allowed",
			"event_handler denied_toast (check_denied)",
			"event_handler failure (input_invalid)",
			"event_handler allowed",
		]);
		expect(heard[0]).toMatchObject({
			handler: "board.write",
			payload: { text: "b" },
			provider: "generic",
			userinfo: { sub: "ada" },
		});
		expect(heard[0]?.session).toMatch(/^[\w-]{16,}$/);
		expect(Object.isFrozen(heard[0]?.payload)).toBe(true);
	});
});

describe("a hook that misbehaves (R127)", () => {
	const evil: Record<string, Audit> = {
		throws: () => {
			throw new Error("disk full");
		},
		rejects: () => Promise.reject(new Error("disk full")),
		"never settles": () => new Promise(() => {}),
		"says no": () => false,
		"says who to be": () => ({ kind: "answered", user: { sub: "root" }, outcome: "denied" }),
		"changes its context": (_, __, context) => {
			for (const name of Object.keys(context))
				(context as unknown as Record<string, unknown>)[name] = "changed";
		},
		"has a then that throws": () => ({
			// biome-ignore lint/suspicious/noThenProperty: that is the attack
			get then() {
				throw new Error("then");
			},
		}),
	};

	test.each(Object.entries(evil))(
		"that %s changes no decision: in, out and forbidden stay what they are",
		async (name, audit) => {
			const { origin, signIn, log } = await startGate({
				auth: { platform: { audit } },
				gate: REFUSE,
			});
			const browser = new ScriptedBrowser();
			expect((await browser.fetch(`${origin}/private`)).status).toBe(401);
			const page = await signIn(browser);
			expect([page.status, page.body]).toEqual([200, `${MARKER} /private for ada`]);
			expect((await browser.click("/admin")).status).toBe(403);
			expect((await browser.submit(await browser.click("/logout"))).body).toContain("signed out");
			expect((await browser.fetch(`${origin}/private`)).status).toBe(401);
			const complaints = log.filter(({ message }) => message.startsWith("The audit hook"));
			const isQuiet = name.startsWith("says");
			expect(complaints).toHaveLength(isQuiet ? 0 : 1);
			for (const complaint of complaints)
				expect(complaint).toMatchObject({
					level: "error",
					code: "internal_error",
					reason: name === "never settles" ? "audit_timeout" : "audit_failed",
				});
		},
	);

	test("that hangs holds a request up for 250 ms and no longer, many at once too", async () => {
		const { origin, signIn } = await startGate({
			auth: { platform: { audit: (_, __, { session }) => session && new Promise(() => {}) } },
		});
		const browser = new ScriptedBrowser();
		await signIn(browser);
		const cookie = allCookies(browser);
		const begun = performance.now();
		const answers = await Promise.all(
			Array.from({ length: 20 }, () =>
				fetch(`${origin}/private`, { headers: { cookie } }).then(({ status }) => status),
			),
		);
		const took = performance.now() - begun;
		expect(answers).toEqual(Array.from({ length: 20 }, () => 200));
		expect(took).toBeGreaterThanOrEqual(AUDIT_TIMEOUT - 5);
		// One after another they would take 20 times as long.
		expect(took).toBeLessThan(10 * AUDIT_TIMEOUT);
	});

	test("that is slow is waited for, and called in order for one session", async () => {
		const began: string[] = [];
		const finished: string[] = [];
		const first = Promise.withResolvers<void>();
		let isWatched = false;
		const audit: Audit = async (_, __, { route = "" }) => {
			if (!isWatched) return;
			began.push(route);
			if (route === "/p1") await first.promise;
			finished.push(route);
		};
		const { gate, signIn, origin } = await startGate({ auth: { platform: { audit } } });
		const browser = new ScriptedBrowser();
		await signIn(browser);
		isWatched = true;
		const headers = { cookie: allCookies(browser) };
		const answered: string[] = [];
		const ask = (path: string) =>
			gate
				.handle(new Request(origin + path, { headers }), () => new Response(MARKER))
				.then(() => answered.push(`${path} after ${finished}`));
		const both = Promise.all([ask("/p1"), ask("/p2")]);
		await vi.waitFor(() => expect(began).toEqual(["/p1"]));
		first.resolve();
		await both;
		// The second record was not begun before the first was written, and no answer came before its
		// own.
		expect(began).toEqual(["/p1", "/p2"]);
		expect(answered[0]).toMatch(/^\/p1 after \/p1/);
		expect(answered[1]).toBe("/p2 after /p1,/p2");
		expect(finished).toEqual(["/p1", "/p2"]);
	});
});

test("a context can be changed by nobody, and shares nothing with the request", async () => {
	const { audit, heard } = listener();
	const contexts: AuditContext[] = [];
	const { signIn } = await startGate({
		auth: {
			platform: {
				audit: (action, outcome, context) => {
					contexts.push(context);
					return audit(action, outcome, context);
				},
			},
		},
	});
	await signIn();
	expect(contexts.length).toBe(heard.length);
	for (const context of contexts) {
		expect(Object.isFrozen(context)).toBe(true);
		if (context.userinfo) expect(Object.isFrozen(context.userinfo)).toBe(true);
	}
});

test("no token, code, cookie, verifier or secret is in any record, and no claim but those that tell people apart (R126)", async () => {
	const { audit, heard } = listener();
	const options: GateFixtureOptions = {
		auth: { extraScopes: ["offline_access"], platform: { audit } },
		gate: REFUSE,
	};
	const fixture = await startRenewing(options);
	const { idp, origin } = fixture;
	idp.set({ idTokenClaims: { private_claim: "canary-claim-d20e44", groups: ["canary-group"] } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser, { path: "/private?canary-query=1" });
	const secrets = new Set<string>();
	const collect = () => {
		for (const { value } of browser.jar.values()) if (value.length > 8) secrets.add(value);
		for (const { query, form } of idp.requests)
			for (const name of [
				"code",
				"code_verifier",
				"client_secret",
				"refresh_token",
				"state",
				"nonce",
				"code_challenge",
			])
				for (const value of [...query.getAll(name), ...form.getAll(name)]) secrets.add(value);
	};
	collect();
	fixture.later(3590);
	await fixture.renew(browser);
	collect();
	await browser.click("/admin");
	await browser.navigate(`${origin}/callback?code=canary-code&state=canary-state`, {
		follow: false,
	});
	for (const fault of ["invalid-grant", "error-markup"] as const) {
		fixture.bend({ token: fault });
		await fixture.signIn(new ScriptedBrowser());
	}
	fixture.bend({});
	await browser.submit(await browser.click("/logout"));
	collect();
	expect(heard.length).toBeGreaterThan(10);
	expect(secrets.size).toBeGreaterThan(8);
	const text = JSON.stringify(heard);
	expect([...secrets].filter((secret) => text.includes(secret))).toEqual([]);
	expect(text).not.toMatch(/canary|eyJ/);
});

test("an audit that is no function is refused at start", async () => {
	await expect(startGate({ auth: { platform: { audit: "console" as never } } })).rejects.toThrow(
		"audit is not a function",
	);
});
