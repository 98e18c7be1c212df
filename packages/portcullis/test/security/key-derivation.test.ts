import { expect, it, vi } from "vitest";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { exchange } from "../support/scripted-browser.ts";

it("while no cookie key can be derived everything is shut; afterwards it works, without a restart (R76)", async () => {
	const derive = vi
		.spyOn(crypto.subtle, "deriveBits")
		.mockRejectedValue(new Error("no entropy: secret=hunter2"));
	const fixture = await startGate({ gate: { pages: { "/": { auth: false } } } });
	await expect(fixture.gate.ready()).rejects.toThrow();
	for (const path of [
		"/",
		"/private",
		"/login",
		"/login/generic",
		"/callback?code=a&state=b",
		"/_portcullis/session",
	]) {
		const answer = await exchange(fixture.origin + path, "GET", { accept: "text/html" });
		expect([path, answer.status, answer.setCookies]).toEqual([path, 500, []]);
		expect(answer.body).not.toMatch(new RegExp(`${MARKER}|hunter2`));
		expect(answer.body).toContain(fixture.log.at(-1)?.id);
	}
	expect(new Set(fixture.log.map(({ code }) => code))).toEqual(new Set(["internal_error"]));

	derive.mockRestore();
	expect((await fixture.signIn()).body).toBe(`${MARKER} /private for ada`);
});
