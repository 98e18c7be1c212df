import { expect, test } from "vitest";
import { type GateFixture, MARKER, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** A gate whose people get refresh tokens. */
function startRefreshing(auth: Parameters<typeof startGate>[0] = {}): Promise<GateFixture> {
	return startGate({ ...auth, auth: { extraScopes: ["offline_access"], ...auth.auth } });
}

function cookieHeader(browser: ScriptedBrowser): string {
	return [...browser.jar].map(([name, { value }]) => `${name}=${value}`).join("; ");
}

/** A request of our own script, whose cookies the browser keeps. */
async function ask(
	browser: ScriptedBrowser,
	origin: string,
	path: string,
	init: RequestInit = {},
): Promise<Response> {
	const response = await fetch(origin + path, {
		...init,
		headers: {
			Cookie: cookieHeader(browser),
			Origin: origin,
			"Portcullis-Request": "1",
			"Content-Type": "application/json",
		},
	});
	for (const line of response.headers.getSetCookie()) {
		const [pair = "", ...attributes] = line.split("; ");
		const equals = pair.indexOf("=");
		const name = pair.slice(0, equals);
		const old = browser.jar.get(name);
		if (attributes.includes("Max-Age=0")) browser.jar.delete(name);
		else
			browser.jar.set(name, {
				sameSite: "Strict",
				path: "/",
				expiresAt: Number.POSITIVE_INFINITY,
				host: new URL(origin).hostname,
				...old,
				value: pair.slice(equals + 1),
			});
	}
	return response;
}

const renew = (browser: ScriptedBrowser, origin: string) =>
	ask(browser, origin, "/_portcullis/refresh", { method: "POST", body: "{}" });

test("a session is renewed under its own id, and the old tokens are spent once", async () => {
	const { origin, idp, clock, signIn } = await startRefreshing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	expect(await (await renew(browser, origin)).json()).toMatchObject({
		renewed: false,
		session: { signedIn: true },
	});
	expect(idp.count("token")).toBe(1);

	clock.ahead += 3600;
	const refused = await ask(browser, origin, "/api");
	expect([refused.status, (await refused.json()).code]).toEqual([401, "refresh_required"]);
	const before = cookieHeader(browser);
	const session = await (await ask(browser, origin, "/_portcullis/session")).json();
	expect(session).toEqual({ signedIn: false, refresh: { generation: 0, at: expect.any(Number) } });
	const answers = await Promise.all(Array.from({ length: 20 }, () => renew(browser, origin)));
	expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
	expect(idp.count("token")).toBe(2);
	expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
	expect(await (await ask(browser, origin, "/_portcullis/session")).json()).toMatchObject({
		refresh: { generation: 1 },
	});

	// Whoever still has the old cookies gets what the first one got, and spends nothing.
	const late = await fetch(`${origin}/_portcullis/refresh`, {
		method: "POST",
		body: "{}",
		headers: { Cookie: before, Origin: origin, "Portcullis-Request": "1" },
	});
	expect(late.status).toBe(200);
	expect(idp.count("token")).toBe(2);
});

test("a navigation gets the page that renews and repeats", async () => {
	const { origin, clock, signIn } = await startRefreshing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	clock.ahead += 3600;
	const page = await browser.navigate(`${origin}/private?a=1`, { follow: false });
	expect(page.status).toBe(200);
	expect(page.body).toContain("Your session is being renewed");
	expect(page.body).toContain('href="/private?a=1"');
	expect(page.body).not.toContain(MARKER);
	expect(page.headers.get("content-security-policy")).toContain("connect-src 'self'");
	expect(page.headers.get("cache-control")).toContain("no-store");
});

test("a refused refresh ends the session", async () => {
	const { origin, idp, clock, signIn } = await startRefreshing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	clock.ahead += 3600;
	idp.faults = { token: "invalid-grant" };
	const answer = await renew(browser, origin);
	expect([answer.status, (await answer.json()).code]).toEqual([401, "login_required"]);
	expect(sessionCookies(browser)).toEqual([]);
});

test("while the provider is down the session goes on for a while", async () => {
	const { origin, idp, clock, signIn, log } = await startRefreshing({
		auth: { extraScopes: ["offline_access"], session: { outageGrace: 600 } },
	});
	const browser = new ScriptedBrowser();
	await signIn(browser);
	clock.ahead += 3601;
	idp.faults = { transport: { token: 503 } };
	const answer = await renew(browser, origin);
	expect(await answer.json()).toMatchObject({ renewed: false, session: { signedIn: true } });
	expect(log.at(-1)).toMatchObject({ code: "provider_unreachable" });
	expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
	clock.ahead += 590;
	expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
	clock.ahead += 10;
	expect((await browser.navigate(`${origin}/private`, { follow: false })).body).not.toContain(
		MARKER,
	);
	expect((await renew(browser, origin)).status).toBe(503);

	idp.reset();
	clock.ahead += 2;
	expect(await (await renew(browser, origin)).json()).toMatchObject({ renewed: true });
	expect((await browser.navigate(`${origin}/private`)).body).toBe(`${MARKER} /private for ada`);
	expect([...browser.jar.keys()].filter((name) => name.endsWith("-gr"))).toEqual([]);
});

test("only our own script can have a session renewed", async () => {
	const { origin, idp, clock, signIn } = await startRefreshing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	clock.ahead += 3600;
	for (const headers of [
		{ Origin: origin },
		{ "Portcullis-Request": "1" },
		{ "Portcullis-Request": "1", Origin: "https://elsewhere.example" },
		{ "Portcullis-Request": "1", Origin: "null" },
	]) {
		const all = { Cookie: cookieHeader(browser), ...headers } as Record<string, string>;
		expect(
			(await fetch(`${origin}/_portcullis/refresh`, { method: "POST", body: "{}", headers: all }))
				.status,
		).toBe(403);
	}
	expect(
		(await fetch(`${origin}/_portcullis/refresh`, { headers: { Cookie: cookieHeader(browser) } }))
			.status,
	).toBe(405);
	expect(idp.count("token")).toBe(1);
});
