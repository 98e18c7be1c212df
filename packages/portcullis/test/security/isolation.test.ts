import { expect, it } from "vitest";
import { allCookies, startGate } from "../support/gate-fixture.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";

it("many people in turn and at once never see each other (R43, B20, B52)", async () => {
	const fixture = await startGate({
		app: async (_, user) => {
			const before = user?.sub;
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
			return new Response(`${before} ${user?.claims.name}`);
		},
	});
	const people = Array.from({ length: 12 }, (_, i) => ({ sub: `person-${i}`, name: `Name ${i}` }));
	const cookies: string[] = [];
	for (const person of people) {
		fixture.idp.person = person;
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		cookies.push(allCookies(browser));
	}
	const order = Array.from({ length: 1000 }, (_, i) => (i * 7 + Math.floor(i / 5)) % people.length);
	for (let from = 0; from < order.length; from += 50) {
		const answers = await Promise.all(
			order.slice(from, from + 50).map(async (who, i) => {
				// Half of them with another cookie beside ours, so that both ways of finding an identity
				// are taken.
				const cookie = i % 2 === 0 ? (cookies[who] ?? "") : `${cookies[who]}; theme=${from}`;
				return [
					who,
					(await exchange(`${fixture.origin}/private`, "GET", { cookie })).body,
				] as const;
			}),
		);
		for (const [who, body] of answers)
			expect(body).toBe(`${people[who]?.sub} ${people[who]?.name}`);
	}
});

it("two sessions in one request are never merged: the one sealed last counts, whole (B39)", async () => {
	const fixture = await startGate({
		providers: ["one", "two"],
		app: (_, user) => new Response(`${user?.provider} ${user?.sub}`),
	});
	const browsers = [new ScriptedBrowser(), new ScriptedBrowser()] as const;
	fixture.idps.forEach((idp, i) => {
		idp.person = { sub: `person-${i}` };
	});
	await fixture.signIn(browsers[0], { provider: "one" });
	fixture.clock.ahead = 5;
	await fixture.signIn(browsers[1], { provider: "two" });
	for (const cookie of [
		`${allCookies(browsers[0])}; ${allCookies(browsers[1])}`,
		`${allCookies(browsers[1])}; ${allCookies(browsers[0])}`,
	]) {
		for (let i = 0; i < 3; i++)
			expect((await exchange(`${fixture.origin}/private`, "GET", { cookie })).body).toBe(
				"two person-1",
			);
	}
});

it("signing in with one provider ends the session of the other", async () => {
	const fixture = await startGate({
		providers: ["one", "two"],
		app: (_, user) => new Response(user?.provider),
	});
	const browser = new ScriptedBrowser();
	expect((await fixture.signIn(browser, { provider: "one" })).body).toBe("one");
	await browser.click("/login");
	expect((await browser.click("/login/two?redirect_to=/private")).body).toBe("two");
	expect(
		[...browser.jar.keys()].filter(
			(name) => name.includes("-one-") || name.startsWith("__Host-one"),
		),
	).toEqual([]);
});
