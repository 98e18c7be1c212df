import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultyIdp } from "../../../src/testing.ts";
import { MARKER, sessionCookies } from "../../support/gate-fixture.ts";
import { negativeMetadata } from "./metadata.ts";
import { openOffline, startOfflineIdp } from "./offline-gate.ts";

let idp: FaultyIdp;

beforeAll(async () => {
	idp = await startOfflineIdp();
});

beforeEach(() => {
	idp.reset();
	idp.requests.length = 0;
});

/** Metadata are kept, so each case has a gate that has seen nothing yet. */
describe("metadata and key sets sign nobody in (R14, R15, R16, R27, R28)", () => {
	it.each(negativeMetadata)("$name", async ({ code, reason, metadata, document, keys, token }) => {
		const { log, answers, browser: open, signIn } = await openOffline(idp);
		const browser = open();
		if (metadata) idp.set({ metadata });
		if (token) idp.set({ rawIdToken: token });
		if (document) answers.set("/.well-known/openid-configuration", document);
		if (keys) {
			const [right] = (await (await idp.fetch(`${idp.issuer}/jwks`)).json()).keys;
			answers.set("/jwks", () => Response.json(keys(right)));
		}
		const page = await signIn(browser);
		expect(log.map((entry) => [entry.code, entry.reason])).toEqual([[code, reason]]);
		expect(page.status).toBe(code === "issuer_mismatch" ? 400 : 502);
		expect(page.body).toContain(`<code>${log[0]?.id}</code>`);
		expect(sessionCookies(browser)).toEqual([]);
		expect(idp.count("userinfo")).toBe(0);
	});

	it("and the same provider signs in where nothing is bent", async () => {
		const { browser, signIn, log } = await openOffline(idp);
		expect((await signIn(browser())).body).toBe(MARKER);
		expect(log).toEqual([]);
	});
});
