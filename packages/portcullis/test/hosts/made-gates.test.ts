import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { describe, expect, onTestFinished, test } from "vitest";
import { protect as protectHono } from "../../src/hono.ts";
import { ConfigError, Gate, portcullis } from "../../src/index.ts";
import { protect as protectNode } from "../../src/node.ts";

// protect(app, auth, options) makes the gate by itself.

const env = { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" };
const platform = { env, log: () => {} };
const auth = portcullis({ platform });
const options = { pages: { "/": { auth: false } }, assets: ["/assets/*"] } as const;

const hosts = {
	hono: (given = auth, rules: object | undefined = options) => {
		const app = protectHono(new Hono(), given, rules);
		app.get("*", (c) => c.text(c.var.user?.sub ?? "nobody"));
		return { gate: app.gate, ask: async (path: string) => app.request(path) };
	},
	node: (given = auth, rules: object | undefined = options) => {
		const listener = protectNode((_, response) => response.end("nobody"), given, rules);
		const ask = async (path: string): Promise<Response> => {
			const server = createServer(listener);
			onTestFinished(() => void server.close());
			await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
			const { port } = server.address() as AddressInfo;
			return fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
		};
		return { gate: listener.gate, ask };
	},
};

describe.each(Object.entries(hosts))("a gate that protect() of %s makes", (_, make) => {
	test("opens what the options open, and nothing else", async () => {
		const { ask } = make();
		for (const path of ["/", "/assets/a.css"]) {
			const answer = await ask(path);
			expect([answer.status, await answer.text()]).toEqual([200, "nobody"]);
		}
		for (const path of ["/notes", "/asset"]) expect((await ask(path)).status).toBe(401);
	});

	test("opens nothing without options", async () => {
		for (const rules of [undefined, {}]) {
			const { ask } = make(auth, rules);
			expect((await ask("/healthz")).status).toBe(401);
		}
	});

	test("is there for what needs it, and stands where protect() was called", () => {
		const { gate } = make();
		expect(gate).toBeInstanceOf(Gate);
		const [, ...pages] = gate.surfaces().filter(({ kind }) => kind === "page");
		expect(pages.map(({ name, site }) => [name, site?.replace(/:\d+:\d+$/, "")])).toEqual([
			["/", expect.stringMatching(/test\/hosts\/made-gates\.test\.ts$/)],
		]);
	});

	test("says every mistake at once", () => {
		const wrong = portcullis({ platform: { ...platform, env: {} }, origin: "nowhere" });
		const rules = { pages: { "no-path": { auth: true }, "/x": { auth: "yes" } }, asets: [] };
		const error = caught(() => make(wrong, rules));
		for (const mistake of ["OIDC_ISSUER_URI", "nowhere", "no-path", '"/x"', "asets"])
			expect(error.message).toContain(mistake);
	});

	test("is refused where rules are given besides a gate, in which they would not count", () => {
		const gate = auth.gate() as never;
		expect(caught(() => make(gate, options)).message).toMatch(/count for nothing.*portcullis\(\)/s);
		expect(caught(() => make(gate, {}))).toBeInstanceOf(ConfigError);
	});
});

test("routes that come before the guard are said together with mistakes of the gate", () => {
	const app = new Hono().get("/early", (c) => c.text("open"));
	const error = caught(() => protectHono(app, auth, { pages: { "no-path": { auth: true } } }));
	expect(error.problems.map(({ problem }) => problem)).toEqual([
		expect.stringContaining("GET /early"),
		expect.stringContaining("no-path"),
	]);
});

function caught(work: () => unknown): ConfigError {
	try {
		work();
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		return error as ConfigError;
	}
	throw new Error("Nothing was thrown");
}
