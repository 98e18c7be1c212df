import { expect, test } from "vitest";
import { stepUp } from "../../src/checks.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import { startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

test("an event that takes a sign-in of lately: refused with the way there, run after it; values are withheld meanwhile (R117)", async () => {
	const heard: unknown[] = [];
	const fixture = await startGate({
		auth: {
			platform: { audit: (action, outcome, { reason }) => heard.push([action, outcome, reason]) },
			http: { bearer: { audience: AUDIENCE } },
		},
		gate: ({ State, computed, event }) => {
			class Vault extends State {
				content = computed(() => "gold", { auth: stepUp({ maxAge: 300 }), initial: "" });
				open = event({ auth: stepUp({ maxAge: 300 }) }, () => "opened");
			}
			return { states: { vault: Vault } };
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const tab = new StateTab(fixture.origin, browser);
	await tab.hydrate();
	expect(tab.values["vault.content"]).toBe("gold");
	expect((await tab.send("vault.open")).value).toBe("opened");

	fixture.clock.ahead = 361;
	fixture.idp.set({ clockSkew: 361 });
	heard.length = 0;
	const refused = await tab.send("vault.open");
	expect([refused.status, refused.problem?.code]).toEqual([401, "step_up_required"]);
	expect(heard).toEqual([["event_handler", "redirected_to_login", "step_up_required"]]);
	await tab.hydrate();
	expect(tab.withheld).toContain("vault.content");
	expect(fixture.log).toEqual([]);
	const decision = await tab.post("hydrate", { path: "/private" });
	expect(await decision.json()).toMatchObject({ page: { outcome: "allow" } });

	const page = await browser.navigate(
		`${fixture.origin}${refused.problem?.href}?redirect_to=/private`,
		{
			from: `${fixture.origin}/private`,
		},
	);
	const back = await browser.submit(page);
	expect(back.url).toBe(`${fixture.origin}/private`);
	// Another session: the tab has another client.
	const anew = new StateTab(fixture.origin, browser);
	await anew.hydrate();
	expect(anew.values["vault.content"]).toBe("gold");
	expect((await anew.send("vault.open")).value).toBe("opened");

	const program = await callWith(accessToken(fixture), `${fixture.origin}/_portcullis/event`, {
		method: "POST",
		body: JSON.stringify({ state: "vault", event: "open" }),
		headers: { "Content-Type": "application/json" },
	});
	expect(program.status).toBe(401);
	expect(program.headers.get("www-authenticate")).toContain(
		'error="insufficient_user_authentication", max_age="300"',
	);
});

test("a navigation in the browser to a page that takes another sign-in loads it in full", async () => {
	const fixture = await startGate({
		gate: { pages: { "/vault": { auth: stepUp({ acr: "urn:example:strong" }) } } },
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const answer = await new StateTab(fixture.origin, browser).post("hydrate", {
		path: "/vault?a=1",
	});
	expect(await answer.json()).toMatchObject({ page: { outcome: "login", href: "/vault?a=1" } });
});
