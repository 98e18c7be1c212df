import { Hono, type MiddlewareHandler } from "hono";
import { logger } from "hono/logger";
import { requestId } from "hono/request-id";
import { beforeAll, describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import { ConfigError } from "../../src/index.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// Middleware around the gate hears of everything and decides nothing.

let fixture: GateFixture;
let cookie: string;

beforeAll(async () => {
	fixture = await startGate({ gate: { pages: { "/open": { auth: false } } } });
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

function appWith(...before: MiddlewareHandler[]) {
	const ran: string[] = [];
	const app = protect(new Hono(), fixture.gate, { before });
	app.onError((_, c) => c.text("failed", 500));
	for (const path of ["/open", "/private"])
		app.get(path, (c) => {
			ran.push(path);
			return c.text(`answer of ${path}`);
		});
	app.get("/tagged", access(false), (c) => c.text("answer of /tagged"));
	const ask = async (path: string, isSignedIn = false) => {
		const headers: Record<string, string> = isSignedIn ? { cookie } : {};
		const answer = await app.fetch(new Request(fixture.origin + path, { headers }));
		return { status: answer.status, text: await answer.text(), headers: answer.headers };
	};
	return { ask, ran };
}

it("lets a logger hear of requests that are let in and of those that are refused", async () => {
	const lines: string[] = [];
	const { ask } = appWith(
		logger((line) => lines.push(line)),
		requestId(),
	);
	expect((await ask("/private")).status).toBe(401);
	expect((await ask("/private", true)).text).toBe("answer of /private");
	expect((await ask("/tagged")).text).toBe("answer of /tagged");
	expect((await ask("/login")).status).toBe(200);
	expect(lines.filter((line) => line.startsWith("-->"))).toEqual([
		expect.stringContaining("/private"),
		...["/private", "/tagged", "/login"].map((path) => expect.stringContaining(path)),
	]);
	expect(lines.filter((line) => line.includes("401"))).toHaveLength(1);
});

const theirs = () => new Response("theirs", { headers: { "cache-control": "public" } });
/** What middleware might do to answer by itself. */
const hostile: Record<string, MiddlewareHandler> = {
	"that answers instead": async () => theirs(),
	"that sets an answer and goes on": async (c, next) => {
		c.res = theirs();
		await next();
	},
	"that sets an answer and does not go on": async (c) => {
		c.res = theirs();
	},
	"that sets an answer afterwards": async (c, next) => {
		await next();
		c.res = theirs();
	},
	"that returns an answer afterwards": async (_, next) => {
		await next();
		return theirs();
	},
	"that hands on another request": async (c, next) => {
		c.req.raw = new Request(`${fixture.origin}/open`);
		await next();
	},
	"that says who asks": async (c, next) => {
		c.set("user", { sub: "root" });
		await next();
	},
	"that loosens headers": async (c, next) => {
		await next();
		c.res.headers.set("Cache-Control", "public, max-age=600");
		c.res.headers.delete("Vary");
		c.res.headers.delete("Content-Security-Policy");
		c.res.headers.delete("Cross-Origin-Resource-Policy");
	},
};

describe.each(Object.entries(hostile))("middleware around the gate %s", (_, middleware) => {
	it("opens nothing and changes no answer", async () => {
		const [plain, { ask, ran }] = [appWith(), appWith(middleware)];
		expect(await ask("/private")).toMatchObject({
			status: 401,
			text: (await plain.ask("/private")).text,
		});
		expect(ran).toEqual([]);
		for (const [path, isSignedIn] of [
			["/open", false],
			["/tagged", false],
			["/private", true],
		] as const) {
			const [expected, found] = [await plain.ask(path, isSignedIn), await ask(path, isSignedIn)];
			expect(found.text).toBe(`answer of ${path}`);
			expect(found.status).toBe(200);
			for (const name of ["cache-control", "vary", "content-security-policy"])
				expect([name, found.headers.get(name)]).toEqual([name, expected.headers.get(name)]);
		}
		expect(ran).toEqual(["/open", "/private"]);
	});
});

it.each<[string, MiddlewareHandler]>([
	[
		"fails",
		async () => {
			throw new Error("it broke");
		},
	],
	[
		"goes on twice",
		async (_, next) => {
			await next();
			await next();
		},
	],
])("runs nothing for an anonymous request where middleware around it %s", async (_, middleware) => {
	const { ask, ran } = appWith(middleware);
	const { text } = await ask("/private");
	expect(text).not.toContain("answer of");
	expect(ran).toEqual([]);
});

it("refuses what is no middleware, a tag, and an app that has middleware already", () => {
	const wrong = (before: unknown) => () => protect(new Hono(), fixture.gate, { before } as never);
	expect(wrong(logger())).toThrow(ConfigError);
	expect(wrong([true])).toThrow(/list of middleware/);
	expect(wrong([access(false)])).toThrow(ConfigError);
	const early = new Hono().use(logger());
	expect(() => protect(early, fixture.gate)).toThrow(
		/protect\(new Hono\(\), gate, \{ before: \[logger\(\)\] \}\)/,
	);
});
