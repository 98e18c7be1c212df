import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Snapshot } from "../wire/state.ts";
import { FakeBrowser, type FakeTab, fakeStorage } from "./browser.fixture.ts";
import { createClientOn } from "./client.ts";
import type { Client, ClientOptions } from "./client-types.ts";
import "./later.ts";
import { type FakeGate, FakeServer, problem } from "./server.fixture.ts";

let server: FakeServer;
let browser: FakeBrowser;
const opened: Client[] = [];

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
	server = new FakeServer();
	browser = new FakeBrowser(server.fetch);
});

afterEach(() => {
	for (const client of opened.splice(0)) client.close();
	vi.useRealTimers();
});

function open(
	tab: FakeTab = browser.tab(),
	options: ClientOptions<FakeGate> = {},
): Client<FakeGate> {
	const client = createClientOn<FakeGate>(tab.platform, options);
	opened.push(client as unknown as Client);
	return client;
}

/** A client of a person with the state in use. */
async function openUsed(
	tab?: FakeTab,
	options?: ClientOptions<FakeGate>,
): Promise<Client<FakeGate>> {
	const client = open(tab, options);
	client.subscribe("notes", () => {});
	await pass(500);
	await client.ready("notes");
	return client;
}

/** Lets so many milliseconds pass, with all that happens in them. */
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

const network = () => Promise.reject(new TypeError("network"));

describe("requests", () => {
	test("are POST with JSON and the header that script alone can send", async () => {
		await openUsed();
		expect(server.log.length).toBeGreaterThan(1);
		for (const { init } of server.log) {
			expect(init).toMatchObject({
				method: "POST",
				headers: { "Content-Type": "application/json", "portcullis-request": "1" },
				credentials: "same-origin",
				cache: "no-store",
				redirect: "error",
			});
		}
	});

	test("are not sent before something is used", async () => {
		const client = open(browser.tab(), { snapshot: await server.snapshot() });
		const { dark } = client.state("notes");
		expect([dark, client.session()]).toEqual([false, { signedIn: false }]);
		await pass(1000);
		expect([server.log, browser.messages]).toEqual([[], []]);
	});

	test("about several states that are used at once are one", async () => {
		const client = open();
		await Promise.all([client.ready("notes"), client.ready("other"), client.ready()]);
		expect(server.sent("hydrate").map(({ body }) => body)).toEqual([
			{ states: ["notes", "other"] },
		]);
	});
});

describe("values", () => {
	test("are withheld from nobody's tab, and there after sign-in", async () => {
		const client = await openUsed();
		expect(client.state("notes").$withheld).toMatchObject({
			dark: false,
			draft: true,
			notes: true,
		});
		server.signIn("ada");
		await client.hydrate();
		const notes = client.state("notes");
		expect(notes.notes).toEqual([{ text: "first" }]);
		expect(notes.$withheld).toMatchObject({ dark: false, draft: false, notes: false });
	});

	test("keep their identity while they do not change, and so does the view", async () => {
		server.signIn("ada");
		const client = await openUsed();
		const before = client.state("notes");
		await client.hydrate();
		expect(client.state("notes")).toBe(before);
		server.addNote("second");
		await pass(100);
		const after = client.state("notes");
		expect(after).not.toBe(before);
		expect(after.notes).toHaveLength(2);
		expect(after.notes[0]).toBe(before.notes[0]);
		expect(after.write).toBe(before.write);
	});

	test("of the former person are gone in the update that brings the next one", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("secret");
		const seen: unknown[] = [];
		const look = () =>
			seen.push([
				client.session()?.signedIn,
				client.state("notes").draft,
				client.state("notes").notes,
			]);
		client.subscribe("notes", look);
		client.subscribeSession(look);
		server.signOut();
		await client.hydrate();
		expect(seen.length).toBeGreaterThan(1);
		for (const each of seen) expect(each).toEqual([false, "", []]);
	});

	test("that come late replace nothing newer", async () => {
		server.signIn("ada");
		const client = await openUsed();
		let release = () => {};
		server.fault = async ({ path }, serve) => {
			const response = await serve();
			if (path.endsWith("hydrate")) await new Promise<void>((resolve) => (release = resolve));
			return response;
		};
		const hydrated = client.hydrate();
		await pass(0);
		await client.state("notes").write("newer");
		release();
		await hydrated;
		expect(client.state("notes").draft).toBe("newer");
	});

	test("of a state that does not exist are an error, told once", async () => {
		const client = open() as unknown as Client;
		await expect(client.ready("nothing" as never)).rejects.toThrow('no state "nothing"');
		expect(() => client.state("nothing" as never)).toThrow("not there");
	});

	test("are tried for until the server can be reached", async () => {
		const client = open();
		server.fault = network;
		const ready = client.ready("notes");
		await pass(10_000);
		expect(server.log.length).toBeGreaterThan(3);
		server.fault = undefined;
		await pass(30_000);
		await ready;
		expect(client.has("notes")).toBe(true);
	});
});

describe("a snapshot", () => {
	test("is there at once, and is the tab's client", async () => {
		server.signIn("ada");
		const snapshot = await server.snapshot();
		const client = await openUsed(browser.tab(), { snapshot });
		expect(client.state("notes")).toBe(client.first.state("notes"));
		expect(server.sent("hydrate")).toEqual([]);
		expect(await client.state("notes").write("x")).toEqual({ ok: true, status: "ok", value: "X" });
		expect(server.sent("event")[0]?.body.client).toBe(snapshot.client);
		expect(client.first.state("notes")?.draft).toBe("");
	});

	test("gives way to the client that the tab has kept, whatever its numbers", async () => {
		server.signIn("ada");
		const storage = fakeStorage();
		const before = await openUsed(browser.tab({ storage }));
		await before.state("notes").write("kept");
		before.close();
		const snapshot: Snapshot = { ...(await server.snapshot()), rev: Number.MAX_SAFE_INTEGER };
		const client = open(browser.tab({ storage }), { snapshot });
		expect(client.state("notes").draft).toBe("");
		client.subscribe("notes", () => {});
		await vi.waitFor(() => expect(client.state("notes").draft).toBe("kept"));
		await client.state("notes").write("more");
		expect(client.state("notes").draft).toBe("more");
		expect(server.ran).toEqual(["write kept", "write more"]);
	});
});

describe("the tab's name", () => {
	test("survives a reload", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const before = await openUsed(tab);
		await before.state("notes").write("kept");
		tab.fire("pagehide", { persisted: false });
		const after = await openUsed(browser.tab({ storage: tab.storage }));
		expect(after.state("notes").draft).toBe("kept");
		expect(await after.state("notes").write("next")).toMatchObject({ ok: true });
	});

	test("is not shared with a duplicated tab", async () => {
		server.signIn("ada");
		const storage = fakeStorage();
		const first = await openUsed(browser.tab({ storage }));
		await first.state("notes").write("mine");
		const second = await openUsed(browser.tab({ storage: fakeStorage(storage.items) }));
		expect(second.state("notes").draft).toBe("");
		await second.state("notes").write("its own");
		expect(first.state("notes").draft).toBe("mine");
	});

	test.each([["storage"], ["locks"], ["channel"]] as const)(
		"is done without where there is no %s",
		async (missing) => {
			server.signIn("ada");
			const client = await openUsed(browser.tab({ without: [missing] }));
			await client.state("notes").write("x");
			server.addNote("second");
			await vi.waitFor(() => expect(client.state("notes").notes).toHaveLength(2));
			expect(server.streams).toHaveLength(1);
		},
	);

	test("is done without where storage throws", async () => {
		const storage = { getItem: () => fail(), setItem: () => fail() };
		const client = await openUsed(browser.tab({ storage }));
		expect(await client.state("notes").toggle()).toMatchObject({ ok: true });
	});
});

function fail(): never {
	throw new DOMException("denied", "SecurityError");
}

describe("events", () => {
	test("answer with the value, and have changed the state by then", async () => {
		server.signIn("ada");
		const client = await openUsed();
		const result = client.state("notes").write("hello");
		expect(client.state("notes").write.pending).toBe(true);
		expect(await result).toEqual({ ok: true, status: "ok", value: "HELLO" });
		expect(client.state("notes").write.pending).toBe(false);
		expect(client.state("notes").draft).toBe("hello");
	});

	test("go one at a time and in order", async () => {
		server.signIn("ada");
		const client = await openUsed();
		const { write } = client.state("notes");
		await Promise.all([write("a"), write("b"), write("c")]);
		expect(server.ran).toEqual(["write a", "write b", "write c"]);
		expect(server.sent("event").map(({ body }) => body.seq)).toEqual([1, 2, 3]);
	});

	test("in the background hold up nobody", async () => {
		server.signIn("ada");
		const client = await openUsed();
		let finish = () => {};
		server.slow = new Promise((resolve) => {
			finish = resolve;
		});
		const slow = client.state("notes").slow("late");
		expect(await client.state("notes").write("soon")).toMatchObject({ ok: true });
		expect(client.state("notes").slow.pending).toBe(true);
		finish();
		expect(await slow).toEqual({ ok: true, status: "ok", value: "late" });
	});

	test("of nobody lead to the login page and back", async () => {
		const tab = browser.tab();
		const client = await openUsed(tab);
		expect(await client.state("notes").write("x")).toEqual({
			ok: false,
			status: "denied",
			reason: "login",
		});
		expect(tab.visited).toEqual(["/login?redirect_to=%2Fnotes%3Fa%3D1%23top"]);
	});

	test("that take another sign-in lead to the provider and back, and nobody is signed out", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const client = await openUsed(tab);
		expect(await client.state("notes").again()).toEqual({
			ok: false,
			status: "denied",
			reason: "login",
		});
		expect(tab.visited).toEqual(["/_portcullis/step-up/sealed?redirect_to=%2Fnotes%3Fa%3D1%23top"]);
		expect(client.session()).toMatchObject({ signedIn: true });
	});

	test("that are refused tell how, leave a message and leave their place to the next", async () => {
		server.signIn("ada");
		const client = await openUsed();
		const { admin, write, fail: failing } = client.state("notes");
		expect(await admin()).toEqual({ ok: false, status: "denied", reason: "forbidden" });
		expect(client.toasts.list()).toMatchObject([{ message: "Action not allowed", kind: "error" }]);
		const issues = [{ message: "not a string", path: [] }];
		expect(await write(3 as unknown as string)).toEqual({ ok: false, status: "invalid", issues });
		expect(await failing()).toEqual({
			ok: false,
			status: "failed",
			code: "event_failed",
			errorId: "e1",
		});
		// Nothing of the app has told the person.
		await pass(0);
		expect(client.toasts.list().map(({ message }) => message)).toEqual([
			"Action not allowed",
			"That did not work. Nothing was changed. (e1)",
		]);
		const handled = await failing();
		if (handled.status === "failed") handled.handled();
		await pass(0);
		expect(client.toasts.list()).toHaveLength(2);
		await write("x");
		expect(server.sent("event").map(({ body }) => body.seq)).toEqual([1, 1, 1, 2, 3]);
	});

	test("take no browser event for an input, and nothing that is no JSON", async () => {
		const client = await openUsed();
		const { toggle } = client.state("notes");
		const handler = toggle as unknown as (event: object) => unknown;
		const click: { preventDefault(): void; target?: unknown } = { preventDefault() {} };
		click.target = click;
		expect(await handler(click)).toMatchObject({ ok: true });
		expect(server.sent("event")[0]?.body).not.toHaveProperty("payload");
		expect(await handler({ a: 1n })).toMatchObject({ ok: false, status: "invalid" });
	});

	test("are not sent for the next person", async () => {
		server.signIn("ada");
		const client = await openUsed();
		server.fault = ({ path }) => (path.endsWith("event") ? network() : undefined);
		const result = client.state("notes").write("Ada's");
		const queued = client.state("notes").write("Ada's too");
		await pass(100);
		server.signIn("bob");
		await client.hydrate();
		server.fault = undefined;
		await pass(60_000);
		expect([await result, await queued]).toEqual([
			{ ok: false, status: "unknown" },
			{ ok: false, status: "failed", code: "client_stale" },
		]);
		expect(server.ran).toEqual([]);
	});

	test("for a record that is somebody else's by now are not run, and what is shown is made current", async () => {
		server.signIn("ada");
		const client = await openUsed(browser.tab({ without: ["channel"] }));
		server.fault = ({ path }) => (path.endsWith("stream") ? network() : undefined);
		server.signIn("bob");
		expect(await client.state("notes").write("whose?")).toEqual({
			ok: false,
			status: "failed",
			code: "client_stale",
		});
		expect([server.ran, client.session()]).toMatchObject([[], { user: { sub: "bob" } }]);
	});

	test("wait when the server asks for patience, with the same id, but not for ever", async () => {
		server.signIn("ada");
		const client = await openUsed();
		server.fault = async ({ path }) =>
			path.endsWith("event")
				? problem(503, "state_busy", {}, { "Retry-After": "2" })
				: (undefined as never);
		const busy = client.state("notes").write("x");
		await pass(60_000);
		expect(await busy).toMatchObject({ status: "failed", code: "state_busy" });
		const ids = server.sent("event").map(({ body }) => body.id);
		expect([ids.length, new Set(ids).size]).toEqual([4, 1]);
		expect(server.sent("event").every(({ body }) => body.repeat === undefined)).toBe(true);
		server.fault = undefined;
		expect(await client.state("notes").write("y")).toMatchObject({ ok: true });
	});

	test("that had no answer are repeated, and run once", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("before");
		let count = 0;
		server.fault = async ({ path }, serve) => {
			const response = await serve();
			if (path.endsWith("event") && ++count < 3) throw new TypeError("the answer got lost");
			return response;
		};
		const at = Date.now();
		const result = client.state("notes").write("once");
		await pass(5000);
		expect(await result).toEqual({ ok: true, status: "ok", value: "ONCE" });
		expect(server.ran).toEqual(["write before", "write once"]);
		const sent = server.sent("event").slice(1);
		expect(sent.map(({ body, at: then }) => [body.repeat, then - at])).toEqual([
			[undefined, 0],
			[true, 500],
			[true, 1500],
		]);
		expect(client.state("notes").draft).toBe("once");
	});

	test("whose answer breaks off before the outcome are repeated", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("before");
		let isFirst = true;
		server.fault = async ({ path }, serve) => {
			const response = await serve();
			if (!path.endsWith("event") || !isFirst) return response;
			isFirst = false;
			const text = await response.text();
			return new Response(text.slice(0, text.indexOf("\n") + 20), { headers: response.headers });
		};
		const result = client.state("notes").write("once");
		await pass(1000);
		expect(await result).toMatchObject({ ok: true, value: "ONCE" });
		expect(server.ran).toEqual(["write before", "write once"]);
	});

	test("are given up as unknown after five tries, and the state is fetched anew", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("before");
		server.fault = async ({ path }, serve) => {
			const response = await serve();
			return path.endsWith("event") ? network() : response;
		};
		const result = client.state("notes").write("happened");
		await pass(8000);
		expect(await result).toEqual({ ok: false, status: "unknown" });
		expect(server.sent("event")).toHaveLength(6);
		server.fault = undefined;
		await pass(100);
		expect(client.state("notes").draft).toBe("happened");
	});

	test("are unknown after a restart, never run twice, and others go on", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("before");
		let isFirst = true;
		server.fault = async ({ path }, serve) => {
			const response = await serve();
			if (!path.endsWith("event") || !isFirst) return response;
			isFirst = false;
			server.restart();
			throw new TypeError("gone");
		};
		const lost = client.state("notes").add("perhaps");
		const next = client.state("notes").write("after");
		await pass(5000);
		expect(await lost).toEqual({ ok: false, status: "unknown" });
		expect(await next).toMatchObject({ ok: true });
		expect(server.ran).toEqual(["write before", "add perhaps", "write after"]);
	});

	test("a proxy's page is no answer; an answer that is no lines is none either", async () => {
		server.signIn("ada");
		const client = await openUsed();
		await client.state("notes").write("before");
		const answers = [
			new Response("Bad gateway", { status: 502 }),
			new Response("<p>Log in to the Wi-Fi"),
		];
		server.fault = ({ path }) => {
			const answer = path.endsWith("event") ? answers.shift() : undefined;
			return answer && Promise.resolve(answer);
		};
		const result = client.state("notes").write("x");
		await pass(5000);
		expect(await result).toMatchObject({ ok: true });
		expect(server.sent("event")).toHaveLength(4);
	});

	test("that came out of order go to the end", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const client = await openUsed(tab);
		await client.state("notes").write("one");
		await client.state("notes").write("two");
		const kept = JSON.parse(tab.storage.getItem("portcullis:/_portcullis") ?? "");
		tab.fire("pagehide");
		const storage = fakeStorage(
			new Map([["portcullis:/_portcullis", JSON.stringify({ ...kept, seq: 0 })]]),
		);
		const again = await openUsed(browser.tab({ storage }));
		const result = again.state("notes").write("three");
		await pass(100);
		expect(await result).toMatchObject({ ok: true });
		expect(server.ran).toEqual(["write one", "write two", "write three"]);
	});

	test("debounce sends the last one, throttle the first", async () => {
		const client = await openUsed();
		const { type, often } = client.state("notes");
		const typed = [type("a"), type("ab"), type("abc")];
		await pass(299);
		expect(server.ran).toEqual([]);
		await pass(1);
		expect((await Promise.all(typed)).map(({ status }) => status)).toEqual([
			"dropped",
			"dropped",
			"ok",
		]);
		const clicks = await Promise.all([often(), often()]);
		await pass(1000);
		expect([...clicks, await often()].map(({ status }) => status)).toEqual(["ok", "dropped", "ok"]);
		expect(server.ran).toEqual(["type abc", "often", "often"]);
	});

	test("temporal ones are dropped while the server cannot be reached", async () => {
		const tab = browser.tab();
		const client = await openUsed(tab);
		const { ping, toggle } = client.state("notes");
		tab.isOffline = true;
		expect(await ping()).toEqual({ ok: false, status: "dropped" });
		tab.isOffline = false;
		server.fault = ({ path }) => (path.endsWith("event") ? network() : undefined);
		const head = toggle();
		const behind = ping();
		await pass(100);
		expect(await behind).toEqual({ ok: false, status: "dropped" });
		server.fault = undefined;
		await pass(1000);
		await head;
		expect(await ping()).toMatchObject({ ok: true });
		expect(server.ran.filter((name) => name === "ping")).toHaveLength(1);
	});

	test("have effects: messages, a redirect within the app, one to elsewhere, and none to script", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const went: string[] = [];
		const client = await openUsed(tab, { navigate: (path) => went.push(path) });
		const { add, leave } = client.state("notes");
		await add("x");
		expect(client.toasts.list()).toMatchObject([{ message: "Added", kind: "success" }]);
		for (const to of [
			"/next?b=2",
			"https://other.example/x",
			"javascript:alert(1)",
			"//evil.example/",
			"/\\evil.example",
			"/.//evil.example",
			"blob:https://app.example/1",
		])
			await leave(to);
		expect([went, tab.visited]).toEqual([["/next?b=2"], ["https://other.example/x"]]);
	});
});

describe("navigation", () => {
	test("asks about the path, without its fragment", async () => {
		server.signIn("ada");
		const client = await openUsed();
		expect(await client.navigate("/notes?b=1#c")).toEqual({ outcome: "allow" });
		expect(server.sent("hydrate").at(-1)?.body).toMatchObject({ path: "/notes?b=1", states: [] });
		expect(await client.navigate("/admin")).toEqual({ outcome: "forbidden", href: "/forbidden" });
		await client.state("notes").write("x");
		expect(server.sent("event").at(-1)?.body.rev).not.toBe(0);
	});

	test("that finds somebody else brings their values before it goes on", async () => {
		server.signIn("ada");
		const client = await openUsed(browser.tab({ without: ["channel"] }));
		server.fault = ({ path }) => (path.endsWith("stream") ? network() : undefined);
		server.signOut();
		expect(await client.navigate("/notes")).toMatchObject({ outcome: "login" });
		expect([client.session(), client.state("notes").notes]).toEqual([{ signedIn: false }, []]);
	});

	test("is not allowed where there is no answer", async () => {
		const client = await openUsed();
		server.fault = network;
		await expect(client.navigate("/")).rejects.toThrow("network");
		server.fault = (_, serve) =>
			serve().then(async (response) =>
				Response.json({ ...(await response.json()), page: undefined }),
			);
		await expect(client.navigate("/")).rejects.toThrow("No decision");
	});

	test.each(["javascript:alert(1)", "https://evil.example/", "//evil.example", "/.//evil.example"])(
		"is not led to %j by a decision",
		async (href) => {
			const client = await openUsed();
			server.fault = (_, serve) =>
				serve().then(async (response) =>
					Response.json({ ...(await response.json()), page: { outcome: "login", href } }),
				);
			await expect(client.navigate("/")).rejects.toThrow("No decision");
		},
	);

	test.each([
		"javascript:alert(1)//",
		"https://evil.example/",
		"//evil.example",
		"/.//evil.example",
	])("is not led to %j by an event that takes another sign-in: to the login page", async (href) => {
		const tab = browser.tab();
		const client = await openUsed(tab);
		server.fault = ({ path }) =>
			path.endsWith("event")
				? Promise.resolve(
						Response.json({ status: 401, code: "step_up_required", href }, { status: 401 }),
					)
				: undefined;
		await client.state("notes").write("x");
		expect(tab.visited).toEqual(["/login?redirect_to=%2Fnotes%3Fa%3D1%23top"]);
	});

	test("login and logout leave the page", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const client = await openUsed(tab);
		await client.login("okta", "/after");
		await client.logout();
		expect(tab.visited).toEqual(["/login/okta?redirect_to=%2Fafter", "/logout"]);
		// The page that it leads to ends the session: by a script's request the provider would not be
		// told whose session it is.
		expect(server.log.filter(({ path }) => path === "/logout")).toEqual([]);
	});
});

describe("in a frame", () => {
	test("a login whose window is blocked goes to the login page, which opens it by a button", async () => {
		const tab = browser.tab();
		const client = await openUsed(tab);
		tab.openWindow = () => null;
		await client.login(undefined, "/after");
		expect(tab.visited).toEqual(["/login?redirect_to=%2Fafter"]);
	});

	test("a logout leads the window to the provider, which refuses to be framed, and the frame to the logout page", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const client = await openUsed(tab);
		const went: string[] = [];
		const location = { replace: (href: string) => went.push(href) };
		tab.openWindow = () => ({
			name: "",
			closed: false,
			location,
			close: () => went.push("closed"),
		});
		server.fault = ({ path }, serve) =>
			path === "/logout"
				? Promise.resolve(Response.json({ location: "https://idp.example/end?state=1" }))
				: serve();
		await client.logout();
		expect([went, tab.visited]).toEqual([["https://idp.example/end?state=1"], ["/logout"]]);
		server.fault = undefined;
		await client.logout();
		expect(went).toEqual(["https://idp.example/end?state=1", "closed"]);
	});
});

describe("a page on the way back", () => {
	test("is not seen before it is known who looks at it", async () => {
		server.signIn("ada");
		const tab = browser.tab();
		const client = await openUsed(tab);
		await client.state("notes").write("Ada's");
		tab.fire("pagehide", { persisted: true });
		expect(tab.isHidden).toBe(true);
		await pass(1000);
		expect(server.streams).toEqual([]);
		server.signIn("bob");
		tab.fire("pageshow", { persisted: true });
		expect(tab.isHidden).toBe(true);
		await pass(500);
		expect([tab.isHidden, client.state("notes").draft]).toEqual([false, ""]);
		expect(server.streams).toHaveLength(1);
		server.addNote("live");
		await pass(100);
		expect(client.state("notes").notes).toHaveLength(2);
	});
});
