import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeElement, FakePage } from "../../test/support/fake-page.ts";
import { popupOpenerScript } from "../views/page-scripts.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => vi.useRealTimers());

interface Popup {
	name: string;
	closed: boolean;
	close: () => void;
}

let page: FakePage;
let popups: Popup[];
/** What the server says of the popup, and of the session. */
let claim: (body: { verifier: string; ancestors: string[]; handoff?: string }) => Response;
let signedIn: boolean;

beforeEach(() => {
	popups = [];
	signedIn = true;
	claim = () => Response.json({ status: "pending" });
	page = new FakePage();
	page.data = { endpoints: "/_portcullis", ancestor: "", frames: "" };
	page.location = new URL("https://app.example/login?redirect_to=%2Fnotes");
	page.links.push(new FakeElement());
	(page.links[0] as FakeElement).href = "https://app.example/login/dev?redirect_to=%2Fnotes";
	page.fetch.mockImplementation(async (path, init) =>
		path.endsWith("/session") ? Response.json({ signedIn }) : claim(JSON.parse(String(init?.body))),
	);
	page.globals.open = () => {
		const popup: Popup = {
			name: "",
			closed: false,
			close: () => {
				popup.closed = true;
			},
		};
		popups.push(popup);
		return popup;
	};
});

/** Presses the button, and waits until the popup is on its way. */
async function press(): Promise<void> {
	const before = page.body.children.length;
	(page.links[0] as FakeElement).click();
	await vi.waitFor(() => expect(page.body.children).toHaveLength(before + 1));
}

/** What the page shows of its messages. */
const shown = () =>
	["waiting", "blocked", "lost", "refused", "unkept"].filter(
		(name) => !page.the(`popup-${name}`).hidden,
	);

const fields = () =>
	Object.fromEntries(
		(page.body.children.at(-1)?.children ?? []).map(({ name, value }) => [name, value]),
	);

/** What the popup says at its end; by default of the newest one. */
const say = (challenge = fields().challenge) => {
	page.say("portcullis:handoff", { type: "portcullis:handoff", challenge, handoff: "h" });
};

const taken = (redirectTo: unknown) => () => Response.json({ status: "signed_in", redirectTo });

test("sends the popup on by a form, and goes where the server says", async () => {
	page.run(popupOpenerScript);
	await press();
	const form = page.body.children[0] as FakeElement;
	expect([form.method, form.action, form.sent]).toEqual(["post", "/login/dev", 1]);
	expect(form.target).toBe(popups[0]?.name);
	expect(fields()).toEqual({
		challenge: expect.stringMatching(/^[\w-]{43}$/),
		ancestors: "",
		redirect_to: "/notes",
	});
	expect(shown()).toEqual(["waiting"]);
	const asked: unknown[] = [];
	claim = (body) => {
		asked.push(body);
		return taken("/elsewhere?b=2")();
	};
	await vi.advanceTimersByTimeAsync(1000);
	expect(asked).toEqual([{ verifier: expect.stringMatching(/^[\w-]{43}$/), ancestors: [] }]);
	expect(page.replaced).toEqual(["/elsewhere?b=2"]);
	expect(popups[0]?.closed).toBe(true);
});

test.each(["https://evil.example/", "javascript:alert(1)", "//evil.example", undefined, 7])(
	"never leaves the app: %j",
	async (address) => {
		page.run(popupOpenerScript);
		await press();
		claim = taken(address);
		say();
		await vi.waitFor(() => expect(page.replaced).toHaveLength(1));
		expect(page.replaced).toEqual([address === 7 ? "/7" : "/"]);
	},
);

test("a popup that was blocked is said, with a link", async () => {
	page.globals.open = () => null;
	page.run(popupOpenerScript);
	(page.links[0] as FakeElement).click();
	await vi.waitFor(() => expect(shown()).toEqual(["blocked"]));
	expect(page.the("popup-tab")).toMatchObject({ hidden: false, href: "/notes" });
	expect(page.fetch).not.toHaveBeenCalled();
});

test("a message about another popup is not for it", async () => {
	page.run(popupOpenerScript);
	await press();
	claim = () => new Response(null, { status: 403 });
	say("another");
	page.window.fire("message", {
		origin: "https://evil.example",
		source: popups[0],
		data: { type: "portcullis:handoff", challenge: fields().challenge, handoff: "h" },
	});
	page.window.fire("message", {
		origin: "https://app.example",
		source: {},
		data: { type: "portcullis:handoff", challenge: fields().challenge, handoff: "h" },
	});
	await vi.advanceTimersByTimeAsync(0);
	expect(page.fetch).not.toHaveBeenCalled();
	page.window.fire("message", {
		origin: "https://app.example",
		source: popups[0],
		data: { type: "portcullis:handoff", challenge: fields().challenge, handoff: "h" },
	});
	await vi.waitFor(() => expect(shown()).toEqual(["refused"]));
	expect(popups[0]?.closed).toBe(true);
});

test("cookies that the browser drops are said", async () => {
	page.run(popupOpenerScript);
	await press();
	signedIn = false;
	claim = taken("/notes");
	say();
	await vi.waitFor(() => expect(shown()).toEqual(["unkept"]));
	expect(page.replaced).toEqual([]);
});

test("a popup that is lost is said, stays open, and may still sign in", async () => {
	page.run(popupOpenerScript);
	await press();
	await vi.advanceTimersByTimeAsync(180_000);
	expect(shown()).toEqual(["lost"]);
	expect(popups[0]?.closed).toBe(false);
	claim = taken("/notes");
	say();
	await vi.waitFor(() => expect(page.replaced).toEqual(["/notes"]));
});

test("where the server keeps nothing, a popup that is closed is lost", async () => {
	page.run(popupOpenerScript);
	await press();
	claim = () => new Response(null, { status: 404 });
	await vi.advanceTimersByTimeAsync(10_000);
	expect(page.fetch).toHaveBeenCalledTimes(1);
	expect(shown()).toEqual(["waiting"]);
	(popups[0] as Popup).closed = true;
	await vi.advanceTimersByTimeAsync(3000);
	expect(shown()).toEqual(["lost"]);
});

test("the newest popup counts alone", async () => {
	page.run(popupOpenerScript);
	await press();
	const { challenge } = fields();
	await press();
	claim = taken("/notes");
	say(challenge);
	await vi.advanceTimersByTimeAsync(0);
	expect(page.fetch).not.toHaveBeenCalled();
	say();
	await vi.waitFor(() => expect(page.replaced).toEqual(["/notes"]));
});

test("at the top, links that open popups in frames alone are plain links", async () => {
	page.data.frames = "only";
	const link = page.links[0] as FakeElement;
	const removed = vi.spyOn(link, "removeAttribute");
	page.run(popupOpenerScript);
	expect(removed).toHaveBeenCalledWith("target");
	expect(link.fire("click")).toBe(true);
});

test.each<[string, Record<string, unknown>, string, string[]]>([
	[
		"that the browser names",
		{ ancestorOrigins: ["https://a.example", "https://b.example"] },
		"",
		["https://a.example", "https://b.example"],
	],
	["that the gate allows alone", {}, "https://host.example", ["https://host.example"]],
	["that led here", {}, "", ["https://before.example"]],
])("in a frame it says the page above %s", async (_, location, ancestor, above) => {
	page.data.ancestor = ancestor;
	page.globals.parent = {};
	page.run(popupOpenerScript, { location, referrer: "https://before.example/x" });
	await press();
	expect(fields().ancestors).toBe(above.join(" "));
});
