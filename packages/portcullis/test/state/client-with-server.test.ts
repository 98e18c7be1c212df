import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { FakeBrowser } from "../../src/client/browser.fixture.ts";
import { createClientOn } from "../../src/client/client.ts";
import type { Client } from "../../src/client/client-types.ts";
import type { Auth } from "../../src/index.ts";
import type { GateLike } from "../../src/wire/state-view.ts";
import { type Person, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// The browser's client against the server's state, over HTTP; only the browser around the client is
// made up.

const opened: Client[] = [];

afterEach(() => {
	for (const client of opened.splice(0)) client.close();
});

function notesGate(auth: Auth<Person>) {
	const { State, field, computed, event, topic } = auth;
	const shared = topic("shared");
	const table: string[] = ["first"];
	class Notes extends State {
		dark = field(false, { auth: false });
		draft = field("");
		notes = computed(() => [...table], { on: [shared], initial: [] });
		later = computed(
			() => this.draft.value,
			async ({ dependencies: draft }) => `later ${draft}`,
			{ initial: "" },
		);
		toggle = event({ auth: false }, () => {
			this.dark.value = !this.dark.value;
		});
		write = event({ input: z.string().min(1) }, ({ input: text }) => {
			this.draft.value = text;
			return text.toUpperCase();
		});
		add = event({ input: z.string() }, ({ input: text }) => {
			table.push(text);
			shared.changed();
		});
		slow = event({ background: true, input: z.string() }, async ({ input: text, update }) => {
			await update(() => {
				this.draft.value = text;
			});
			return text;
		});
		admin = event({ auth: () => false }, () => {});
	}
	return { states: { notes: Notes }, pages: { "/": { auth: false } } };
}

interface Gate extends GateLike {
	readonly statesType: {
		readonly notes: InstanceType<ReturnType<typeof notesGate>["states"]["notes"]>;
	};
}

async function start(options: Parameters<typeof startGate>[0] = {}) {
	const fixture = await startGate({ gate: notesGate, ...options });
	const person = new ScriptedBrowser();
	const browser = new FakeBrowser((path, init) => {
		const cookie = [...person.jar].map(([name, { value }]) => `${name}=${value}`).join("; ");
		const headers = {
			...(init.headers as Record<string, string>),
			Origin: fixture.origin,
			Cookie: cookie,
		};
		return fetch(fixture.origin + path, { ...init, headers }).then((response) => {
			for (const line of response.headers.getSetCookie()) {
				const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
				const old = person.jar.get(name);
				if (/Max-Age=0(;|$)/.test(line)) person.jar.delete(name);
				else if (old) person.jar.set(name, { ...old, value });
			}
			return response;
		});
	});
	const open = async (tab = browser.tab()): Promise<Client<Gate>> => {
		const client = createClientOn<Gate>(tab.platform, {});
		opened.push(client as unknown as Client);
		client.subscribe("notes", () => {});
		await client.ready("notes");
		return client;
	};
	return { fixture, person, browser, open };
}

test("nobody's tab, then a person's: values, events and their refusals", async () => {
	const { fixture, person, browser, open } = await start();
	const tab = browser.tab();
	const client = await open(tab);
	expect(client.state("notes")).toMatchObject({
		dark: false,
		notes: [],
		$withheld: { dark: false, notes: true },
		$granted: { dark: false },
	});
	expect(await client.state("notes").toggle()).toMatchObject({ ok: true });
	expect(client.state("notes").dark).toBe(true);
	expect(await client.state("notes").write("x")).toEqual({
		ok: false,
		status: "denied",
		reason: "login",
	});
	expect(tab.visited).toEqual(["/login?redirect_to=%2Fnotes%3Fa%3D1%23top"]);

	await fixture.signIn(person);
	await client.hydrate();
	expect(client.state("notes")).toMatchObject({ dark: true, notes: ["first"], later: "later " });
	expect(await client.state("notes").write("hello")).toEqual({
		ok: true,
		status: "ok",
		value: "HELLO",
	});
	expect(client.state("notes").draft).toBe("hello");
	await vi.waitFor(() => expect(client.state("notes").later).toBe("later hello"));
	expect(await client.state("notes").write("")).toMatchObject({
		status: "invalid",
		issues: [{ path: [] }],
	});
	expect(await client.state("notes").admin()).toEqual({
		ok: false,
		status: "denied",
		reason: "forbidden",
	});
	expect(client.toasts.list()).toHaveLength(1);
	expect(await client.state("notes").slow("done")).toMatchObject({ ok: true, value: "done" });
	expect(client.state("notes").draft).toBe("done");
	expect(await client.navigate("/elsewhere")).toEqual({ outcome: "allow" });
});

test("tabs of one browser are live by one stream, keep their state over a reload, and end together", async () => {
	const { fixture, person, browser, open } = await start();
	await fixture.signIn(person);
	const tab = browser.tab();
	const [first, second] = [await open(tab), await open()];
	await first.state("notes").write("mine");
	await second.state("notes").add("second");
	await vi.waitFor(() => expect(first.state("notes").notes).toEqual(["first", "second"]), 3000);
	expect(second.state("notes").draft).toBe("");

	tab.fire("pagehide");
	const reloaded = await open(browser.tab({ storage: tab.storage }));
	expect(reloaded.state("notes").draft).toBe("mine");
	expect(await reloaded.state("notes").write("still mine")).toMatchObject({ ok: true });
	await second.state("notes").add("third");
	await vi.waitFor(() => expect(reloaded.state("notes").notes).toHaveLength(3), 3000);

	// As the logout page does.
	const headers = { "Portcullis-Request": "1" };
	expect((await browser.fetch("/logout", { method: "POST", headers, body: "{}" })).status).toBe(
		200,
	);
	person.jar.clear();
	for (const client of [second, reloaded]) {
		await vi.waitFor(() => expect(client.session()).toEqual({ signedIn: false }), 3000);
		await vi.waitFor(
			() => expect(client.state("notes")).toMatchObject({ draft: "", notes: [] }),
			3000,
		);
	}
});

test("a session whose token has ended is renewed by the first request that needs it, once for all tabs", async () => {
	const { fixture, person, open } = await start({ auth: { extraScopes: ["offline_access"] } });
	await fixture.signIn(person);
	const [first, second] = [await open(), await open()];
	await first.state("notes").write("before");
	fixture.clock.ahead += 3600;
	const [one, two] = await Promise.all([
		first.state("notes").write("after"),
		second.state("notes").add("second"),
	]);
	expect([one, two]).toMatchObject([{ ok: true, value: "AFTER" }, { ok: true }]);
	// Sign-in and one renewal.
	expect(fixture.idp.count("token")).toBe(2);
	expect(first.state("notes")).toMatchObject({ draft: "after" });
	expect(first.session()).toMatchObject({ signedIn: true });
});

test("a session that the provider has ended is over in the tab too", async () => {
	const { fixture, person, browser, open } = await start({
		auth: { extraScopes: ["offline_access"] },
	});
	await fixture.signIn(person);
	const tab = browser.tab();
	const client = await open(tab);
	await client.state("notes").write("mine");
	fixture.clock.ahead += 3600;
	fixture.idp.faults = { token: "invalid-grant" };
	expect(await client.state("notes").write("lost")).toEqual({
		ok: false,
		status: "denied",
		reason: "login",
	});
	await vi.waitFor(() => expect(client.state("notes").draft).toBe(""));
	expect(client.session()).toEqual({ signedIn: false });
	expect(tab.visited).toHaveLength(1);
});
