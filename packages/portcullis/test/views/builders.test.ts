import { describe, expect, test } from "vitest";
import type { UiOptions } from "../../src/config/options.ts";
import { Provider } from "../../src/index.ts";
import type { ErrorViewContext, Html, Views } from "../../src/views/index.ts";
import { defaultViews, errorView, html } from "../../src/views/index.ts";
import {
	type GateFixtureOptions,
	type Person,
	providerClass,
	sessionCookies,
	startGate,
} from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

// What a view builder of an app may do, and what becomes of the page if it does something else.

/** How each view is reached, with a word that only its default says. */
const WAYS: Readonly<
	Record<
		keyof Views,
		{
			readonly status: number;
			readonly says: string;
			reach(
				start: typeof startGate,
				ui: UiOptions,
			): Promise<{ page: Answer; log: readonly object[]; browser: ScriptedBrowser }>;
		}
	>
> = {
	login: way(200, "Sign in to continue.", (origin, browser) => browser.navigate(`${origin}/login`)),
	callback: way(200, "You are signed in. If nothing happens", async (origin, browser) => {
		await browser.navigate(`${origin}/login`);
		const sent = await browser.click("/login/generic", { follow: false });
		const back = await browser.navigate(sent.headers.get("location") ?? "", {
			from: origin,
			follow: false,
		});
		return browser.navigate(back.headers.get("location") ?? "", {
			from: sent.headers.get("location") ?? "",
			follow: false,
		});
	}),
	logout: way(200, "You are signed out", (origin, browser) => browser.navigate(`${origin}/logout`)),
	forbidden: way(403, "You do not have access to this page", (origin, browser) =>
		browser.navigate(`${origin}/forbidden`),
	),
	error: way(404, "Page not found", (origin, browser) =>
		browser.navigate(`${origin}/login/nobody`),
	),
};

function way(
	status: number,
	says: string,
	go: (origin: string, browser: ScriptedBrowser) => Promise<Answer>,
) {
	return {
		status,
		says,
		async reach(start: typeof startGate, ui: UiOptions) {
			const fixture = await start({ auth: { ui } });
			const browser = new ScriptedBrowser();
			return { page: await go(fixture.origin, browser), log: fixture.log, browser };
		},
	};
}

const NONSENSE: readonly (readonly [string, (context: unknown) => unknown])[] = [
	[
		"throws",
		() => {
			throw new Error("broken");
		},
	],
	[
		"rejects",
		async () => {
			throw new Error("broken");
		},
	],
	["returns nothing", () => undefined],
	["returns a string, which is nothing that was escaped", () => "<h1>mine</h1>"],
	[
		"returns what JSON could say is markup",
		() => JSON.parse('{"portcullis.html":"<h1>mine</h1>"}'),
	],
	[
		"throws something that is no error",
		() => {
			// biome-ignore lint/style/useThrowOnlyError: what an app may do all the same
			throw null;
		},
	],
];

describe.each(Object.keys(WAYS) as (keyof Views)[])("views.%s", (name) => {
	const { status, says, reach } = WAYS[name];

	test("shows what the builder makes, with the default's status and headers", async () => {
		const views = {
			[name]: async ({ kind, texts }: { kind: string; texts: { lang: string } }) =>
				html`mine ${kind} ${texts.lang}`,
		};
		const { page } = await reach(startGate, { views });
		expect([page.status, page.body]).toEqual([status, `mine ${name} en`]);
		expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
		expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
	});

	test("can wrap its default", async () => {
		const view = defaultViews[name] as (context: unknown) => Html;
		const views = { [name]: (context: unknown) => html`${view(context)}<!-- wrapped -->` };
		const { page } = await reach(startGate, { views });
		expect(page.body).toContain(says);
		expect(page.body).toMatch(/<!-- wrapped -->$/);
	});

	test.each(NONSENSE)("that %s is logged, and the default is shown", async (_, builder) => {
		const { page, log, browser } = await reach(startGate, { views: { [name]: builder as never } });
		expect([page.status, page.body]).toEqual([status, expect.stringContaining(says)]);
		expect(page.body).not.toContain("mine");
		expect(log).toContainEqual(
			expect.objectContaining({
				level: "error",
				code: "internal_error",
				message: expect.stringContaining(`views.${name} `),
			}),
		);
		// A broken page takes nothing from the login that it is about.
		if (name === "callback") expect(sessionCookies(browser)).toHaveLength(4);
	});
});

describe("a provider's own error view", () => {
	/** A provider whose error view asks a method of its own: it runs as a method of the provider. */
	const withView =
		(build: (context: ErrorViewContext) => Html | Promise<Html>) =>
		(name: string): ReturnType<typeof providerClass> =>
			class extends Provider<Person> {
				readonly name = name;
				advice(): string {
					return `Ask the ${this.name} desk`;
				}
				override errorView(context: ErrorViewContext): Html | Promise<Html> {
					const { error } = context;
					return build({
						...context,
						error: { ...error, message: `${error.code}: ${this.advice()}.` },
					});
				}
			};
	const denied = async (options: GateFixtureOptions) => {
		const fixture = await startGate({ providers: ["one", "two"], ...options });
		for (const idp of fixture.idps) idp.set({ authorization: "access-denied" });
		return fixture;
	};

	test("is shown for its own logins and for nobody else's, whatever the gate has", async () => {
		const makeOne = withView(errorView);
		const fixture = await denied({
			providerClass: (name) => (name === "one" ? makeOne(name) : providerClass(name)),
			auth: { ui: { views: { error: () => html`of the gate` } } },
		});
		expect((await fixture.signIn(undefined, { provider: "one" })).body).toContain(
			"access_denied: Ask the one desk.",
		);
		expect((await fixture.signIn(undefined, { provider: "two" })).body).toBe("of the gate");
		const unknown = await new ScriptedBrowser().navigate(`${fixture.origin}/login/three`);
		expect(unknown.body).toBe("of the gate");
	});

	test("that throws is logged, and the default is shown", async () => {
		const fixture = await denied({
			providerClass: withView(() => Promise.reject(new Error("broken"))),
		});
		const page = await fixture.signIn(undefined, { provider: "one" });
		expect([page.status, page.body]).toEqual([
			403,
			expect.stringContaining("Sign-in was not completed"),
		]);
		expect(fixture.log).toContainEqual(
			expect.objectContaining({ message: expect.stringContaining("error threw") }),
		);
	});
});
