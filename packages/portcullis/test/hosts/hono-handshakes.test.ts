import { Socket } from "node:net";
import { Hono, type MiddlewareHandler } from "hono";
import type { UpgradeWebSocket } from "hono/ws";
import { beforeAll, describe, expect, it } from "vitest";
import type { WebSocket as ServerSocket } from "ws";
import { access, protect } from "../../src/hono.ts";
import { REQUEST_HEADER } from "../../src/wire/state.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import {
	exchangeRaw,
	type HandshakeServer,
	serveOnNodeServer,
	serveOnNodeWs,
	shake,
} from "../support/handshakes.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// A WebSocket handshake is a GET, and browsers let every site begin one with this site's cookies.

let fixture: GateFixture;
let cookie: string;

beforeAll(async () => {
	fixture = await startGate({
		gate: { pages: { "/admin/*": { auth: () => false } } },
		auth: { http: { trustProxy: ["127.0.0.0/8", "::1/128"] } },
	});
	const browser = new ScriptedBrowser();
	await fixture.signIn(browser);
	cookie = allCookies(browser);
});

const handsOn: MiddlewareHandler = (_, next) => next();

function build(upgrade: UpgradeWebSocket<ServerSocket>): Hono {
	const app = protect(new Hono(), fixture.gate);
	const taken = upgrade((c) => ({
		onOpen: (_, socket) => socket.send(`hello ${c.get("user")?.sub ?? "nobody"}`),
	}));
	app.get("/ws", taken);
	app.get("/open", access(false), taken);
	app.get("/admin/ws", taken);
	app.use("/by-use", taken);
	app.get("/*", access(false), handsOn);
	app.get("/late", taken);
	return app as unknown as Hono;
}

describe.each([
	["@hono/node-server", serveOnNodeServer],
	["the way of @hono/node-ws", serveOnNodeWs],
])("WebSockets behind protect(), by %s", (_, serve) => {
	let served: HandshakeServer;
	beforeAll(async () => {
		served = await serve(build);
	});
	const ask = async (path: string, headers: Record<string, string> = {}) => {
		const shaken = await shake(served.origin, path, headers);
		return "message" in shaken ? shaken.message : shaken.status;
	};

	it("the app's own page gets one, in the person's name", async () => {
		expect(await ask("/ws", { cookie, origin: served.origin })).toBe("hello ada");
	});

	it("an anonymous handshake is refused", async () => {
		expect(await ask("/ws", { origin: served.origin })).toBe(401);
		expect(await ask("/ws")).toBe(401);
	});

	it.each(["http://evil.localhost:9999", "https://evil.example", "http://localhost", "null", ""])(
		"from the origin %s it is refused",
		async (origin) => {
			expect(await ask("/ws", { cookie, origin })).toBe(403);
		},
	);

	it("without an Origin it is refused, whatever other headers say", async () => {
		expect(await ask("/ws", { cookie })).toBe(403);
		expect(
			await ask("/ws", { cookie, [REQUEST_HEADER]: "1", "sec-fetch-site": "same-origin" }),
		).toBe(403);
	});

	it("the rule of the path is asked", async () => {
		expect(await ask("/admin/ws", { cookie, origin: served.origin })).toBe(403);
	});

	it("behind a proxy, the origin is the one that the browser sees", async () => {
		const proxied = { "x-forwarded-proto": "https", "x-forwarded-host": "app.example" };
		expect(await ask("/ws", { cookie, origin: "https://app.example", ...proxied })).toBe(
			"hello ada",
		);
		expect(await ask("/ws", { cookie, origin: served.origin, ...proxied })).toBe(403);
	});

	it("an open route takes those of other sites in nobody's name", async () => {
		expect(await ask("/open", { cookie, origin: served.origin })).toBe("hello ada");
		expect(await ask("/open", { cookie, origin: "https://evil.example" })).toBe("hello nobody");
		expect(await ask("/open")).toBe("hello nobody");
	});

	it("what an open route hands on is not taken for an anonymous caller", async () => {
		expect(await ask("/late", { origin: served.origin })).toBe(401);
		expect(await ask("/late", { cookie, origin: "https://evil.example" })).toBe(403);
		expect(await ask("/late", { cookie, origin: served.origin })).toBe("hello ada");
	});

	it("nor what middleware takes in place of an open route", async () => {
		expect(await ask("/by-use", { origin: served.origin })).toBe(0);
		expect(await ask("/by-use", { cookie, origin: served.origin })).toBe("hello ada");
	});

	it.each(["WebSocket", "WEBSOCKET", " websocket "])(
		"Upgrade: %s is a handshake",
		async (upgrade) => {
			const answer = await exchangeRaw(
				served.origin,
				`GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: ${cookie}\r\nOrigin: https://evil.example\r\n\r\n`,
			);
			expect(answer).toMatch(/^(HTTP\/1\.1 [45]\d\d |$)/);
			expect(answer).not.toContain("hello");
		},
	);
});

describe("a connection that breaks during a handshake ends no process, whatever listens beside the app", () => {
	const apps = {
		"refused before routing": () => protect(new Hono(), fixture.gate),
		"decided about in a parent": () => new Hono().route("/", protect(new Hono(), fixture.gate)),
	};
	it.each(Object.entries(apps))("%s", async (_, make) => {
		const socket = new Socket();
		const request = new Request("http://localhost/ws", { headers: { upgrade: "websocket" } });
		expect((await make().fetch(request, { incoming: { socket } })).status).toBe(401);
		expect(() => socket.emit("error", new Error("read ECONNRESET"))).not.toThrow();
		expect(socket.destroyed).toBe(true);
	});
});

describe("whatever the host, a GET with Upgrade is no safe request", () => {
	it.each(["websocket", "WebSocket", "h2c, websocket", "websocket,h2c", "websocket/13"])(
		"gate.handle: %s",
		async (upgrade) => {
			const ask = async (headers: Record<string, string>) => {
				const request = new Request(`${fixture.origin}/ws`, {
					headers: { cookie, upgrade, ...headers },
				});
				return (await fixture.gate.handle(request, () => new Response("taken"))).status;
			};
			expect(await ask({ origin: "https://evil.example" })).toBe(403);
			expect(await ask({})).toBe(403);
			expect(await ask({ origin: fixture.origin })).toBe(200);
		},
	);

	it("gate.enter: an extended CONNECT of HTTP/2", async () => {
		const enter = async (headers: Record<string, string>) => {
			const sent: Record<string, string> = { cookie, [REQUEST_HEADER]: "1", ...headers };
			const request = new Request(`${fixture.origin}/ws`, { headers: sent });
			const header = (name: string) => sent[name] ?? null;
			const call = {
				method: "CONNECT",
				url: `${fixture.origin}/ws`,
				header,
				request: () => request,
			};
			return (await fixture.gate.enter(call)).kind;
		};
		expect(await enter({ origin: "https://evil.example" })).toBe("respond");
		// No page of ours can add that header to a handshake: it proves nothing here.
		expect(await enter({})).toBe("respond");
		expect(await enter({ origin: fixture.origin })).toBe("allow");
	});

	it("an Upgrade to something else is an ordinary GET", async () => {
		const headers = { cookie, upgrade: "h2c" };
		const request = new Request(`${fixture.origin}/private`, { headers });
		expect((await fixture.gate.handle(request, () => new Response("served"))).status).toBe(200);
	});
});
