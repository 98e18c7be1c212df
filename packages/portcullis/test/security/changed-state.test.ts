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
	"its secret replaced": (state) => `${state.slice(0, 17)}${"A".repeat(state.length - 17)}`,
	"nothing left": () => undefined,
};

test.each(Object.entries(changes))(
	"the log shows that state came back changed: %s",
	async (_, change) => {
		const { fixture, state, arrive } = await begun();
		const came = change(state);
		const page = await arrive(came);
		expect([page.status, page.body.includes("had expired")]).toEqual([400, false]);
		expect(page.body).toContain("does not fit the sign-in that was begun here");
		expect(fixture.log).toMatchObject([
			{ level: "error", code: "answer_changed", reason: "state" },
		]);
		expect(page.body).toContain(`<code>${fixture.log[0]?.id}</code>`);
		expect(fixture.log[0]?.message).toContain(
			`with ${came?.length ?? 0} characters; expected the ${state.length} characters`,
		);
		// It says nothing that would help to make one up, nothing was redeemed, and the login is still
		// good.
		expect(JSON.stringify(fixture.log) + page.body).not.toContain(state.slice(17));
		expect(fixture.idp.count("token")).toBe(0);
		expect((await arrive(state)).body).toContain(MARKER);
	},
);

test("a callback out of a bookmark is no answer, and none was changed", async () => {
	const { fixture, browser } = await begun();
	await browser.navigate(`${fixture.origin}/callback`);
	expect(fixture.log).toEqual([]);
});

test("every wrong state gets the same page, however much of it is right", async () => {
	const { fixture, state, arrive } = await begun();
	const pages: string[] = [];
	const last = state.endsWith("A") ? "B" : "A";
	for (const came of [
		undefined,
		"",
		"x",
		state.slice(0, 17),
		`${state.slice(0, -1)}${last}`,
		`${state}A`,
	]) {
		const page = await arrive(came);
		pages.push(
			page.body.replace(fixture.log.at(-1)?.id ?? "-", "").replaceAll(/nonce="[^"]*"/g, ""),
		);
	}
	expect(new Set(pages).size).toBe(1);
});

test("the state of an attempt without a cookie here had expired, whatever else is under way", async () => {
	const { fixture, state, arrive } = await begun();
	const old = `${state.startsWith("A") ? "B" : "A"}${state.slice(1)}`;
	const page = await arrive(old);
	expect(page.url).toBe(`${fixture.origin}/login?restarted=1`);
	expect(page.body).toContain("had expired");
	expect((await arrive(state)).body).toContain(MARKER);
});

test("trying again leads to the page that was asked for", async () => {
	const { fixture, browser, arrive } = await begun();
	const page = await arrive("changed");
	const retry = /href="(\/login\?redirect_to=[^"]*)"/.exec(page.body)?.[1] ?? "";
	expect(retry).toBe("/login?redirect_to=%2Fprivate");
	const login = await browser.click(`${fixture.origin}${retry}`);
	expect((await browser.click(startHref(login, "generic"))).body).toContain(`${MARKER} /private`);
});
