import { expect, test, vi } from "vitest";
import type { FaultyIdp } from "../../src/testing/faulty-idp.ts";
import { MARKER, sessionCookies } from "../support/gate-fixture.ts";
import { startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const ROUNDS = 20;

test("R62, R103: a logout during a refresh ends logged out, and the token that came of it is revoked", async () => {
	/** Refresh tokens that the provider has handed out to renew a session. */
	const granted: string[] = [];
	const record: typeof fetch = async (input, init) => {
		const response = await fetch(input, init);
		if (String(init?.body).includes("grant_type=refresh_token")) {
			const { refresh_token } = (await response.clone().json()) as { refresh_token?: string };
			if (refresh_token !== undefined) granted.push(refresh_token);
		}
		return response;
	};
	const auth = { extraScopes: ["offline_access"], platform: { fetch: record } };
	const { origin, signIn, later, renew, bend, idp } = await startRenewing({ auth });
	let granting = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const browser = new ScriptedBrowser();
		bend({});
		await signIn(browser);
		later(3600);
		// The provider answers one way round and the other.
		bend({ delay: { token: Math.random() * 20, revoke: Math.random() * 40 } });
		idp.requests.length = granted.length = 0;
		const [renewed, left] = await Promise.all([
			renew(browser),
			browser.fetch(`${origin}/logout`, {
				method: "POST",
				from: origin,
				headers: { "Portcullis-Request": "1" },
			}),
		]);
		expect(left.status).toBe(200);
		expect([200, 401]).toContain(renewed.status);
		expect(sessionCookies(browser)).toEqual([]);
		expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
		expect(revokedTokens(idp).length).toBeGreaterThanOrEqual(1);
		// Whichever was first: what the provider has handed out is taken back.
		await vi.waitFor(() => expect(revokedTokens(idp)).toEqual(expect.arrayContaining(granted)));
		granting += granted.length;
	}
	expect(granting).toBeGreaterThan(0);
}, 30_000);

test("a session that was just signed out is not renewed: its token is not even spent", async () => {
	const { origin, signIn, later, renew, idp } = await startRenewing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	later(3600);
	const copy = new Map(browser.jar);
	await browser.fetch(`${origin}/logout`, {
		method: "POST",
		from: origin,
		headers: { "Portcullis-Request": "1" },
	});
	for (const [name, cookie] of copy) browser.jar.set(name, cookie);
	expect((await renew(browser)).status).toBe(401);
	expect(sessionCookies(browser)).toEqual([]);
	expect(idp.count("token")).toBe(1);
});

test("a session whose renewal the provider has refused is over for a copy of its cookies, too", async () => {
	const { origin, signIn, later, renew, bend } = await startRenewing();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	// Its access token is still good for a minute.
	later(3530);
	const copy = new Map(browser.jar);
	bend({ token: "invalid-grant" });
	expect((await renew(browser)).status).toBe(401);
	for (const [name, cookie] of copy) browser.jar.set(name, cookie);
	expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
});

function revokedTokens({ requests }: FaultyIdp): (string | null)[] {
	return requests
		.filter(({ endpoint }) => endpoint === "revoke")
		.map(({ form }) => form.get("token"));
}
