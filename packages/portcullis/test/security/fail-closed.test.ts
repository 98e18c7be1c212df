import { describe, expect, it } from "vitest";
import { Provider, portcullis } from "../../src/index.ts";
import { startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { MARKER, type Person, SECRET, sessionCookies, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

/** R76, B11: whatever breaks inside, the app stays shut and nobody becomes a person. */
describe("a check that gives no usable answer", () => {
	const checks: Record<string, () => unknown> = {
		throws: () => {
			throw new Error("database down: password=hunter2");
		},
		rejects: () => Promise.reject(new Error("database down")),
		"returns an object": () => ({ allowed: true }),
		"returns a Response": () => new Response("yes"),
		"returns an error": () => new Error("yes"),
		"returns a truthy text": () => "true",
		"returns null": () => null,
		hangs: () => new Promise(() => {}),
	};
	for (const [name, check] of Object.entries(checks)) {
		it(`${name}: refused, logged without the person's knowledge (R114)`, async () => {
			const fixture = await startGate({
				gate: { pages: { "/admin": { auth: check as () => boolean } } },
			});
			const browser = new ScriptedBrowser();
			await fixture.signIn(browser);
			const answer = await browser.click("/admin");
			expect(answer.status).toBe(403);
			expect(answer.body).not.toMatch(new RegExp(`${MARKER}|hunter2|database`));
			expect(fixture.log).toMatchObject([{ level: "error", code: "forbidden" }]);
		});
	}
});

it("a check that returns undefined refuses without a line in the log", async () => {
	const fixture = await startGate({ gate: { pages: { "/admin": { auth: () => undefined } } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	expect((await browser.click("/admin")).status).toBe(403);
	expect(fixture.log).toEqual([]);
});

describe("a hook that breaks", () => {
	const broken = {
		validateIdToken: class extends Provider<Person> {
			readonly name = "generic";
			override verifyIdToken(): never {
				throw new Error("broken");
			}
		},
		noClaims: class extends Provider<Person> {
			readonly name = "generic";
			override async verifyIdToken() {
				return {} as never;
			}
		},
		truthyExchange: class extends Provider<Person> {
			readonly name = "generic";
			override validateExchange() {
				return { ok: true } as never;
			}
		},
		refusingExchange: class extends Provider<Person> {
			readonly name = "generic";
			override validateExchange() {
				return false;
			}
		},
		throwingTokens: class extends Provider<Person> {
			readonly name = "generic";
			override tokensFromExchange(): never {
				throw new Error("broken");
			}
		},
		throwingUserinfo: class extends Provider<Person> {
			readonly name = "generic";
			override fetchUserinfo(): never {
				throw new Error("broken");
			}
		},
		otherSubject: class extends Provider<Person> {
			readonly name = "generic";
			override async fetchUserinfo() {
				return { sub: "somebody else" };
			}
		},
		neverValid: class extends Provider<Person> {
			readonly name = "generic";
			override validateTokens() {
				return false;
			}
		},
	};
	it.each(Object.entries(broken))(
		"%s: ends the login with an error, never with a session",
		async (_, Broken) => {
			const idp = await startFaultyIdp({ algorithm: "ES256" });
			try {
				const log: unknown[] = [];
				const auth = portcullis({
					providers: [Broken],
					platform: { env: idp.env, log: (entry) => log.push(entry) },
				});
				const gate = auth.gate();
				const { listenFetch } = await import("../support/web-server.ts");
				const { origin } = await listenFetch((request) =>
					gate.handle(request, () => new Response(MARKER)),
				);
				const browser = new ScriptedBrowser();
				await browser.navigate(`${origin}/private`);
				const answer = await browser.click("/login/generic");
				expect(answer.status).toBeGreaterThanOrEqual(400);
				expect(answer.body).not.toContain(MARKER);
				expect(sessionCookies(browser)).toEqual([]);
				expect(log).toHaveLength(1);
				expect((await browser.navigate(`${origin}/private`)).body).not.toContain(MARKER);
			} finally {
				await idp.close();
			}
		},
	);
});

it("validateTokens that turns against a session later ends it, and a throw is a no", async () => {
	let verdict: () => boolean = () => true;
	class Fickle extends Provider<Person> {
		readonly name = "generic";
		override validateTokens() {
			return verdict();
		}
	}
	const idp = await startFaultyIdp({ algorithm: "ES256" });
	const { listenFetch } = await import("../support/web-server.ts");
	// Two gates with one secret: the second one sees the session for the first time, when the verdict
	// has changed.
	const gates = [0, 1].map(() =>
		portcullis({
			secret: SECRET,
			providers: [Fickle],
			platform: { env: idp.env, log: () => {} },
		}).gate(),
	);
	let current = 0;
	const { origin } = await listenFetch((request) =>
		(gates[current] as (typeof gates)[0]).handle(request, () => new Response(MARKER)),
	);
	const browser = new ScriptedBrowser();
	await browser.navigate(`${origin}/private`);
	expect((await browser.click("/login/generic")).body).not.toContain("error");
	expect((await browser.navigate(`${origin}/private`)).body).toBe(MARKER);
	current = 1;
	verdict = () => {
		throw new Error("broken");
	};
	expect((await browser.fetch(`${origin}/private`)).status).toBe(401);
	await idp.close();
});

it("a log that throws changes no answer", async () => {
	const fixture = await startGate({
		auth: {
			platform: {
				log: () => {
					throw new Error("disk full");
				},
			},
		},
		gate: {
			pages: {
				"/admin": {
					auth: () => {
						throw new Error("x");
					},
				},
			},
		},
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	const answer = await browser.click("/admin");
	expect(answer.status).toBeGreaterThanOrEqual(400);
	expect(answer.body).not.toContain(MARKER);
	const failed = await browser.navigate(`${fixture.origin}/login/nobody`);
	expect(failed.status).toBe(404);
});

it("view builders that throw or return anything else are replaced by the default, and logged", async () => {
	const views = {
		login: () => {
			throw new Error("x");
		},
		forbidden: () => "<h1>raw</h1>" as never,
		error: () => Promise.reject(new Error("x")),
	};
	const fixture = await startGate({
		auth: { ui: { views: views as never } },
		gate: { pages: { "/admin": { auth: () => false } } },
	});
	const browser = new ScriptedBrowser();
	const page = await fixture.signIn(browser);
	expect(page.body).toContain(MARKER);
	const refused = await browser.click("/admin");
	expect([refused.status, refused.body.includes("<h1>raw</h1>")]).toEqual([403, false]);
	expect((await browser.navigate(`${fixture.origin}/login/nobody`)).status).toBe(404);
	expect(fixture.log.filter(({ code }) => code === "internal_error")).toHaveLength(3);
});

it("a provider that cannot be imported keeps everything shut, and says so in ready() and in the log", async () => {
	const log: { code: string; message: string }[] = [];
	const auth = portcullis({
		secret: SECRET,
		providers: [() => Promise.reject(new Error("no such module"))],
		platform: { env: {}, log: (entry) => log.push(entry) },
	});
	const gate = auth.gate({ pages: { "/": { auth: false } } });
	await expect(gate.ready()).rejects.toMatchObject({
		code: "config_invalid",
		message: expect.stringContaining("no such module"),
	});
	for (const path of ["/private", "/", "/login"]) {
		const response = await gate.handle(
			new Request(`http://localhost${path}`),
			() => new Response(MARKER),
		);
		expect(response.status).toBe(500);
		expect(await response.text()).not.toMatch(new RegExp(`${MARKER}|no such module`));
	}
	expect(log).toHaveLength(3);
});

it("a request that a host cannot read is refused, whether the gate is loaded or not", async () => {
	const { gate } = await startGate();
	const broken = () => {
		throw new Error("headers");
	};
	const request = () => new Request("http://localhost/private");
	const call = { method: "GET", url: "http://localhost/private", header: broken, request };
	for (const _ of ["before it is loaded", "afterwards"]) {
		const result = await gate.enter(call);
		expect(result).toMatchObject({ kind: "respond", response: { status: 500 } });
		await gate.ready();
	}
});

it("an app that throws is the app's own matter, and sets no session", async () => {
	const fixture = await startGate({
		app: () => {
			throw new Error("app");
		},
	});
	const browser = new ScriptedBrowser();
	expect((await fixture.signIn(browser)).status).toBe(500);
});
