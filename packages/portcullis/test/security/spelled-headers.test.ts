import { expect, it } from "vitest";
import type { GateRequest } from "../../src/host.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// Text in a header that only looks like ours. `String.trim` takes more for space than HTTP does, so
// that a cookie which any sibling subdomain may set for the whole domain, "\xA0__Host-...", became
// one of the gate's own. A host may hand header text over as it likes, so the calls are made by
// hand.

/**
 * What `String.trim` takes for space and HTTP does not, as runtimes that read headers as Latin-1 or
 * UTF-8 hand it over.
 */
const FALSE_SPACES = ["\u00a0", "\u000b", "\u000c", "\ufeff", "\u2003", "\u3000"];

async function ask(
	{ gate, origin }: GateFixture,
	{ method = "GET", path = "/private", headers = {} }: Partial<GateRequest> & Asked,
) {
	const given = new Map(Object.entries({ host: new URL(origin).host, ...headers }));
	const url = origin + path;
	const call: GateRequest = {
		method,
		url,
		header: (name) => given.get(name) ?? null,
		request: () => new Request(url, { method }),
		remoteAddress: "127.0.0.1",
	};
	return gate.enter(call);
}

interface Asked {
	readonly path?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Somebody's cookies as another subdomain can plant them: under names that are not ours by one
 * character in front.
 */
const planted = (cookies: string, space: string) =>
	cookies
		.split("; ")
		.map((pair) => space + pair)
		.join("; ");

it("a cookie that a sibling subdomain has planted, by a name with another space in front, signs nobody in", async () => {
	const fixture = await startGate();
	const attacker = new ScriptedBrowser();
	await fixture.signIn(attacker);
	const cookies = allCookies(attacker);
	expect((await ask(fixture, { headers: { cookie: cookies } })).kind).toBe("allow");
	expect((await ask(fixture, { headers: { cookie: ` \t${cookies}` } })).kind).toBe("allow");
	for (const space of FALSE_SPACES) {
		for (const cookie of [
			planted(cookies, space),
			planted(cookies, ` ${space}`),
			`theme=dark;${space}${cookies}`,
		])
			expect((await ask(fixture, { headers: { cookie } })).kind).toBe("respond");
	}
});

it("nor does it lock out the person whose cookie is spelled as it should be", async () => {
	const fixture = await startGate();
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const cookies = allCookies(browser);
	for (const space of FALSE_SPACES) {
		const cookie = `${cookies}; ${planted(cookies.replaceAll(/=[^;]*/g, "=planted"), space)}`;
		const result = await ask(fixture, { headers: { cookie } });
		expect(result.kind === "allow" && result.user?.sub).toBe("ada");
	}
});

it("a renewal makes no cookie of ours out of a planted one", async () => {
	const fixture = await startGate({
		providers: ["one", "two"],
		auth: { extraScopes: ["offline_access"] },
	});
	const victim = new ScriptedBrowser();
	const attacker = new ScriptedBrowser();
	await fixture.signIn(victim, { provider: "one" });
	const [, two] = fixture.idps;
	if (two) two.person = { sub: "mallory" };
	two?.set({ clockSkew: 3593 });
	// Sealed by a replica whose clock is a little ahead: of two sessions the later one counts.
	fixture.clock.ahead += 3593;
	expect((await fixture.signIn(attacker, { provider: "two" })).body).toContain("mallory");
	fixture.clock.ahead -= 3;
	const headers = {
		...{ origin: fixture.origin, "portcullis-request": "1", "sec-fetch-site": "same-origin" },
		cookie: `${allCookies(victim)}; ${planted(allCookies(attacker), "\u00a0")}`,
	};
	const result = await ask(fixture, { method: "POST", path: "/_portcullis/refresh", headers });
	if (result.kind !== "respond") throw new Error("A renewal was let through to the app");
	const answer = (await result.response.json()) as {
		session: { user?: { sub?: string } };
		renewed: boolean;
	};
	expect([result.response.status, answer.renewed]).toEqual([200, true]);
	expect(JSON.stringify(answer)).toContain('"ada"');
	expect(JSON.stringify(answer)).not.toContain("mallory");
});

it("no false space stands between Bearer and a token, in the name of a forwarded host", async () => {
	const fixture = await startGate({
		auth: { http: { trustProxy: true, bearer: { audience: "https://api.example" } } },
	});
	for (const space of FALSE_SPACES) {
		// Not the scheme Bearer: refused as somebody without credentials, not as one with a bad token.
		for (const authorization of [`Bearer${space}abc`, `${space}Bearer abc`]) {
			const result = await ask(fixture, { headers: { authorization } });
			expect(
				result.kind === "respond" && result.response.headers.get("www-authenticate"),
			).not.toContain("invalid_token");
		}
		const forwarded = `proto=https;${space}host=evil.example`;
		const start = await ask(fixture, {
			path: "/login/generic",
			headers: {
				forwarded,
				"sec-fetch-site": "none",
				"sec-fetch-mode": "navigate",
				"sec-fetch-dest": "document",
			},
		});
		if (start.kind !== "respond") throw new Error("A login was let through to the app");
		expect(start.response.headers.get("location")).not.toContain("evil.example");
	}
});
