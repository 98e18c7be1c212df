import { createServer } from "node:http";
import type { Socket } from "node:net";
import { Hono } from "hono";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { protect as protectHono } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { protect, shutDown, upgrade, userOf } from "../../src/node.ts";
import { memory } from "../../src/state.ts";
import {
	allCookies,
	type GateFixture,
	type Person,
	type Replica,
	startGate,
} from "../support/gate-fixture.ts";
import {
	closeOf,
	exchangeRaw,
	type HandshakeServer,
	listening,
	serveOnNodeServer,
	serveOnNodeWs,
	shake,
} from "../support/handshakes.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

// WebSockets beside protect() of portcullis/node, and how long a socket may stay.

// Sockets are looked at by real timers, once a second, and a sign-in comes before each.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

function serveOnNode(gate: Gate<Person>): Promise<HandshakeServer> {
	const server = createServer(protect((_, response) => response.end("page"), gate));
	const sockets = new WebSocketServer({ noServer: true });
	upgrade(server, gate, sockets, (socket, request, user) => {
		socket.on("message", (data: unknown) => heard.push(String(data)));
		socket.send(`hello ${user?.claims.sub ?? "nobody"}, ${userOf(request)?.sub ?? "nobody"}`);
	});
	return listening(server);
}

/** What the apps here were sent. */
const heard: string[] = [];

const upgradeRequest = (lines: string) =>
	`GET ${lines}\r\nHost: localhost\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

describe("upgrade() of portcullis/node", () => {
	let fixture: GateFixture;
	let cookie: string;
	let served: HandshakeServer;

	beforeAll(async () => {
		fixture = await startGate({
			gate: { pages: { "/open": { auth: false }, "/admin": { auth: () => false } } },
		});
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		cookie = allCookies(browser);
		served = await serveOnNode(fixture.gate);
	});

	const ask = async (path: string, headers: Record<string, string> = {}) => {
		const shaken = await shake(served.origin, path, headers);
		return "message" in shaken ? shaken.message : shaken.status;
	};

	it("takes handshakes of the app's own pages, in the person's name", async () => {
		expect(await ask("/ws", { cookie, origin: served.origin })).toBe("hello ada, ada");
	});

	it("refuses anonymous ones, other sites', and those that a rule refuses", async () => {
		expect(await ask("/ws", { origin: served.origin })).toBe(401);
		expect(await ask("/ws", { cookie, origin: "https://evil.example" })).toBe(403);
		expect(await ask("/ws", { cookie })).toBe(403);
		expect(await ask("/admin", { cookie, origin: served.origin })).toBe(403);
	});

	it("takes those of everybody on open paths, in nobody's name where another site asks", async () => {
		expect(await ask("/open")).toBe("hello nobody, nobody");
		expect(await ask("/open", { cookie, origin: "https://evil.example" })).toBe(
			"hello nobody, nobody",
		);
	});

	it("answers a refusal as HTTP, and closes the connection", async () => {
		const answer = await exchangeRaw(
			served.origin,
			upgradeRequest("/ws HTTP/1.1\r\nUpgrade: websocket"),
		);
		expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
		expect(answer).toMatch(/\r\nconnection: close\r\n/);
		expect(answer).toMatch(/\r\n\r\n\{.*"code":"login_required".*\}$/);
	});

	it.each([
		["a target in absolute form", "http:///open HTTP/1.1\r\nUpgrade: websocket"],
		["an upgrade to something else", "/open HTTP/1.1\r\nUpgrade: h2c"],
		["a list of protocols, which ws does not take", "/open HTTP/1.1\r\nUpgrade: websocket, h2c"],
	])("answers 400 to %s", async (_, lines) => {
		expect(await exchangeRaw(served.origin, upgradeRequest(lines))).toMatch(/^HTTP\/1\.1 400 /);
	});

	it("answers the gate's own routes by itself", async () => {
		const answer = await exchangeRaw(
			served.origin,
			upgradeRequest("/_portcullis/session HTTP/1.1\r\nUpgrade: websocket"),
		);
		expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*"signedIn":false/);
	});

	it.each([
		["throws", "/open?throws"],
		["rejects", "/open?rejects"],
	])("ends a socket whose handler %s, and not the process", async (_, path) => {
		const server = createServer(protect((_, response) => response.end("page"), fixture.gate));
		upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }), (socket, request) => {
			socket.send("hello");
			if (request.url === "/open?throws") throw new Error("a mistake");
			return Promise.reject(new Error("a mistake"));
		});
		const { origin } = await listening(server);
		const before = fixture.log.length;
		const shaken = await shake(origin, path);
		if (!("socket" in shaken)) throw new Error(`refused: ${shaken.status}`);
		expect(await closeOf(shaken)).toBe(1011);
		expect(fixture.log.slice(before)).toMatchObject([{ level: "error", code: "internal_error" }]);
	});

	it("survives a frame that breaks the protocol", async () => {
		const thrown: unknown[] = [];
		const server = createServer(protect((_, response) => response.end("page"), fixture.gate));
		upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }), (socket) => {
			// An error that nothing listens to is thrown, which ends a process.
			const emit = socket.emit.bind(socket);
			socket.emit = ((event: string, ...args: unknown[]) => {
				if (event === "error" && socket.listenerCount("error") === 0)
					return thrown.push(...args) > 0;
				return emit(event, ...args);
			}) as typeof socket.emit;
			socket.send("hello");
		});
		const { origin } = await listening(server);
		const shaken = await shake(origin, "/open");
		if (!("socket" in shaken)) throw new Error(`refused: ${shaken.status}`);
		const { _socket } = shaken.socket as unknown as { _socket: Socket };
		_socket.write(new Uint8Array([0xff, 0x80, 0, 0, 0, 0]));
		expect([await closeOf(shaken), thrown]).toEqual([1002, []]);
	});

	it("survives a listener that takes the handshake as well", async () => {
		const server = createServer();
		const stranger = new WebSocketServer({ noServer: true });
		upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }));
		server.on("upgrade", (request, socket, head) => {
			stranger.handleUpgrade(request, socket, head, (taken) => taken.send("taken"));
		});
		const { origin } = await listening(server);
		const before = fixture.log.length;
		const shaken = await shake(origin, "/open");
		if ("socket" in shaken) await closeOf(shaken);
		expect(fixture.log.slice(before)).toMatchObject([{ level: "error", code: "internal_error" }]);
	});

	it("is called once for a server: two would take each handshake", () => {
		const server = createServer();
		upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }));
		expect(() => upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }))).toThrow(
			/already/,
		);
	});

	it("takes no WebSocketServer that listens by itself", () => {
		const server = createServer();
		expect(() => upgrade(server, fixture.gate, new WebSocketServer({ server }))).toThrow(
			/noServer/,
		);
	});

	it("warns of one that takes handshakes past the gate: when it is called, and at the first request", async () => {
		const before = fixture.log.length;
		const server = createServer(protect((_, response) => response.end("page"), fixture.gate));
		new WebSocketServer({ server });
		const { origin } = await listening(server);
		for (let i = 0; i < 3; i++) await fetch(origin);
		expect(fixture.log.slice(before)).toMatchObject([
			{ level: "warning", reason: "open_upgrades" },
		]);
		upgrade(server, fixture.gate, new WebSocketServer({ noServer: true }));
		expect(fixture.log.slice(before)).toMatchObject([
			{ reason: "open_upgrades" },
			{ reason: "open_upgrades" },
		]);
	});
});

const hosts = {
	"upgrade() of portcullis/node": serveOnNode,
	"a Hono app on @hono/node-server": (gate: Gate<Person>) => serveHono(gate, serveOnNodeServer),
	"a Hono app the way of @hono/node-ws": (gate: Gate<Person>) => serveHono(gate, serveOnNodeWs),
};

function serveHono(gate: Gate<Person>, serve: typeof serveOnNodeServer): Promise<HandshakeServer> {
	return serve((taken) => {
		const app = protectHono(new Hono(), gate);
		app.get(
			"/*",
			taken((c) => ({
				onOpen: (_, socket) => socket.send(`hello ${c.get("user")?.sub}`),
				onMessage: ({ data }) => void heard.push(String(data)),
			})),
		);
		return app as unknown as Hono;
	});
}

describe.each(Object.entries(hosts))("a socket of %s ends with code 4401", (_, serve) => {
	const rule = { says: true };
	const gate = {
		pages: { "/ruled": { auth: () => rule.says }, "/open": { auth: false } },
	} as const;

	/** A socket of somebody who has just signed in, at one of the replicas. */
	async function open(fixture: GateFixture, at: Replica = fixture, path = "/ws") {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const { origin } = await serve(at.gate);
		const shaken = await shake(origin, path, { cookie: allCookies(browser), origin });
		if (!("socket" in shaken)) throw new Error(`refused: ${shaken.status}`);
		const logOut = async () => browser.submit(await browser.navigate(`${fixture.origin}/logout`));
		return { closed: closeOf(shaken), logOut, shaken };
	}

	it("when its person signs out, without a store too", async () => {
		const { closed, logOut } = await open(await startGate({ gate }));
		await logOut();
		expect(await closed).toBe(4401);
	});

	it("when its person signs out, on a path that is open to everyone", async () => {
		const { closed, logOut } = await open(await startGate({ gate }), undefined, "/open");
		await logOut();
		expect(await closed).toBe(4401);
	});

	it("and hears nothing more of a client that goes on talking", async () => {
		const { shaken, logOut } = await open(await startGate({ gate }));
		const client = shaken.socket as unknown as { _socket: Socket };
		const say = (word: string) => {
			const text = new TextEncoder().encode(word);
			client._socket.write(new Uint8Array([0x81, 0x80 | text.length, 0, 0, 0, 0, ...text]));
		};
		// It answers no close frame, and does not hang up because the server does.
		Object.assign(client._socket, { allowHalfOpen: true });
		client._socket
			.removeAllListeners("data")
			.removeAllListeners("end")
			.on("error", () => {})
			.resume();
		const hungUp = new Promise((resolve) => client._socket.once("close", resolve));
		heard.length = 0;
		say("before");
		await vi.waitFor(() => expect(heard).toEqual(["before"]));
		await logOut();
		const talking = setInterval(() => say("after"), 50);
		await hungUp;
		clearInterval(talking);
		expect(heard).toEqual(["before"]);
	});

	it("or 1001 where the server stops, in nobody's name too, and is not waited for", async () => {
		const fixture = await startGate({ gate });
		const { origin, server } = await serve(fixture.gate);
		const sockets = await Promise.all([shake(origin, "/open"), shake(origin, "/open")]);
		const codes = sockets.map((shaken) => ("socket" in shaken ? closeOf(shaken) : shaken.status));
		const since = performance.now();
		await shutDown(server, fixture.gate, { timeout: 20 });
		expect(await Promise.all(codes)).toEqual([1001, 1001]);
		expect(performance.now() - since).toBeLessThan(5000);
	});

	it("when they sign out at another replica", async () => {
		const fixture = await startGate({ auth: { store: memory() }, gate });
		const { closed, logOut } = await open(fixture, await fixture.openReplica());
		await logOut();
		expect(await closed).toBe(4401);
	});

	it("when its access token ends", async () => {
		const fixture = await startGate({ gate });
		const { closed } = await open(fixture);
		fixture.clock.ahead = 86_400;
		expect(await closed).toBe(4401);
	});

	it("when the rule of its path says no", async () => {
		rule.says = true;
		const { closed } = await open(await startGate({ gate }), undefined, "/ruled");
		rule.says = false;
		expect(await closed).toBe(4401);
	});
});
