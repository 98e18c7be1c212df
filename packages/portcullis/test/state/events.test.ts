import { expect, test, vi } from "vitest";
import { z } from "zod";
import type { Auth } from "../../src/index.ts";
import { type Person, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

function notesGate(auth: Auth<Person>) {
	const { State, field, computed, event, serverOnly, topic, check } = auth;
	const isAdmin = check(({ user }) => user.claims.groups?.includes("owners") === true);
	const shared = topic("shared");
	const table: string[] = ["first"];
	class Notes extends State {
		dark = field(false, { auth: false });
		draft = field("");
		calls = serverOnly(0);
		notes = computed(() => [...table], { on: [shared], initial: [] });
		count = computed(() => this.notes.value.length, { initial: 0 });
		secrets = computed(() => ["top secret"], { auth: isAdmin, initial: [] });
		later = computed(
			() => this.draft.value,
			async ({ dependencies: draft }) => `later ${draft}`,
			{ initial: "" },
		);

		toggle = event({ auth: false }, () => {
			this.dark.value = !this.dark.value;
		});
		write = event({ input: z.string().trim().min(1).max(20) }, ({ input: text }) => {
			this.draft.value = text;
			this.calls.value++;
			return this.calls.value;
		});
		add = event({ input: z.string() }, ({ input: text }) => {
			table.push(text);
			shared.changed();
		});
		clear = event({ auth: isAdmin }, ({ toast }) => {
			table.length = 0;
			shared.changed();
			toast("Cleared");
		});
		fail = event(() => {
			this.draft.value = "half done";
			throw new Error("no good");
		});
		steps = event(async function* (this: Notes) {
			for (const step of ["one", "two"]) {
				this.draft.value = step;
				yield;
			}
			return "done";
		});
		slow = event({ background: true }, async ({ update }) => {
			await update(() => {
				this.draft.value = "from the background";
			});
			return 7;
		});
	}
	return {
		states: { notes: Notes },
		pages: { "/": { auth: false }, "/admin/*": { auth: isAdmin } },
	};
}

test("anonymous people see and do what is public, and no more", async () => {
	const { origin } = await startGate({ gate: notesGate });
	const tab = new StateTab(origin);
	const snapshot = await tab.hydrate();
	expect(tab.values).toEqual({
		"notes.dark": false,
		"notes.draft": "",
		"notes.notes": [],
		"notes.count": 0,
		"notes.secrets": [],
		"notes.later": "",
	});
	expect([...tab.withheld].sort()).toEqual([
		"notes.count",
		"notes.draft",
		"notes.later",
		"notes.notes",
		"notes.secrets",
	]);
	expect(snapshot.session).toEqual({ signedIn: false });

	const toggled = await tab.send("notes.toggle");
	expect(toggled.outcome).toMatchObject({ status: "ok" });
	expect(tab.values["notes.dark"]).toBe(true);
	expect((await tab.send("notes.toggle")).text).not.toContain("draft");

	const refused = await tab.send("notes.write", "hello");
	expect(refused.status).toBe(401);
	expect(refused.problem?.code).toBe("login_required");
});

test("a signed-in person has real values, and events change them", async () => {
	const fixture = await startGate({ gate: notesGate });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const tab = new StateTab(fixture.origin, browser);
	await tab.hydrate();
	expect(tab.values).toMatchObject({
		"notes.notes": ["first"],
		"notes.count": 1,
		"notes.later": "later ",
	});
	expect([...tab.withheld]).toEqual(["notes.secrets"]);

	expect((await tab.send("notes.write", " hello ")).value).toBe(1);
	expect(tab.values).toMatchObject({ "notes.draft": "hello", "notes.later": "later hello" });
	expect((await tab.send("notes.write", "again")).value).toBe(2);

	const invalid = await tab.send("notes.write", "");
	expect(invalid.status).toBe(422);
	expect(invalid.problem).toMatchObject({ code: "input_invalid", issues: [{ path: [] }] });

	const denied = await tab.send("notes.clear");
	expect([denied.status, denied.problem?.code]).toEqual([403, "forbidden"]);

	await tab.send("notes.add", "second");
	expect(tab.values).toMatchObject({ "notes.notes": ["first", "second"], "notes.count": 2 });

	const failed = await tab.send("notes.fail");
	expect(failed.outcome).toMatchObject({ status: "failed", code: "event_failed" });
	expect(tab.values["notes.draft"]).toBe("again");
	const { errorId } = failed.outcome as { errorId: string };
	expect(fixture.log.filter(({ id }) => id === errorId)).toMatchObject([
		{ level: "error", code: "event_failed" },
	]);

	const steps = await tab.send("notes.steps");
	const drafts = steps.lines.flatMap((line) =>
		line.type === "delta" ? [line.delta.values["notes.draft"]] : [],
	);
	expect(drafts.filter(Boolean)).toEqual([["one"], ["two"]]);
	expect(steps.value).toBe("done");

	expect((await tab.send("notes.slow")).value).toBe(7);
	expect(tab.values["notes.draft"]).toBe("from the background");

	const fresh = new StateTab(fixture.origin, browser);
	fresh.client = tab.client;
	await fresh.hydrate();
	expect(fresh.values).toEqual(tab.values);
});

test("a repeated event is answered from memory, and one that nobody can know of is not run", async () => {
	const fixture = await startGate({ gate: notesGate });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const tab = new StateTab(fixture.origin, browser);
	await tab.hydrate();
	const request = tab.request("notes.write", "once");
	expect((await tab.sendRequest(request)).value).toBe(1);
	expect((await tab.sendRequest({ ...request, repeat: true })).value).toBe(1);
	expect((await tab.sendRequest(request)).value).toBe(1);
	expect((await tab.send("notes.write", "twice")).value).toBe(2);
	const lost = await tab.sendRequest({
		...tab.request("notes.write", "lost"),
		epoch: 1,
		repeat: true,
	});
	expect(lost.outcome).toEqual({ status: "unknown" });
	const late = await tab.sendRequest({ ...tab.request("notes.write", "late"), seq: 1 });
	expect([late.status, late.problem?.code]).toEqual([409, "event_out_of_order"]);
	expect((await tab.send("notes.write", "next")).value).toBe(3);
});

test("a stream brings what others changed, and ends with the session", async () => {
	const fixture = await startGate({ gate: notesGate });
	const [ada, bob] = [new ScriptedBrowser(), new ScriptedBrowser()];
	await fixture.signIn(ada);
	await fixture.signIn(bob);
	const [adasTab, bobsTab] = [new StateTab(fixture.origin, ada), new StateTab(fixture.origin, bob)];
	await adasTab.hydrate();
	await bobsTab.hydrate();
	const stream = await bobsTab.stream();
	await adasTab.send("notes.add", "from Ada");
	await vi.waitFor(() => expect(bobsTab.values["notes.count"]).toBe(2));
	await bobsTab.send("notes.write", "mine");

	const { origin } = fixture;
	await bobsTab.post("../logout", {}, {});
	await stream.ended;
	expect(stream.lines.at(-1)).toEqual({ type: "session" });
	expect(origin).toBeTruthy();
});

test("a client that changes hands keeps what is public and nothing else", async () => {
	const fixture = await startGate({ gate: notesGate });
	const browser = new ScriptedBrowser();
	const tab = new StateTab(fixture.origin, browser);
	await tab.hydrate();
	await tab.send("notes.toggle");
	const anonymous = tab.client;
	await fixture.signIn(browser);
	// The tab's name was sealed for somebody who was not signed in: nothing is run for it.
	expect((await tab.send("notes.write", "mine")).problem?.code).toBe("client_stale");
	await tab.hydrate();
	expect(tab.client).not.toBe(anonymous);
	expect(tab.values).toMatchObject({ "notes.dark": true, "notes.notes": ["first"] });
	tab.seq = 0;
	expect((await tab.send("notes.write", "mine")).value).toBe(1);
	await fixture.signIn(browser, { path: "/login" }).catch(() => {});
	browser.jar.clear();
	await tab.hydrate();
	expect(tab.values).toMatchObject({ "notes.dark": true, "notes.draft": "", "notes.notes": [] });
	await fixture.signIn(browser);
	await tab.hydrate();
	expect(tab.values).toMatchObject({ "notes.dark": true, "notes.draft": "" });
});

test("navigations in the browser follow the rules of pages", async () => {
	const fixture = await startGate({ gate: notesGate });
	const tab = new StateTab(fixture.origin);
	expect(await tab.decide("/")).toEqual({ outcome: "allow" });
	expect(await tab.decide("/notes?a=1")).toEqual({
		outcome: "login",
		href: "/login?redirect_to=%2Fnotes%3Fa%3D1",
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const signedIn = new StateTab(fixture.origin, browser);
	expect(await signedIn.decide("/notes")).toEqual({ outcome: "allow" });
	expect(await signedIn.decide("/admin/x")).toEqual({ outcome: "forbidden", href: "/forbidden" });
	await expect(signedIn.decide("https://elsewhere.example/")).rejects.toThrow("body_invalid");
});
