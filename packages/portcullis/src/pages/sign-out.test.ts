import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakePage } from "../../test/support/fake-page.ts";
import { signOutScript } from "../views/page-scripts.ts";

const NOW = 1_800_000_000_000;
const MARK = "portcullis:refresh /_portcullis";

beforeEach(
	() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW }),
);
afterEach(() => vi.useRealTimers());

/** A page that has run its script; `presses` as the gate sends it. */
function run(presses: string, set: (page: FakePage) => void = () => {}): FakePage {
	const page = new FakePage();
	page.data = { endpoints: "/_portcullis", presses };
	set(page);
	page.run(signOutScript);
	return page;
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test("the page that asks sends nothing by itself, and then once", async () => {
	const page = run("");
	await settle();
	expect(page.fetch).not.toHaveBeenCalled();
	page.button.click();
	page.button.click();
	expect(page.posted).toBe(0);
	await settle();
	expect(page.fetch.mock.calls[0]?.[0]).toBe("/_portcullis/session");
	page.button.click();
	expect(page.posted).toBe(1);
});

test("the page that leaves presses the button, but not after Back", async () => {
	const page = run("yes");
	await settle();
	expect(page.posted).toBe(1);
	const back = run("yes", (page) => {
		page.globals.performance = { getEntriesByType: () => [{ type: "back_forward" }] };
	});
	await settle();
	expect(back.posted).toBe(0);
});

test("what was typed is thrown away", async () => {
	const page = run("yes", ({ storage }) => storage.set("portcullis:/_portcullis.drafts", "{}"));
	expect([...page.storage.keys()]).toEqual([]);
	await settle();
});

test("a refresh that another tab has under way is waited for", async () => {
	let generation = 3;
	const page = run("yes", (page) => {
		page.storage.set(MARK, JSON.stringify({ generation: 3, time: NOW - 1000 }));
		page.fetch.mockImplementation(async () =>
			Response.json({ signedIn: false, refresh: { generation, at: 0 } }),
		);
	});
	await vi.advanceTimersByTimeAsync(1000);
	expect(page.posted).toBe(0);
	generation = 4;
	await vi.advanceTimersByTimeAsync(250);
	expect(page.posted).toBe(1);
});

test.each([
	["a mark that is too old", { generation: 3, time: NOW - 15_000 }],
	["a mark of another session", { generation: 2, time: NOW }],
	["a mark that is done", { generation: 3, time: NOW, done: true }],
	["no mark but noise", "noise"],
])("%s is not waited for", async (_, mark) => {
	const page = run("yes", (page) => {
		page.storage.set(MARK, JSON.stringify(mark));
		page.fetch.mockImplementation(async () =>
			Response.json({ signedIn: false, refresh: { generation: 3, at: 0 } }),
		);
	});
	await settle();
	expect(page.posted).toBe(1);
});

test.each([
	["a server that refuses", () => Promise.resolve(new Response(null, { status: 503 }))],
	["a server out of reach", () => Promise.reject(new TypeError("Failed to fetch"))],
])("%s does not keep a person signed in", async (_, answer) => {
	const page = run("yes", ({ fetch }) => fetch.mockImplementation(answer));
	await settle();
	expect(page.posted).toBe(1);
});

test("a lock that is never free, or cannot be had, is not waited for longer than a refresh takes", async () => {
	const taken = run("yes", (page) => {
		page.globals.navigator = { locks: { request: () => new Promise(() => {}) } };
	});
	await vi.advanceTimersByTimeAsync(14_999);
	expect(taken.posted).toBe(0);
	await vi.advanceTimersByTimeAsync(1);
	expect(taken.posted).toBe(1);
	const refused = run("yes", (page) => {
		page.globals.navigator = { locks: { request: async () => Promise.reject(new Error()) } };
	});
	await settle();
	expect(refused.posted).toBe(1);
});

test("a page that stays, or comes back, can be sent again", async () => {
	const page = run("");
	page.button.click();
	await vi.advanceTimersByTimeAsync(15_000);
	page.button.click();
	await settle();
	expect(page.posted).toBe(2);
	page.window.fire("pageshow", { persisted: true });
	page.button.click();
	await settle();
	expect(page.posted).toBe(3);
});
