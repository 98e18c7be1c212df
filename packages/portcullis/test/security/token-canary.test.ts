import { expect, it } from "vitest";
import { formatLogEntry } from "../../src/audit/log.ts";
import { allCookies, startGate } from "../support/gate-fixture.ts";
import { type Answer, exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

/** Every marker in every spelling in which it could leave. */
function spellings(secret: string): string[] {
	return [
		secret,
		encodeURIComponent(secret),
		Buffer.from(secret).toString("base64url"),
		Buffer.from(secret).toString("hex"),
	];
}

it("no token, code, verifier or secret leaves but in sealed cookies and to the provider (R37, R126, B36)", async () => {
	const fixture = await startGate({ auth: { extraScopes: ["offline_access"] } });
	const markers = {
		access: "canary-access-7f3a9c",
		refresh: "canary-refresh-51be07",
		claim: "canary-claim-d20e44",
	};
	fixture.idp.set({
		tokenResponse: {
			access_token: markers.access,
			refresh_token: markers.refresh,
			canary: "canary-extra-90aa12",
		},
		idTokenClaims: { at_hash: undefined, private_claim: markers.claim },
		userinfo: undefined as never,
	});
	const answers: Answer[] = [];
	const browser = new ScriptedBrowser();
	const send = browser.send.bind(browser);
	browser.send = async (url, options) => {
		const answer = await send(url, options);
		if (url.startsWith(fixture.origin)) answers.push(answer);
		return answer;
	};
	// The access token is no token of the faulty provider's own: its userinfo endpoint would refuse
	// it.
	fixture.idp.set({ discovery: "no-userinfo" });
	await fixture.signIn(browser);
	await browser.click("/private");
	await browser.fetch(`${fixture.origin}/_portcullis/session`);
	await browser.click("/nowhere");
	const codes = fixture.idp.requests.flatMap(({ body }) => {
		const form = new URLSearchParams(String(body ?? ""));
		return ["code", "code_verifier", "client_secret"].flatMap((name) => form.get(name) ?? []);
	});
	expect(codes.length).toBeGreaterThanOrEqual(3);
	const logout = await browser.click("/logout");

	// Errors of every kind, which are where secrets like to slip out.
	const cookie = allCookies(browser);
	for (const path of [
		"/login/nobody",
		"/callback?error=x&state=y",
		"/_portcullis/unknown",
		"/callback?code=a&code=b&state=c",
	]) {
		for (const accept of ["text/html", "application/json"])
			answers.push(await exchange(fixture.origin + path, "GET", { cookie, accept }));
	}
	for (const fault of [
		"invalid-grant",
		"error-markup",
		"token-type-unknown",
		"access-token-missing",
	] as const) {
		fixture.idp.set({ token: fault });
		await fixture.signIn(new ScriptedBrowser()).then((answer) => answers.push(answer));
	}
	fixture.idp.set({ token: [], rawIdToken: () => "canary-id.token.broken" });
	answers.push(await fixture.signIn(new ScriptedBrowser()));
	answers.push(logout);

	const secrets = [
		...Object.values(markers),
		"canary-extra-90aa12",
		"canary-id.token.broken",
		...codes.filter((code) => code.length > 8),
	];
	expect(answers.length).toBeGreaterThan(15);
	for (const answer of answers) {
		const headers = [...answer.headers]
			.filter(([name]) => name !== "set-cookie")
			.map(([name, value]) => `${name}: ${value}`);
		for (const secret of secrets.flatMap(spellings)) {
			expect([answer.url, answer.body.includes(secret)]).toEqual([answer.url, false]);
			expect([answer.url, headers.filter((line) => line.includes(secret))]).toEqual([
				answer.url,
				[],
			]);
			expect(answer.setCookies.filter((line) => line.includes(secret))).toEqual([]);
		}
	}
	const lines = fixture.log.map(
		(entry) =>
			formatLogEntry(entry) +
			JSON.stringify(entry, (_, value: unknown) =>
				value instanceof Error ? `${value.stack}` : value,
			),
	);
	expect(lines.length).toBeGreaterThanOrEqual(5);
	for (const line of lines)
		for (const secret of secrets.flatMap(spellings))
			expect([line, line.includes(secret)]).toEqual([line, false]);
});

it("the error id on the page is the one in the log (R126)", async () => {
	const fixture = await startGate();
	fixture.idp.set({ token: "invalid-grant" });
	const page = await fixture.signIn(new ScriptedBrowser());
	const id = /<code>([^<]+)<\/code>/.exec(page.body)?.[1];
	expect(fixture.log).toMatchObject([{ level: "error", id }]);
	expect(formatLogEntry(fixture.log[0] as never)).toContain(`[txid=${id}]`);
});
