import { expect, it } from "vitest";
import {
	allCookies,
	type GateFixture,
	MARKER,
	sessionCookies,
	startGate,
	transactionCookies,
} from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

const BUDGET = 7168;
const ATTRIBUTES =
	/^__Host-[\w.-]+=[\w.-]*; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=(Strict|Lax)$/;

/** Bytes of all of our cookies in the header of a request; every one of them has our prefix. */
function totalBytes(browser: ScriptedBrowser): number {
	return [...browser.jar].reduce(
		(sum, [name, { value }]) => sum + name.length + 1 + value.length + 2,
		0,
	);
}

/**
 * The provider answers with a made-up access token of this length, a multiple of four: base64url of
 * whole bytes.
 */
function issueToken({ idp }: GateFixture, length: number): void {
	const text = Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("base64url");
	idp.faults = {
		discovery: "no-userinfo",
		tokenResponse: { access_token: text.slice(0, length) },
		idToken: "at-hash-missing",
	};
}

/** Signs in as far as the callback's answer: its page is closed before it moves on. */
async function reachCallback(
	fixture: GateFixture,
	browser: ScriptedBrowser,
	path: string,
): Promise<void> {
	const from = `${fixture.origin}/login`;
	const start = await browser.navigate(`${from}/generic?redirect_to=${path}`, {
		from,
		follow: false,
	});
	const answer = await browser.navigate(start.headers.get("location") ?? "", {
		from: fixture.origin,
		follow: false,
	});
	await browser.navigate(answer.headers.get("location") ?? "", {
		from: fixture.idp.issuer,
		follow: false,
	});
}

/** Where the provider is told to end its session. */
async function signOut({ origin }: GateFixture, browser: ScriptedBrowser): Promise<string> {
	const form = await browser.navigate(`${origin}/logout`);
	const token = /name="form_token" value="([^"]*)"/.exec(form.body)?.[1] ?? "";
	return (
		await browser.navigate(`${origin}/logout`, {
			from: form.url,
			form: { form_token: token },
			follow: false,
		})
	).body;
}

it("the whole budget holds at every size, hops and logout cookies included; the ID token goes first (R55)", async () => {
	const fixture = await startGate();
	// From the start: metadata is kept.
	fixture.idp.faults = { discovery: "no-userinfo" };
	// What a browser can have besides: a logout at the provider a minute ago, and as many pages as
	// are counted that it was just sent to.
	const earlier = new ScriptedBrowser();
	await fixture.signIn(earlier);
	await signOut(fixture, earlier);
	for (let page = 0; page < 12; page++) await reachCallback(fixture, earlier, `/private/${page}`);
	const kept = [...earlier.jar].filter(([name]) => name.endsWith("-lo") || name.endsWith("-hops"));
	expect(kept.map(([, { value }]) => value.length > 30)).toEqual([true, true]);

	const stages: string[] = [];
	for (let length = 5300; length <= 6500; length += 16) {
		issueToken(fixture, length);
		const browser = new ScriptedBrowser();
		for (const [name, cookie] of kept) browser.jar.set(name, cookie);
		await reachCallback(fixture, browser, "/private");
		expect([length, Math.max(totalBytes(browser), BUDGET)]).toEqual([length, BUDGET]);

		if (sessionCookies(browser).length === 0) {
			stages.push(`${fixture.log.at(-1)?.code}`);
			continue;
		}
		expect((await browser.navigate(`${fixture.origin}/private`)).body).toBe(
			`${MARKER} /private for ada`,
		);
		const page = await signOut(fixture, browser);
		expect(page).toContain("client_id=");
		stages.push(page.includes("id_token_hint=") ? "whole" : "without ID token");
	}
	// Each stage is there, and they follow each other in this order.
	expect(stages.filter((stage, i) => stage !== stages[i - 1])).toEqual([
		"whole",
		"without ID token",
		"cookies_too_large",
	]);
}, 30_000);

it("a hundred attempts with two providers in turn stay four, within 2 kB, and the newest completes (R11)", async () => {
	const { origin, idps, signIn } = await startGate({ providers: ["alpha", "beta"] });
	const browser = new ScriptedBrowser();
	let sent = "";
	for (let i = 0; i < 100; i++) {
		const login = await browser.navigate(
			`${origin}/login/${i % 2 === 0 ? "alpha" : "beta"}?redirect_to=/private/${i}`,
			{ follow: false },
		);
		sent = login.headers.get("location") ?? "";
		const attempts = transactionCookies(browser);
		expect([i, attempts.length <= 4, totalBytes(browser) <= 2048]).toEqual([i, true, true]);
	}
	const answered = await browser.navigate(sent, { from: origin, follow: false });
	const page = await browser.navigate(answered.headers.get("location") ?? "", {
		from: idps[1]?.issuer,
	});
	expect(page.body).toBe(`${MARKER} /private/99 for ada`);
	expect((await signIn(new ScriptedBrowser(), { provider: "alpha" })).body).toContain(MARKER);
});

it("what deletes a cookie has the attributes that it was set with, stale chunks included (R57)", async () => {
	const fixture = await startGate({ auth: { extraScopes: ["offline_access"] } });
	const browser = new ScriptedBrowser();
	issueToken(fixture, 4500);
	await fixture.signIn(browser);
	const chunks = sessionCookies(browser).filter((name) => /-at\.\d$/.test(name));
	expect(chunks).toHaveLength(2);

	// A smaller token: the chunks of the larger one must go.
	fixture.idp.reset();
	const before = new Map([...browser.jar].map(([name, { sameSite }]) => [name, sameSite]));
	const from = `${fixture.origin}/login`;
	const start = await browser.navigate(`${from}/generic?redirect_to=/private`, {
		from,
		follow: false,
	});
	expectDeletions(start.setCookies, before);
	const answered = await browser.navigate(start.headers.get("location") ?? "", {
		from: fixture.origin,
		follow: false,
	});
	expect(
		(await browser.navigate(answered.headers.get("location") ?? "", { from: fixture.idp.issuer }))
			.body,
	).toContain(MARKER);
	expect(sessionCookies(browser).some((name) => /\.\d$/.test(name))).toBe(false);

	const signedIn = new Map([...browser.jar].map(([name, { sameSite }]) => [name, sameSite]));
	const planted = chunks.map((name) => `${name}=stale`).join("; ");
	const logout = await exchange(`${fixture.origin}/logout`, "POST", {
		cookie: `${allCookies(browser)}; ${planted}`,
		origin: fixture.origin,
		"portcullis-request": "1",
	});
	expectDeletions(logout.setCookies, signedIn);
	for (const name of [...sessionCookies(browser), ...chunks])
		expect(logout.setCookies.some((line) => line.startsWith(`${name}=; Path=/; Max-Age=0;`))).toBe(
			true,
		);
});

function expectDeletions(lines: readonly string[], set: ReadonlyMap<string, string>): void {
	const deletions = lines.filter((line) => line.includes("Max-Age=0"));
	expect(deletions.length).toBeGreaterThan(2);
	for (const line of lines) expect(line).toMatch(ATTRIBUTES);
	for (const line of deletions) {
		const [name = ""] = line.split("=", 1);
		const sameSite = set.get(name);
		if (sameSite !== undefined) expect(line.toLowerCase()).toContain(`samesite=${sameSite}`);
	}
}
