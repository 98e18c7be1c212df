import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeElement, FakePage } from "../../test/support/fake-page.ts";
import { refreshScript } from "../views/page-scripts.ts";

const NOW = 1_800_000_000_000;
const MARK = "portcullis:refresh /_portcullis";
const HERE = "https://app.example/notes?a=1";
const LOGIN = "https://app.example/login?redirect_to=%2Fnotes";
const DUE = { signedIn: false, refresh: { generation: 3, at: 0 } };

beforeEach(
	() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: NOW }),
);
afterEach(() => vi.useRealTimers());

/** A page that has run its script; `answers` of the server by the end of a path. */
async function run(
	answers: Record<string, () => Response | Promise<Response>>,
	set: (page: FakePage) => void = () => {},
): Promise<FakePage> {
	const page = new FakePage();
	page.data = { endpoints: "/_portcullis" };
	page.the("login").href = LOGIN;
	page.the("text").dataset.failed = "Failed.";
	page.the("error").append(new FakeElement());
	page.fetch.mockImplementation(async (path: string) => {
		const answer = answers[path.slice("/_portcullis/".length)];
		if (!answer) throw new TypeError("Failed to fetch");
		return answer();
	});
	set(page);
	page.run(refreshScript);
	await vi.advanceTimersByTimeAsync(0);
	return page;
}

const asked = ({ fetch }: FakePage) => fetch.mock.calls.map(([path]) => path);
const mark = ({ storage }: FakePage) => JSON.parse(storage.get(MARK) ?? "null");

test("refreshes under a mark, tells the other tabs, and asks for the page once more", async () => {
	const seen: unknown[] = [];
	let current = new FakePage();
	const page = await run(
		{
			session: () => Response.json(DUE),
			refresh: () => {
				seen.push(mark(current));
				return Response.json({ renewed: true });
			},
		},
		(fresh) => {
			current = fresh;
		},
	);
	expect(seen).toEqual([{ generation: 3, time: NOW }]);
	expect(mark(page)).toEqual({ generation: 3, time: NOW, done: true });
	const [, init] = page.fetch.mock.calls[1] ?? [];
	expect(init).toMatchObject({
		method: "POST",
		keepalive: true,
		headers: { "portcullis-request": "1" },
	});
	expect(page.messages).toEqual([["portcullis:/_portcullis", { type: "hydrate" }]]);
	expect(page.replaced).toEqual([HERE]);
});

test("does not refresh if another tab was first", async () => {
	const page = await run({ session: () => Response.json({ signedIn: true }) });
	expect(asked(page)).toEqual(["/_portcullis/session"]);
	expect(page.replaced).toEqual([HERE]);
});

test("waits for a refresh that another tab has under way", async () => {
	let session: unknown = DUE;
	const page = await run({ session: () => Response.json(session) }, ({ storage }) =>
		storage.set(MARK, JSON.stringify({ generation: 3, time: NOW - 1000 })),
	);
	expect(page.replaced).toEqual([]);
	session = { signedIn: true };
	await vi.advanceTimersByTimeAsync(250);
	expect(page.replaced).toEqual([HERE]);
	expect(asked(page)).not.toContain("/_portcullis/refresh");
});

test("goes to the login page if the session is over, before or by the refresh", async () => {
	const before = await run({ session: () => Response.json({ signedIn: false }) });
	expect(before.replaced).toEqual([LOGIN]);
	const refused = await run({
		session: () => Response.json(DUE),
		refresh: () => Response.json({}, { status: 401 }),
	});
	expect(refused.replaced).toEqual([LOGIN]);
	expect(refused.messages).toHaveLength(1);
});

test("says that it failed, with the id of the error", async () => {
	const page = await run({
		session: () => Response.json(DUE),
		refresh: () => Response.json({ id: "abc" }, { status: 503 }),
	});
	expect(page.replaced).toEqual([]);
	expect(page.the("text").textContent).toBe("Failed.");
	expect(page.the("onward").hidden).toBe(false);
	expect([page.the("error").hidden, page.the("error").children[0]?.textContent]).toEqual([
		false,
		"abc",
	]);
});

test.each<[string, Parameters<typeof run>[0], number]>([
	["the server is out of reach", {}, 0],
	[
		"the server has no answer about the session",
		{ session: () => new Response(null, { status: 503 }) },
		0,
	],
	["the refresh breaks off", { session: () => Response.json(DUE) }, 0],
	[
		"the refresh is never answered",
		{ session: () => Response.json(DUE), refresh: () => new Promise(() => {}) },
		15_000,
	],
])("says that it failed if %s, and stays", async (_, answers, after) => {
	const page = await run(answers);
	await vi.advanceTimersByTimeAsync(after);
	expect(page.replaced).toEqual([]);
	expect(page.messages).toEqual([]);
	expect(page.the("text").textContent).toBe("Failed.");
	expect(page.the("error").hidden).toBe(true);
});
