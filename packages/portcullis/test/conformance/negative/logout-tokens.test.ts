import { beforeAll, describe, expect, it } from "vitest";
import { MARKER } from "../../support/gate-fixture.ts";
import type { ScriptedBrowser } from "../../support/scripted-browser.ts";
import { negativeLogoutTokens } from "./logout-tokens.ts";
import { type OfflineGate, ORIGIN, openOffline } from "./offline-gate.ts";

const URI = `${ORIGIN}/_portcullis/backchannel-logout/generic`;

let offline: OfflineGate;
let browser: ScriptedBrowser;

beforeAll(async () => {
	offline = await openOffline();
	browser = offline.browser();
	expect((await offline.signIn(browser)).body).toBe(MARKER);
	// A session that began at this very moment could be from before or after.
	offline.later(10);
});

const isIn = async () => (await browser.fetch(`${ORIGIN}/private`)).body === MARKER;

describe("a logout token ends no session (R94)", () => {
	it.each(negativeLogoutTokens)("$name", async ({ token, reason }) => {
		const { idp, log, handle, later } = offline;
		// The log has ten lines of a kind at once, and then one a minute.
		later(20);
		log.length = 0;
		const response = await idp.sendLogoutToken(URI, { token: await token(idp), send: handle });
		expect([response.status, response.headers.get("cache-control")]).toEqual([400, "no-store"]);
		expect(log.map((entry) => [entry.code, entry.reason])).toEqual([["token_invalid", reason]]);
		expect(await isIn()).toBe(true);
	});

	it("and one that is not bent ends it", async () => {
		const { idp, handle } = offline;
		expect((await idp.sendLogoutToken(URI, { sub: "ada", send: handle })).status).toBe(200);
		expect(await isIn()).toBe(false);
	});
});
