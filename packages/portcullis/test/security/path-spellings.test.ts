import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { beforeAll, describe, expect, it } from "vitest";
import { access, protect } from "../../src/hono.ts";
import type { Auth, Gate } from "../../src/index.ts";
import { protect as protectNode, userOf } from "../../src/node.ts";
import { allCookies, type GateFixture, type Person, startGate } from "../support/gate-fixture.ts";
import {
	ADMIN,
	BODIES,
	corpus,
	mostSecretBody,
	SIGNED_IN,
	shut,
} from "../support/path-spellings.ts";
import { exchange, ScriptedBrowser } from "../support/scripted-browser.ts";
import { type Listening, listen } from "../support/web-server.ts";

const gateOptions = (auth: Auth<Person>) => ({
	pages: {
		"/admin/*": {
			auth: auth.check(({ user }) => user.claims.groups?.includes("admins") === true),
		},
		"/open/:name": { auth: false },
		"/open/private": { auth: true },
		"/open/private/*": { auth: true },
		"/public/*": { auth: false },
		"/public/internal/*": { auth: true },
	},
	assets: ["/assets/*"],
});

async function serveHono(gate: Gate<Person>): Promise<Listening> {
	const app = protect(new Hono(), gate);
	for (const [path, body] of Object.entries(BODIES)) app.get(path, (c) => c.text(body));
	app.get("/:any", access(false), (c) => c.text("open"));
	return listen(getRequestListener(app.fetch));
}

/** Hono with a router that forgives trailing slashes. */
async function serveLooseHono(gate: Gate<Person>): Promise<Listening> {
	const app = protect(new Hono({ strict: false }), gate);
	for (const [path, body] of Object.entries(BODIES)) app.get(path, (c) => c.text(body));
	return listen(getRequestListener(app.fetch));
}

async function serveForgiving(gate: Gate<Person>): Promise<Listening> {
	return listen(
		protectNode((request: IncomingMessage, response: ServerResponse) => {
			const body = mostSecretBody(request.url ?? "/") ?? "nothing here";
			response.end(`${body} ${userOf(request)?.sub ?? "nobody"}`);
		}, gate),
	);
}

const hosts = {
	"Hono's router": serveHono,
	"Hono without strict": serveLooseHono,
	"a forgiving node handler": serveForgiving,
};

describe.each(Object.entries(hosts))("path spellings before %s (R74, B3, B4)", (name, serve) => {
	let fixture: GateFixture;
	const cookies: Record<"nobody" | "grace" | "ada", string> = { nobody: "", grace: "", ada: "" };

	beforeAll(async () => {
		fixture = await startGate({ serve, gate: gateOptions });
		for (const [sub, groups] of [
			["grace", ["staff"]],
			["ada", ["admins"]],
		] as const) {
			fixture.idp.person = { sub, groups };
			const browser = new ScriptedBrowser();
			await fixture.signIn(browser);
			cookies[sub] = allCookies(browser);
		}
	});

	/** Which spellings of the corpus bring a body with the text. */
	async function reached(
		text: string,
		who: keyof typeof cookies,
		headers: Record<string, string> = {},
	): Promise<string[]> {
		const found: string[] = [];
		for (const target of corpus) {
			const cookie = cookies[who];
			const answer = await exchange(
				fixture.origin,
				"GET",
				{ ...(cookie ? { cookie } : {}), ...headers },
				undefined,
				target,
			);
			expect(answer.status, target).toBeLessThan(500);
			if (answer.body.includes(text)) found.push(target);
		}
		return found;
	}

	it("brings nothing to anonymous callers", async () => {
		expect(await reached(SIGNED_IN, "nobody")).toEqual([]);
		expect(await reached(ADMIN, "nobody", { accept: "text/html" })).toEqual([]);
	}, 30_000);

	it("brings nothing of the admins' to other people", async () => {
		expect(await reached(ADMIN, "grace")).toEqual([]);
	}, 30_000);

	it("is a corpus that does reach those pages for those who may", async () => {
		const forAdmin = await reached(ADMIN, "ada");
		expect(forAdmin.length).toBeGreaterThan(name.startsWith("a forgiving") ? 100 : 10);
		expect(new Set(corpus).size / shut.length).toBeGreaterThan(60);
		for (const [path, body] of Object.entries(BODIES)) {
			const answer = await exchange(
				fixture.origin + path,
				"GET",
				body === "open" ? {} : { cookie: cookies.ada },
			);
			expect(answer.body).toContain(body);
		}
	}, 30_000);
});
