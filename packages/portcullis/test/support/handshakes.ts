import { createServer, type Server, STATUS_CODES } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { getRequestListener, serve, upgradeWebSocket } from "@hono/node-server";
import type { Hono } from "hono";
import { defineWebSocketHelper, type UpgradeWebSocket } from "hono/ws";
import { type ClientOptions, type WebSocket as ServerSocket, WebSocket, WebSocketServer } from "ws";
import { afterEachFile } from "./after-file.ts";

/** A server that takes WebSocket handshakes. */
export interface HandshakeServer {
	/** `http://localhost:<port>`. */
	readonly origin: string;
	readonly server: Server;
}

/**
 * How a handshake has ended: with the first message of the server, or with the status of a refusal.
 */
export type Shaken =
	| { readonly message: string; readonly socket: WebSocket }
	| { readonly status: number };

const running: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
const opened: WebSocket[] = [];

afterEachFile(async () => {
	for (const socket of opened.splice(0)) socket.terminate();
	await Promise.all(
		running.splice(0).map(({ server, sockets }) => {
			// Those that were upgraded too, which the server does not close by itself.
			for (const socket of sockets) socket.destroy();
			return new Promise((resolve) => server.close(resolve));
		}),
	);
});

/** Listens on a free port until the tests of the file are over. */
export async function listening(server: Server): Promise<HandshakeServer> {
	if (!server.listening)
		await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
	const sockets = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	running.push({ server, sockets });
	return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, server };
}

/** Begins a handshake with these headers, and waits for the first message or the refusal. */
export function shake(
	origin: string,
	path: string,
	headers: Record<string, string> = {},
	options: ClientOptions = {},
): Promise<Shaken> {
	const socket = new WebSocket(origin.replace("http", "ws") + path, { ...options, headers });
	opened.push(socket);
	return new Promise((resolve, reject) => {
		socket.once("message", (data) => resolve({ message: String(data), socket }));
		socket.once("unexpected-response", (_, { statusCode = 0 }) => resolve({ status: statusCode }));
		socket.once("close", () => resolve({ status: 0 }));
		socket.on("error", (error) => {
			if (error.message.includes("ECONNRESET") || error.message.includes("hang up"))
				resolve({ status: 0 });
			else reject(error);
		});
	});
}

/** The code with which the server closes a socket. */
export function closeOf({ socket }: { readonly socket: WebSocket }): Promise<number> {
	return new Promise((resolve) => socket.once("close", resolve));
}

/** Sends bytes as they are, and reads until the server hangs up. */
export function exchangeRaw(origin: string, text: string): Promise<string> {
	const { hostname, port } = new URL(origin);
	return new Promise((resolve, reject) => {
		const socket = connect(Number(port), hostname, () => socket.write(text));
		let answer = "";
		socket.setEncoding("latin1").on("data", (chunk) => {
			answer += chunk;
			// It stays open: nobody speaks first.
			if (answer.startsWith("HTTP/1.1 101")) socket.destroy();
		});
		socket.on("close", () => resolve(answer));
		socket.on("error", reject);
	});
}

/** A Hono app as `@hono/node-server` serves it, with its own WebSockets. */
export async function serveOnNodeServer(
	build: (upgrade: UpgradeWebSocket<ServerSocket>) => Hono,
): Promise<HandshakeServer> {
	const app = build(upgradeWebSocket as unknown as UpgradeWebSocket<ServerSocket>);
	const websocket = { server: new WebSocketServer({ noServer: true }) as never };
	const server = serve({ fetch: app.fetch, port: 0, hostname: "localhost", websocket }) as Server;
	await new Promise((resolve) => server.once("listening", resolve));
	return listening(server);
}

/**
 * The same the way of `@hono/node-ws` 1.3: `app.request`, an address of its own making, and no look
 * at what was answered.
 */
export function serveOnNodeWs(
	build: (upgrade: UpgradeWebSocket<ServerSocket>) => Hono,
): Promise<HandshakeServer> {
	const sockets = new WebSocketServer({ noServer: true });
	const taken = new Map<unknown, (socket: ServerSocket) => void>();
	const upgrade = defineWebSocketHelper((c, events) => {
		if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return;
		taken.set(c.env.incoming, (socket) => {
			const context = { send: (text: string) => socket.send(text) } as never;
			socket.on("message", (data) => events.onMessage?.({ data: String(data) } as never, context));
			events.onOpen?.(new Event("open"), context);
		});
		return new Response();
	}) as unknown as UpgradeWebSocket<ServerSocket>;
	const app = build(upgrade);
	const server = createServer(getRequestListener(app.fetch));
	server.on("upgrade", async (incoming, socket, head) => {
		const headers = new Headers(
			Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
		);
		const response = await app.request(
			new URL(incoming.url ?? "/", "http://localhost"),
			{ headers },
			{
				...{ incoming, outgoing: undefined },
			} as never,
		);
		const open = taken.get(incoming);
		if (!open) {
			socket.end(
				`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
			);
			return;
		}
		sockets.handleUpgrade(incoming, socket, head, (accepted) => open(accepted));
	});
	return listening(server);
}
