import { describe, expect, test, vi } from "vitest";
import type { Tokens } from "../../src/protocol/types.ts";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import { type GateFixtureOptions, providerClass } from "../support/gate-fixture.ts";
import { refreshAnswer, startRenewing } from "../support/renewing.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** Longer than the claims of userinfo are taken for new. Seconds. */
const STALE = 1801;
const NO_USERINFO: Faults = { transport: { userinfo: 500 } };
const NO_ID_TOKEN: Faults = { idToken: "missing" };

/** Keeps claims and no ID token, as the gate does where it does not fit into the cookies. */
const withoutIdToken: typeof providerClass = (name) =>
	class extends providerClass(name) {
		override readonly name = name;
		override selectTokens({ idToken, ...tokens }: Tokens): Tokens {
			return tokens;
		}
	};

describe.each([
	{ shape: "with the ID token", own: {} },
	{ shape: "without the ID token", own: { providerClass: withoutIdToken } },
])("what the newest answer of a source lacks is gone, $shape", ({ own }) => {
	async function signedIn(faults: Faults) {
		const options: GateFixtureOptions = {
			...own,
			app: (_request, user) =>
				Response.json([user?.claims.groups ?? null, user?.claims.team ?? null]),
		};
		const fixture = await startRenewing(options);
		const browser = new ScriptedBrowser();
		fixture.bend(faults);
		await fixture.signIn(browser);
		/** Groups, which userinfo says here, and team, which the ID token says. */
		const claims = async (origin = fixture.origin) =>
			JSON.parse((await browser.navigate(`${origin}/private`)).body);
		const renewWith = async (changes: Faults) => {
			fixture.later(3590);
			fixture.bend(changes);
			expect(refreshAnswer(await fixture.renew(browser))).toMatchObject({ renewed: true });
		};
		return { ...fixture, browser, claims, renewWith };
	}
	const admin: Faults = { userinfoClaims: { groups: ["admins"] }, idTokenClaims: { team: "core" } };

	test("both are there, also for a process that has seen nothing", async () => {
		const { claims, openReplica } = await signedIn(admin);
		expect(await claims()).toEqual([["admins"], "core"]);
		expect(await claims((await openReplica()).origin)).toEqual([["admins"], "core"]);
	});

	test("userinfo takes a group away, and nothing brings it back: no renewal without an ID token or userinfo", async () => {
		const { claims, later, bend, renewWith, openReplica } = await signedIn(admin);
		await claims();
		later(STALE);
		bend({ userinfoClaims: { groups: undefined } });
		await vi.waitFor(async () => expect(await claims()).toEqual([null, "core"]));
		await renewWith({ ...NO_ID_TOKEN, ...NO_USERINFO });
		expect(await claims()).toEqual([null, "core"]);
		expect(await claims((await openReplica()).origin)).toEqual([null, "core"]);
	});

	test("a renewal with userinfo that lacks it, and without an ID token", async () => {
		const { claims, renewWith } = await signedIn(admin);
		await renewWith({ ...NO_ID_TOKEN, userinfoClaims: { groups: undefined } });
		expect(await claims()).toEqual([null, "core"]);
	});

	test("a renewal whose ID token lacks a claim, while userinfo is down: what userinfo said stays", async () => {
		const { claims, renewWith } = await signedIn(admin);
		await renewWith(NO_USERINFO);
		expect(await claims()).toEqual([["admins"], null]);
		// And is asked for again at once, though the session was sealed only now.
		await renewWith({ userinfoClaims: { groups: undefined } });
		expect(await claims()).toEqual([null, null]);
	});

	test("what userinfo said before a renewal without it is as old as it was", async () => {
		const { claims, renewWith, bend } = await signedIn(admin);
		await renewWith(NO_USERINFO);
		bend({ userinfoClaims: { groups: undefined } });
		await vi.waitFor(async () => expect(await claims()).toEqual([null, null]));
	});

	test("a renewal with neither changes nothing", async () => {
		const { claims, renewWith } = await signedIn(admin);
		await renewWith({ ...NO_ID_TOKEN, ...NO_USERINFO });
		expect(await claims()).toEqual([["admins"], "core"]);
	});
});
