import { expect, test } from "vitest";
import { formatLogEntry } from "../../src/audit/log.ts";
import { startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

test("a renewal that fails has the id of its line, which says that the session goes on only where it does", async () => {
	const fixture = await startRenewing({ auth: { session: { outageGrace: 60 } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.later(3590);
	fixture.bend({ transport: { token: 503 } });
	fixture.log.length = 0;
	expect((await fixture.renew(browser)).status).toBe(200);
	expect(fixture.log).toMatchObject([
		{ level: "error", code: "provider_unreachable", reason: "status_503" },
	]);
	expect(fixture.log[0]?.message).toBe("The session could not be renewed; it goes on for now");

	// Its grace is over.
	fixture.later(120);
	fixture.log.length = 0;
	const answer = await fixture.renew(browser);
	expect(answer.status).toBe(503);
	const problem = JSON.parse(answer.body) as { code: string; id: string };
	expect(fixture.log).toMatchObject([
		{ level: "error", code: "provider_unreachable", id: problem.id },
	]);
	expect(fixture.log[0]?.message).not.toContain("goes on");
	// The other tabs of the browser, which are answered with what came of it, have the same.
	expect(JSON.parse((await fixture.renew(browser)).body)).toMatchObject({ id: problem.id });
	expect(fixture.log).toHaveLength(1);
});

test("the page that renews a session before it goes on has a place for the id", async () => {
	const fixture = await startRenewing({ auth: { session: { outageGrace: 0 } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.later(3700);
	const page = await browser.navigate(`${fixture.origin}/private`, { follow: false });
	expect(page.body).toMatch(/<dl class="id" id="error" hidden>/);
});

test("what a provider says at a renewal makes up no line", async () => {
	const error =
		"x provider=evil\nportcullis error [txid=made-up] internal_error: all is lost \u001b[2J\u202e";
	const answers = async (input: string | URL | Request, init?: RequestInit) =>
		String(init?.body).includes("grant_type=refresh_token")
			? Response.json({ error }, { status: 400 })
			: fetch(input, init);
	const fixture = await startRenewing({ auth: { platform: { fetch: answers } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	fixture.later(3590);
	fixture.log.length = 0;
	await fixture.renew(browser);
	const lines = fixture.log.map(formatLogEntry);
	expect(lines.length).toBeGreaterThan(0);
	for (const line of lines) {
		expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
		expect(line).toMatch(
			/^portcullis (error|warning) \[txid=[\w-]+\] \w+ provider=generic( reason=(\w+|"[^"]*"))?: /,
		);
	}
});
