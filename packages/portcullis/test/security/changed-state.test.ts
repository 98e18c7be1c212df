import { expect, test } from "vitest";
import { MARKER, startGate, startHref } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** Begins a login, and changes the `state` with which the provider sends the browser back. */
async function begun() {
	const fixture = await startGate();
	const browser = new ScriptedBrowser();
	const page = await browser.navigate(`${fixture.origin}/private`);
	const started = await browser.click(startHref(page, "generic"), { follow: false });
	const back = await fetch(started.headers.get("location") ?? "", { redirect: "manual" });
	const callback = new URL(back.headers.get("location") ?? "");
	const state = callback.searchParams.get("state") ?? "";
	const arrive = (came: string | undefined) => {
		const changed = new URL(callback);
		if (came === undefined) changed.searchParams.delete("state");
		else changed.searchParams.set("state", came);
		return browser.navigate(changed.href, { from: `${fixture.idp.issuer}/` });
	};
	return { fixture, browser, state, arrive };
}

const changes: Readonly<Record<string, (state: string) => string | undefined>> = {
	"a space behind it": (state) => `${state} `,
	"the end cut off": (state) => state.slice(0, 20),
	"the beginning cut off": (state) => state.slice(6),
	"lower case": (state) => state.toLowerCase(),
	"encoded once more": (state) => encodeURIComponent(state).replace(".", "%2E"),
	"nothing left": () => undefined,
};

test.each(Object.entries(changes))("the log shows that state came back changed: %s", async (_, change) => {
	const { fixture, state, arrive } = await begun();
	const came = change(state);
	const page = await arrive(came);
	expect(page.url).toBe(`${fixture.origin}/login?restarted=1`);
	expect(fixture.log).toMatchObject([{ level: "warning", code: "transaction_invalid", reason: "state" }]);
	expect(fixture.log[0]?.message).toContain(
		`with ${came?.length ?? 0} characters; expected the ${state.length} characters`,
	);
	// It says nothing that would help to make one up, nothing was redeemed, and the login is still good.
	expect(JSON.stringify(fixture.log) + page.body).not.toContain(state.slice(17));
	expect(fixture.idp.count("token")).toBe(0);
	expect((await arrive(state)).body).toContain(MARKER);
});

test("a callback out of a bookmark is no answer, and none was changed", async () => {
	const { fixture, browser } = await begun();
	await browser.navigate(`${fixture.origin}/callback`);
	expect(fixture.log).toEqual([]);
});
