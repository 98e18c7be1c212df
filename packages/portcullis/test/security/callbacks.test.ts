import { describe, expect, it } from "vitest";
import {
	allCookies,
	type GateFixture,
	MARKER,
	sessionCookies,
	startGate,
	startHref,
	transactionCookies,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const ARRIVAL = {
	accept: "text/html",
	"sec-fetch-mode": "navigate",
	"sec-fetch-dest": "document",
	"sec-fetch-site": "cross-site",
};

/** Goes as far as the provider's answer, and no further: the URL of the callback. */
async function callbackUrl(
	fixture: GateFixture,
	browser: ScriptedBrowser,
	provider = "generic",
	path = "/private",
): Promise<string> {
	const login = await browser.navigate(
		`${fixture.origin}/login?redirect_to=${encodeURIComponent(path)}`,
	);
	const start = await browser.click(startHref(login, provider), { follow: false });
	const answer = await browser.click(start.headers.get("location") ?? "", { follow: false });
	return answer.headers.get("location") ?? "";
}

const setsSession = (cookies: readonly string[]) =>
	cookies.some((line) => /-(at|id)(\.\d)?=[^;]/.test(line));

describe("a callback is redeemed once", () => {
	it("of 50 at the same moment exactly one reaches the token endpoint and signs in (R18, B44)", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const url = await callbackUrl(fixture, browser);
		fixture.idp.set({ delay: { token: 50 } });
		const cookie = allCookies(browser);
		const answers = await Promise.all(
			Array.from({ length: 50 }, () => exchange(url, "GET", { ...ARRIVAL, cookie })),
		);
		expect(fixture.idp.count("token")).toBe(1);
		expect(answers.filter(({ setCookies }) => setsSession(setCookies))).toHaveLength(1);
		for (const { status } of answers) expect(status).toBeLessThan(500);
	});

	it("not twice in one browser, not even with the cookies of the first time (R3)", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const url = await callbackUrl(fixture, browser);
		const cookie = allCookies(browser);
		expect(setsSession((await exchange(url, "GET", { ...ARRIVAL, cookie })).setCookies)).toBe(true);
		const again = await exchange(url, "GET", { ...ARRIVAL, cookie });
		expect(setsSession(again.setCookies)).toBe(false);
		expect(fixture.idp.count("token")).toBe(1);
	});

	it("not in another browser, with an attempt of its own or without (R3, B29, B30, B31)", async () => {
		const fixture = await startGate();
		const [attacker, victim] = [new ScriptedBrowser(), new ScriptedBrowser()];
		const stolen = await callbackUrl(fixture, attacker);
		for (const prepare of [async () => {}, () => callbackUrl(fixture, victim)]) {
			await prepare();
			const answer = await victim.navigate(stolen, {
				from: "https://attacker.example/",
				follow: false,
			});
			expect(setsSession(answer.setCookies)).toBe(false);
			expect(sessionCookies(victim)).toEqual([]);
		}
		expect(fixture.idp.count("token")).toBe(0);
		// The victim's own attempt is still good: what was pushed on it has cleared nothing.
		expect(transactionCookies(victim)).toHaveLength(1);
	});

	it.each(["state", "nonce", "code_challenge"])(
		"not if somebody on the way to the provider has taken %s out, or put another in (B16)",
		async (name) => {
			for (const change of ["nothing", "delete", "replace"]) {
				const fixture = await startGate();
				const browser = new ScriptedBrowser();
				const login = await browser.navigate(`${fixture.origin}/login?redirect_to=%2Fprivate`);
				const start = await browser.click(startHref(login, "generic"), { follow: false });
				const request = new URL(start.headers.get("location") ?? "");
				expect(request.searchParams.has(name)).toBe(true);
				if (change === "replace") request.searchParams.set(name, "A".repeat(43));
				if (change === "delete") request.searchParams.delete(name);
				const answer = await browser.click(request.href, { follow: false });
				await browser.navigate(answer.headers.get("location") ?? "", { from: fixture.idp.issuer });
				expect([change, sessionCookies(browser).length > 0]).toEqual([
					change,
					change === "nothing",
				]);
			}
		},
	);

	it("not with the state of one attempt and the code of another (R3)", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		const [first, second] = [
			new URL(await callbackUrl(fixture, browser)),
			new URL(await callbackUrl(fixture, browser)),
		];
		first.searchParams.set("code", second.searchParams.get("code") ?? "");
		const answer = await browser.navigate(first.href, { from: fixture.idp.issuer });
		expect(answer.status).toBeGreaterThanOrEqual(400);
		expect(sessionCookies(browser)).toEqual([]);
	});
});

describe("with several providers (R4, R5, B12)", () => {
	it("an attempt with one is nothing at the callback of the other, in either direction", async () => {
		const fixture = await startGate({ providers: ["one", "two"] });
		for (const [mine, other] of [
			["one", "two"],
			["two", "one"],
		] as const) {
			const browser = new ScriptedBrowser();
			const url = await callbackUrl(fixture, browser, mine);
			expect(new URL(url).pathname).toBe(`/callback/${mine}`);
			const answer = await browser.navigate(
				url.replace(`/callback/${mine}`, `/callback/${other}`),
				{
					from: fixture.idp.issuer,
				},
			);
			expect(answer.status).toBe(400);
			expect(sessionCookies(browser)).toEqual([]);
		}
		expect(fixture.idps.map((idp) => idp.count("token"))).toEqual([0, 0]);
		expect(fixture.log).toMatchObject([
			{ code: "answer_changed", reason: "provider_mismatch" },
			{ code: "answer_changed", reason: "provider_mismatch" },
		]);
	});

	it.each([["two"], ["one"]])(
		"of two logins in two tabs the last is the only session, with provider %s",
		async (last) => {
			const fixture = await startGate({ providers: ["one", "two"] });
			const browser = new ScriptedBrowser();
			const first = await callbackUrl(fixture, browser, "one");
			for (const idp of fixture.idps) idp.person = { sub: "vic" };
			const second = await callbackUrl(fixture, browser, last);
			expect((await browser.navigate(first, { from: fixture.idp.issuer })).body).toContain(MARKER);
			const copy = allCookies(browser);
			const asked = await browser.navigate(second, { from: fixture.idp.issuer });
			// The session cookies come from our own page alone: until then nothing is redeemed, and the
			// first one goes on.
			expect(asked.setCookies).toEqual([]);
			const page = await browser.submit(asked);
			expect(page.body).toBe(`${MARKER} /private for vic`);
			expect(sessionCookies(browser).filter((name) => !name.startsWith(`__Host-${last}-`))).toEqual(
				[],
			);
			const replaced = await fetch(`${fixture.origin}/private`, { headers: { Cookie: copy } });
			expect(await replaced.text()).not.toContain(MARKER);
		},
	);

	it("an answer that names the other's issuer never reaches a token endpoint", async () => {
		const fixture = await startGate({ providers: ["one", "two"] });
		const browser = new ScriptedBrowser();
		const url = new URL(await callbackUrl(fixture, browser, "one"));
		url.searchParams.set("iss", fixture.idps[1]?.issuer ?? "");
		const answer = await browser.navigate(url.href, { from: fixture.idp.issuer });
		expect(answer.status).toBe(400);
		expect(fixture.log).toMatchObject([{ code: "issuer_mismatch" }]);
		expect(fixture.idps.map((idp) => idp.count("token"))).toEqual([0, 0]);
	});

	it("the same e-mail and subject at two issuers are two people (R30, B41)", async () => {
		const fixture = await startGate({
			providers: ["one", "two"],
			app: (_, user) => new Response(`${user?.issuer} ${user?.sub} ${user?.provider}`),
		});
		const seen = new Set<string>();
		for (const [i, provider] of ["one", "two"].entries()) {
			const idp = fixture.idps[i];
			if (idp) idp.person = { sub: "same", email: "same@example.com", email_verified: true };
			seen.add((await fixture.signIn(new ScriptedBrowser(), { provider })).body);
		}
		expect([...seen]).toEqual([
			`${fixture.idps[0]?.issuer} same one`,
			`${fixture.idps[1]?.issuer} same two`,
		]);
	});
});

describe("a login that ends after another one has (R35)", () => {
	it("takes the place of a session with another provider, and copies of that are worth nothing", async () => {
		const fixture = await startGate({
			providers: ["one", "two"],
			app: (_, user) => new Response(`for ${user?.provider}`),
		});
		const browser = new ScriptedBrowser();
		const late = await callbackUrl(fixture, browser, "two");
		expect((await fixture.signIn(browser, { provider: "one" })).body).toBe("for one");
		const copy = new ScriptedBrowser();
		for (const [name, cookie] of browser.jar) copy.jar.set(name, { ...cookie });

		const page = await browser.navigate(late, { from: fixture.idp.issuer });
		expect((await browser.submit(page)).body).toBe("for two");
		expect(sessionCookies(browser).filter((name) => name.includes("-one-"))).toEqual([]);
		const again = await copy.navigate(`${fixture.origin}/private`, { follow: false });
		expect([again.status, again.body]).not.toContain("for one");
	});

	it("or stands beside it where both come back at the same moment: a sign-out ends both", async () => {
		const fixture = await startGate({
			providers: ["one", "two"],
			app: (_, user) => new Response(`for ${user?.provider}`),
		});
		const browser = new ScriptedBrowser();
		const late = await callbackUrl(fixture, browser, "two");
		await fixture.signIn(browser, { provider: "one" });
		fixture.clock.ahead += 2;
		// The marker of the first comes with its answer, which was still under way.
		for (const name of sessionCookies(browser)) if (name.endsWith("-on")) browser.jar.delete(name);
		expect((await browser.navigate(late, { from: fixture.idp.issuer })).body).toBe("for two");
		const copy = new ScriptedBrowser();
		for (const [name, cookie] of browser.jar) copy.jar.set(name, { ...cookie });
		for (const name of sessionCookies(copy)) if (name.includes("-two-")) copy.jar.delete(name);
		expect((await copy.navigate(`${fixture.origin}/private`)).body).toBe("for one");

		const page = await browser.navigate(`${fixture.origin}/logout`, { from: fixture.origin });
		await browser.submit(page);
		expect(sessionCookies(browser)).toEqual([]);
		expect((await copy.navigate(`${fixture.origin}/private`)).body).not.toContain("for one");
	});
});

describe("what was there before a login does not survive it (R35, B26, B28)", () => {
	it("cookies planted under every name of ours change nothing, and are gone", async () => {
		const fixture = await startGate();
		const model = new ScriptedBrowser();
		await fixture.signIn(model);
		const names = sessionCookies(model);
		const browser = new ScriptedBrowser();
		const chunks = names
			.filter((name) => !name.endsWith("-on"))
			.flatMap((name) => [`${name}.0`, `${name}.1`, `${name}.9`]);
		for (const name of [...names, ...chunks]) {
			browser.jar.set(name, {
				value: "planted",
				sameSite: "strict",
				path: "/",
				expiresAt: Number.POSITIVE_INFINITY,
				host: "localhost",
			});
		}
		expect((await fixture.signIn(browser)).body).toContain(MARKER);
		expect([...browser.jar.values()].filter(({ value }) => value === "planted")).toEqual([]);
	});

	it("another person's session is gone before the provider is asked (B8)", async () => {
		const fixture = await startGate();
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const before = allCookies(browser);
		const login = await browser.click("/login");
		await browser.click(startHref(login, "generic"), { follow: false });
		expect(sessionCookies(browser)).toEqual([]);
		expect((await browser.navigate(`${fixture.origin}/private`)).body).not.toContain(MARKER);
		await fixture.signIn(browser);
		expect(allCookies(browser)).not.toContain(before.split("; ")[0]?.split("=")[1]);
	});
});

it("a hundred abandoned attempts stay four, within 2 kB, and the newest completes (R11, B51)", async () => {
	const fixture = await startGate();
	const browser = new ScriptedBrowser();
	let newest = "";
	for (let i = 0; i < 100; i++) {
		newest = await callbackUrl(
			fixture,
			browser,
			"generic",
			`/private/${i}?${"x".repeat((i * 53) % 700)}`,
		);
		const attempts = transactionCookies(browser);
		expect(attempts.length).toBeLessThanOrEqual(4);
		expect(
			attempts.reduce(
				(sum, name) => sum + name.length + 3 + (browser.jar.get(name)?.value.length ?? 0),
				0,
			),
		).toBeLessThanOrEqual(2048);
	}
	expect((await browser.navigate(newest, { from: fixture.idp.issuer })).body).toContain(
		`${MARKER} /private/99`,
	);
});
