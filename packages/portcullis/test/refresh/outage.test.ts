import { describe, expect, test, vi } from "vitest";
import type { FaultyEndpoint, TransportFault } from "../../src/testing/faulty-idp-faults.ts";
import { MARKER, sessionCookies, startHref } from "../support/gate-fixture.ts";
import { type RenewingFixture, refreshAnswer, startRenewing } from "../support/renewing.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

const endpoints: readonly FaultyEndpoint[] = [
	"discovery",
	"jwks",
	"authorize",
	"token",
	"userinfo",
	"end-session",
	"revoke",
];

interface Outage {
	readonly name: string;
	readonly fault: TransportFault;
}

const outages: Outage[] = [
	{ name: "the connection is cut", fault: "reset" },
	{ name: "nothing comes back", fault: "hang" },
	{ name: "503", fault: 503 },
	{ name: "429", fault: 429 },
	{ name: "garbage", fault: "not-json" },
];

/** When the access token ends, after the login. Seconds. */
const LIFETIME = 3600;

function breakDown({ bend }: RenewingFixture, fault: TransportFault): void {
	bend({ transport: Object.fromEntries(endpoints.map((endpoint) => [endpoint, fault])) });
}

/**
 * What an answer comes to within so many seconds of waiting for the provider, which take no time.
 */
async function within<T>(
	seconds: number,
	{ idp }: RenewingFixture,
	ask: () => Promise<T>,
): Promise<T> {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
	try {
		const asked = idp.requests.length;
		let settled = false;
		const answer = ask().finally(() => {
			settled = true;
		});
		await vi.waitFor(() => expect(settled || idp.requests.length > asked).toBe(true), {
			timeout: 5000,
		});
		await vi.advanceTimersByTimeAsync(seconds * 1000);
		return await answer;
	} finally {
		vi.useRealTimers();
	}
}

describe.each(outages)("half an hour without the provider: $name", ({ fault }) => {
	test("nobody is logged out, and all is well within ten seconds of its return", async () => {
		const fixture = await startRenewing();
		const { origin, signIn, later, bend, renew, clock } = fixture;
		const people = Array.from({ length: 3 }, () => new ScriptedBrowser());
		for (const browser of people) await signIn(browser);
		const cold = await fixture.openReplica();
		// Half a minute before the access tokens end.
		later(LIFETIME - 30);
		breakDown(fixture, fault);
		const until = clock.ahead + 1800;
		for (; clock.ahead < until; later(300)) {
			for (const browser of people) {
				const answer = await within(14, fixture, () => renew(browser));
				expect(refreshAnswer(answer)).toMatchObject({
					renewed: false,
					session: { signedIn: true },
				});
				for (const replica of [origin, cold.origin])
					expect((await browser.navigate(`${replica}/private`)).body).toBe(
						`${MARKER} /private for ada`,
					);
			}
		}
		bend({});
		later(10);
		for (const browser of people) {
			expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
			expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
			expect((await browser.navigate(`${cold.origin}/private`)).body).toBe(
				`${MARKER} /private for ada`,
			);
		}
		expect((await signIn()).body).toContain(MARKER);
	}, 30_000);

	test("a new login is answered within five seconds by a page that says so, and works afterwards", async () => {
		const fixture = await startRenewing();
		const { signIn, later, bend, idp, log } = fixture;
		breakDown(fixture, fault);
		const browser = new ScriptedBrowser();
		const page = await browser.navigate(`${fixture.origin}/private`);
		const start = startHref(page, "generic");
		expectOutagePage(await within(5, fixture, () => browser.click(start)), fault);
		// Asked again at once, it says the same.
		expectOutagePage(
			await within(5, fixture, () => browser.navigate(new URL(start, page.url).href)),
			fault,
		);
		expect(log.at(-1)?.level).toBe("error");
		bend({});
		later(10);
		expect((await signIn(browser)).body).toContain(MARKER);

		// It goes away after the person has signed in there, before the code is exchanged.
		const other = new ScriptedBrowser();
		const shown = await other.navigate(`${fixture.origin}/private`);
		const toProvider = await other.click(startHref(shown, "generic"), { follow: false });
		const toUs = await fetch(toProvider.headers.get("location") ?? "", { redirect: "manual" });
		breakDown(fixture, fault);
		idp.requests.length = 0;
		const callback = toUs.headers.get("location") ?? "";
		expectOutagePage(
			await within(5, fixture, () => other.navigate(callback, { from: `${idp.issuer}/` })),
			fault,
		);
		expect(sessionCookies(other)).toEqual([]);
		bend({});
		later(10);
		expect((await signIn(other)).body).toContain(MARKER);
	}, 30_000);
});

function expectOutagePage(page: Answer, fault: TransportFault): void {
	expect(page.status).toBe(fault === "not-json" ? 502 : 503);
	expect(page.headers.get("content-type")).toContain("text/html");
	expect(page.body).toMatch(/<h1>[^<]+<\/h1>/);
	expect(page.body).toMatch(/<code>[\w-]{12,16}<\/code>/);
	if (fault !== "not-json") expect(page.headers.get("retry-after")).toBe("10");
}

test("outageGrace ends: then the session waits for the provider, and it is no logout", async () => {
	const fixture = await startRenewing({
		auth: { extraScopes: ["offline_access"], session: { outageGrace: 600 } },
	});
	const { origin, signIn, later, bend, renew, session } = fixture;
	const browser = new ScriptedBrowser();
	await signIn(browser);
	later(LIFETIME);
	breakDown(fixture, 503);
	await renew(browser);
	later(599);
	expect((await session(browser)).signedIn).toBe(true);
	later(1);
	expect((await session(browser)).signedIn).toBe(false);
	const refused = await renew(browser);
	expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "30"]);
	const page = await browser.navigate(`${origin}/private`, { follow: false });
	expect([page.status, page.body.includes("Your session is being renewed")]).toEqual([200, true]);
	expect(sessionCookies(browser)).not.toEqual([]);
	later(3600);
	bend({});
	expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
	expect((await browser.navigate(`${origin}/private`)).body).toContain(MARKER);
});

test("while the provider is down, calls to other services hear that the token has ended", async () => {
	const fixture = await startRenewing({
		app: async (_request, user) =>
			new Response(await user?.accessToken().catch((error) => error.code)),
	});
	const { origin, signIn, later, bend, renew } = fixture;
	const browser = new ScriptedBrowser();
	await signIn(browser);
	const token = (await browser.navigate(`${origin}/private`)).body;
	later(LIFETIME);
	breakDown(fixture, 503);
	await renew(browser);
	expect((await browser.navigate(`${origin}/private`)).body).toBe("token_expired");
	bend({});
	later(2);
	await renew(browser);
	const renewed = (await browser.navigate(`${origin}/private`)).body;
	expect(renewed).toMatch(/^[\w-]{32}$/);
	expect(renewed).not.toBe(token);
});

test("a grace of one session is of no use to another, nor once that was renewed", async () => {
	const fixture = await startRenewing();
	const { origin, signIn, later, renew } = fixture;
	const [ada, eve] = [new ScriptedBrowser(), new ScriptedBrowser()];
	await signIn(ada);
	await signIn(eve);
	later(LIFETIME);
	breakDown(fixture, 503);
	await renew(ada);
	const [name = ""] = [...ada.jar.keys()].filter((cookie) => cookie.endsWith("-gr"));
	const grace = ada.jar.get(name);
	expect(grace).toBeDefined();
	if (grace) eve.jar.set(name, grace);
	expect((await eve.navigate(`${origin}/private`, { follow: false })).body).not.toContain(MARKER);
	expect((await ada.navigate(`${origin}/private`)).body).toContain(MARKER);
	fixture.bend({});
	later(2);
	await renew(ada);
	later(LIFETIME - 30);
	if (grace) ada.jar.set(name, grace);
	expect((await ada.navigate(`${origin}/private`, { follow: false })).body).not.toContain(MARKER);
});

test.for([60, -60])(
	"a provider whose clock is %i s ahead renews sessions, claims included",
	async (skew) => {
		const fixture = await startRenewing({
			app: (_request, user) => Response.json(user?.claims.groups ?? null),
		});
		const { origin, signIn, later, idp, clock, renew } = fixture;
		const browser = new ScriptedBrowser();
		idp.set({
			clockSkew: skew,
			discovery: "no-userinfo",
			idTokenClaims: { groups: ["staff", "admins"] },
		});
		await signIn(browser);
		later(LIFETIME);
		idp.set({ clockSkew: clock.ahead + skew, idTokenClaims: { groups: ["staff"] } });
		expect(refreshAnswer(await renew(browser)).renewed).toBe(true);
		expect(JSON.parse((await browser.navigate(`${origin}/private`)).body)).toEqual(["staff"]);
	},
);

test("a provider whose clock is five minutes off lets nobody in, and the log says by how much", async () => {
	for (const [skew, said] of [
		[305, /clock is 30[4-6] s behind/],
		[-305, /clock is 30[4-6] s ahead of/],
	] as const) {
		const { signIn, idp, log } = await startRenewing();
		idp.set({ clockSkew: skew });
		expect((await signIn()).status).toBe(502);
		expect(log.at(-1)).toMatchObject({ code: "clock_skew", message: expect.stringMatching(said) });
	}
});
