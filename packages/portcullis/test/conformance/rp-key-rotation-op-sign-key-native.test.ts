import { describe, expect, it } from "vitest";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

const signedIn = `${MARKER} /private for ada`;

describe("rp-key-rotation-op-sign-key-native (R28)", () => {
	it.each([true, false])(
		"signs in through two rotations within ten seconds, old keys kept: %s",
		async (keepOld) => {
			const { idp, clock, log, signIn } = await startGate();
			expect((await signIn(new ScriptedBrowser())).body).toBe(signedIn);
			for (let rotation = 0; rotation < 2; rotation++) {
				await idp.rotateKeys({ keepOld });
				const pages = await Promise.all(
					Array.from({ length: 5 }, () => signIn(new ScriptedBrowser())),
				);
				expect(pages.map((page) => page.body)).toEqual(Array(5).fill(signedIn));
				clock.ahead += 4;
			}
			expect(log).toEqual([]);
			// The first set, and one more for each rotation: five logins at once share it.
			expect(idp.count("jwks")).toBe(3);
		},
	);

	it("signs in when the key changes between the authorization and the token request", async () => {
		const { origin, idp, log, signIn } = await startGate();
		await signIn(new ScriptedBrowser());
		const browser = new ScriptedBrowser();
		await browser.navigate(`${origin}/login`);
		const sent = await browser.click("/login/generic", { follow: false });
		const answer = await browser.navigate(sent.headers.get("location") ?? "", {
			from: origin,
			follow: false,
		});
		await idp.rotateKeys({ keepOld: false });
		const page = await browser.navigate(answer.headers.get("location") ?? "", { from: idp.issuer });
		expect(page.body).toBe(`${MARKER} / for ada`);
		expect(log).toEqual([]);
	});

	it("asks for the key set at most four times, however many unknown keys come", async () => {
		const { idp, log, signIn } = await startGate();
		await signIn(new ScriptedBrowser());
		let number = 0;
		idp.faults = {
			rawIdToken: ({ header, claims }) =>
				idp.sign(claims, { ...header, kid: `unknown-${number++}` }),
		};
		for (let round = 0; round < 10; round++) {
			const pages = await Promise.all(
				Array.from({ length: 5 }, () => signIn(new ScriptedBrowser())),
			);
			// Whether an unknown key is new cannot be said of those that are not looked up any more: they
			// are put off.
			expect(pages.filter(({ status }) => status !== 502 && status !== 503)).toEqual([]);
		}
		expect(idp.count("jwks")).toBeLessThanOrEqual(4);
		const lines = new Set(log.map(({ code, reason }) => `${code} ${reason}`));
		expect([...lines].sort()).toEqual(["provider_unreachable keys", "token_invalid kid"]);
		idp.reset();
		expect((await signIn(new ScriptedBrowser())).body).toBe(signedIn);
	});

	it("asks once for metadata and once for keys when 20 people sign in first", async () => {
		const { idp, signIn } = await startGate();
		const pages = await Promise.all(
			Array.from({ length: 20 }, () => signIn(new ScriptedBrowser())),
		);
		expect(pages.map((page) => page.body)).toEqual(Array(20).fill(signedIn));
		expect([idp.count("discovery"), idp.count("jwks")]).toEqual([1, 1]);
	});
});
