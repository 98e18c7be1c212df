import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup, renderToString } from "react-dom/server";
import { afterEach, expect, test, vi } from "vitest";
import { type FakeGate, FakeServer } from "../client/server.fixture.ts";
import { createReactClient } from "./react-client.ts";

const portcullis = createReactClient<FakeGate>({ loginPath: "/sign-in", logoutPath: "/sign-out" });
const {
	PortcullisProvider,
	useServerState,
	useUser,
	SignedIn,
	SignedOut,
	LoginButton,
	LogoutButton,
} = portcullis;

afterEach(() => vi.unstubAllGlobals());

function Notes(): ReactNode {
	const notes = useServerState("notes");
	const count = useServerState("notes", (state) => state.notes.length);
	return `${useUser()?.sub ?? "nobody"}: ${notes.notes.map(({ text }) => text).join()} (${count}) ${notes.$withheld.notes}`;
}

function page(...children: ReactNode[]): ReactNode {
	return createElement("main", null, ...children);
}

test("a server renders what the request's snapshot says, and shares nothing between requests", async () => {
	const server = new FakeServer();
	const anonymous = await server.snapshot();
	server.signIn("ada");
	const ada = await server.snapshot();
	server.signIn("bob");
	server.addNote("Bob's");
	const bob = await server.snapshot();
	const render = (snapshot: typeof ada) =>
		renderToStaticMarkup(
			createElement(PortcullisProvider, { snapshot, toasts: false }, page(createElement(Notes))),
		);
	expect([ada, bob, anonymous, ada].map(render)).toEqual([
		"<main>ada: first (1) false</main>",
		"<main>bob: first,Bob&#x27;s (2) false</main>",
		"<main>nobody:  (0) true</main>",
		"<main>ada: first (1) false</main>",
	]);
	expect(server.log).toEqual([]);
});

test("a server sends nothing and opens nothing while it renders", async () => {
	const used = vi.fn();
	for (const name of ["fetch", "BroadcastChannel", "addEventListener"]) vi.stubGlobal(name, used);
	const snapshot = await new FakeServer().snapshot();
	renderToString(
		createElement(PortcullisProvider, { snapshot }, createElement(Notes), createElement(SignedOut)),
	);
	expect(used).not.toHaveBeenCalled();
});

test("what a server renders has no style attribute, which a strict content security policy would refuse", async () => {
	const snapshot = await new FakeServer().snapshot();
	const markup = renderToString(
		createElement(
			PortcullisProvider,
			{ snapshot },
			createElement(LoginButton),
			createElement(LogoutButton),
		),
	);
	expect(markup).toContain('role="status"');
	expect(markup).not.toMatch(/style/i);
});

test("without a snapshot a server says what is missing", () => {
	const tree = createElement(PortcullisProvider, null, createElement(Notes));
	expect(() => renderToString(tree)).toThrow(
		/"notes" was rendered on a server without its values.*PortcullisProvider/,
	);
});

test("outside of a provider hooks say so, and there is no client of its own on a server", () => {
	expect(() => renderToString(createElement(SignedIn))).toThrow("no PortcullisProvider");
	expect(() => portcullis.client()).toThrow("every request has a client of its own");
});

test("parts for people who are signed in, and for those who are not", async () => {
	const server = new FakeServer();
	const parts = [createElement(SignedIn, null, "in"), createElement(SignedOut, null, "out")];
	const render = (snapshot?: Awaited<ReturnType<FakeServer["snapshot"]>>) =>
		renderToStaticMarkup(
			createElement(PortcullisProvider, { snapshot, toasts: false }, page(...parts)),
		);
	expect(render(await server.snapshot())).toBe("<main>out</main>");
	server.signIn("ada");
	expect(render(await server.snapshot())).toBe("<main>in</main>");
	// Nothing is claimed while it is not known.
	expect(render()).toBe("<main></main>");
});

test("the buttons work without script", async () => {
	const snapshot = await new FakeServer().snapshot();
	const html = renderToStaticMarkup(
		createElement(
			PortcullisProvider,
			{ snapshot, toasts: false },
			createElement(LoginButton, { provider: "okta", redirectTo: "/a?b=c&d" }),
			createElement(LoginButton, { className: "x" }, "In"),
			createElement(LogoutButton),
		),
	);
	expect(html).toBe(
		'<a href="/sign-in/okta?redirect_to=%2Fa%3Fb%3Dc%26d">Sign in</a>' +
			'<a href="/sign-in?redirect_to=%2F" class="x">In</a>' +
			'<form action="/sign-out"><button type="submit">Sign out</button></form>',
	);
});

test("labels are the app's own from the first paint on", async () => {
	const snapshot = await new FakeServer().snapshot();
	const { PortcullisProvider, LoginButton } = createReactClient<FakeGate>({
		texts: { signIn: "Anmelden" },
	});
	const html = renderToStaticMarkup(
		createElement(PortcullisProvider, { snapshot, toasts: false }, createElement(LoginButton)),
	);
	expect(html).toBe('<a href="/login?redirect_to=%2F">Anmelden</a>');
});

test("the regions that announce messages are there before any message, without inline styles; they can be replaced", async () => {
	const snapshot = await new FakeServer().snapshot();
	const render = (toasts?: ReactNode | (() => ReactNode)) =>
		renderToStaticMarkup(
			createElement(PortcullisProvider, { snapshot, ...(toasts === undefined ? {} : { toasts }) }),
		);
	expect(render()).toBe('<div role="status"></div><div role="alert"></div>');
	expect(render(false)).toBe("");
	expect(render(createElement("b", null, "mine"))).toBe("<b>mine</b>");
	expect(render(() => createElement("i", null, "made"))).toBe("<i>made</i>");
});
