import { Hono } from "hono";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { allCookies, type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// zone.js, Bluebird and polyfills put a class of their own in the place of Promise, and a sandbox
// has another realm's. Async functions go on returning promises of the engine, which are no
// instances of it. What is not decided yet must not pass for decided.

class Replaced<T> extends Promise<T> {}

const native = globalThis.Promise;
let fixture: GateFixture;
let cookie: string;
let gate: Gate<Person>;
const ran: string[] = [];

beforeAll(async () => {
	fixture = await startGate({
		gate: { pages: { "/sync": { auth: () => false }, "/async": { auth: async () => false } } },
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

beforeEach(async () => {
	// A gate that has not seen the session yet: its first look at one is asynchronous.
	gate = (await fixture.openReplica()).gate;
	ran.length = 0;
	globalThis.Promise = Replaced as unknown as PromiseConstructor;
});

afterEach(() => {
	globalThis.Promise = native;
});

const hosts: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
	"protect() of Hono": async (request) => {
		const app = protect(new Hono(), gate);
		app.get(
			"/tagged",
			access(() => false),
			(c) => c.text(String(ran.push("tagged"))),
		);
		app.get("/*", (c) => c.text(String(ran.push(c.req.path))));
		return app.fetch(request);
	},
	"an app that mounts one": async (request) => {
		const app = protect(new Hono(), gate);
		app.get(
			"/tagged",
			access(() => false),
			(c) => c.text(String(ran.push("tagged"))),
		);
		app.get("/*", (c) => c.text(String(ran.push(c.req.path))));
		return new Hono().route("/", app).fetch(request);
	},
	"gate.handle": (request) =>
		gate.handle(request, () => new Response(String(ran.push(new URL(request.url).pathname)))),
};

describe.each(Object.entries(hosts))("where Promise is another class, %s", (name, ask) => {
	const statusOf = async (path: string, headers: Record<string, string>) =>
		(await ask(new Request(fixture.origin + path, { headers }))).status;

	it.each(name === "gate.handle" ? ["/sync", "/async"] : ["/sync", "/async", "/tagged"])(
		"keeps people out of %s whom its check refuses",
		async (path) => {
			expect([await statusOf(path, { cookie }), ran]).toEqual([403, []]);
		},
	);

	it("keeps anonymous callers out, and lets people in", async () => {
		expect([await statusOf("/plain", {}), ran]).toEqual([401, []]);
		expect([await statusOf("/plain", { cookie }), ran]).toEqual([200, ["/plain"]]);
	});
});
