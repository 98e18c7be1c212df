import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Gate } from "../../app/gate.ts";
import { internalsOf, refuseOtherVersion } from "../../app/gate-internals.ts";
import { consoleLog } from "../../audit/log.ts";
import { shared } from "../../base/copies.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import { isHandshake } from "../../guard/handshake.ts";
import type { UserClaims } from "../../protocol/types.ts";
import type { User } from "../../session/user.ts";
import { type HeldSocket, holdSocket } from "../held-sockets.ts";
import { urlOfOriginForm } from "./target.ts";
import { logUnusable } from "./unusable.ts";

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What `upgrade` uses of a server of `node:http` or `node:https`. */
export interface UpgradableServer {
	on(event: "upgrade", listener: UpgradeListener): unknown;
	listeners(event: "upgrade"): readonly unknown[];
}

/** What `upgrade` uses of a `WebSocketServer` of `ws`. */
export interface WebSocketAcceptor<S> {
	readonly options?: { readonly noServer?: boolean | undefined };
	handleUpgrade(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		done: (socket: S) => void,
	): void;
	emit(event: "connection", socket: S, request: IncomingMessage): boolean;
}

/** What `upgrade` uses of a WebSocket of `ws`. */
export interface ClosableWebSocket {
	close(code: number, reason: string): void;
	terminate(): void;
	once(event: "close", listener: () => void): unknown;
	on(event: "error", listener: () => void): unknown;
}

/** A client that does not answer a close frame has so long. Milliseconds. */
const CLOSE_WITHIN = 1000;
/** Close code for what went wrong in the server (RFC 6455 section 7.4.1). */
const INTERNAL_ERROR = 1011;
/** Our own listeners, by any copy of the package. */
const OWN = shared("node.upgrades.1", () => new WeakSet<object>());
const USERS = shared("node.users.1", () => new WeakMap<IncomingMessage, User>());

/**
 * Hands the WebSocket handshakes of a server to `ws`, as far as the gate lets them in: by the rule
 * of their path, and from the app's own origin alone. Others get an HTTP answer. A socket in a
 * person's name is closed with code 4401 within two seconds after the session has ended, its access
 * token has, or the rule says no; the client then opens a new one.
 *
 * @param sockets `new WebSocketServer({ noServer: true })`. It emits `connection` as ever, and
 *   `userOf(request)` is the person.
 * @param onConnection The same with the person; `undefined` only on paths that are open to
 *   everyone.
 * @throws {ConfigError} for a gate of another version.
 * @throws {TypeError} for a `WebSocketServer` that listens by itself: it would take handshakes past
 *   the gate; and for a server that has an `upgrade` already: both would take each handshake.
 */
export function upgrade<S extends ClosableWebSocket, U extends UserClaims = UserClaims>(
	server: UpgradableServer,
	gate: Gate<U>,
	sockets: WebSocketAcceptor<S>,
	onConnection?: (socket: S, request: IncomingMessage, user: User<U> | undefined) => void,
): void {
	refuseOtherVersion("upgrade()", gate);
	if (sockets.options?.noServer !== true)
		throw new TypeError("upgrade() takes a WebSocketServer that was made with { noServer: true }");
	// proven: upgrade-twice
	if (server.listeners("upgrade").some((listener) => OWN.has(listener as object)))
		throw new TypeError(
			"upgrade() was called for this server already: tell paths apart by request.url in one",
		);
	const accept = async (
		accepted: S,
		request: IncomingMessage,
		user: User<U> | undefined,
	): Promise<void> => {
		// `ws` closes such a socket by itself: a frame that breaks the protocol is nothing to end a
		// process for.
		accepted.on("error", () => {}); // proven: upgrade-frames
		try {
			sockets.emit("connection", accepted, request);
			await onConnection?.(accepted, request, user);
		} catch (error) {
			logFailure(gate, error);
			held(accepted).end(INTERNAL_ERROR, "internal error");
		}
	};
	const listener: UpgradeListener = async (request, socket, head) => {
		// A connection that breaks is nothing to end a process for.
		socket.on("error", () => socket.destroy());
		const url = urlOfOriginForm(request);
		const call = url === undefined ? undefined : callOf(request, url);
		if (call === undefined || !isHandshake(call)) {
			logUnusable(gate, request);
			return refuse(socket, new Response("Bad request", { status: 400 }));
		}
		const result = await gate.enter(call);
		if (result.kind === "respond") return refuse(socket, result.response); // proven: upgrade-refusal
		const user = result.user as User<U> | undefined;
		try {
			sockets.handleUpgrade(request, socket, head, (accepted) => {
				if (user) USERS.set(request, user);
				holdSocket(gate, call, result, held(accepted));
				void accept(accepted, request, user);
			});
		} catch (error) {
			// Another listener has taken the handshake.
			logFailure(gate, error);
			socket.destroy();
		}
	};
	OWN.add(listener);
	server.on("upgrade", listener);
	warnOfOpenUpgrades(server, gate);
}

/**
 * Says that handshakes go past the gate where a server has listeners for them that are none of
 * `upgrade`.
 */
export function warnOfOpenUpgrades(server: unknown, gate: Gate<UserClaims>): void {
	const { listeners } = (server ?? {}) as Partial<UpgradableServer>;
	if (typeof listeners !== "function") return;
	const strangers = listeners
		.call(server, "upgrade")
		.filter((listener) => !OWN.has(listener as object));
	if (strangers.length === 0) return;
	const message =
		"The server has a listener for upgrade events that is none of upgrade() of portcullis/node, such as that of new WebSocketServer({ server }): unless it asks the gate itself, anybody gets a socket. Make the WebSocketServer with { noServer: true }, and call upgrade(server, gate, sockets)";
	const log = internalsOf(gate)?.log ?? consoleLog;
	log({ level: "warning", code: "config_invalid", reason: "open_upgrades", message });
}

/** What the app's own code has thrown ends its socket, and not the process. */
function logFailure(gate: Gate<UserClaims>, cause: unknown): void {
	const log = internalsOf(gate)?.log ?? consoleLog;
	log({
		level: "error",
		code: "internal_error",
		message: "A WebSocket could not be handed over",
		cause,
	});
}

function callOf(message: IncomingMessage, url: string): GateRequest {
	const header = (name: string): string | null => {
		const value = message.headers[name];
		return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
	};
	let request: Request | undefined;
	return {
		method: message.method ?? "GET",
		url,
		header,
		remoteAddress: message.socket.remoteAddress,
		request: () => {
			const headers = Object.keys(message.headers).map((name): [string, string] => [
				name,
				header(name) ?? "",
			]);
			request ??= new Request(url, { headers });
			return request;
		},
	};
}

function held(socket: ClosableWebSocket): HeldSocket {
	return {
		end(code, reason) {
			mute(socket); // proven: upgrade-mute
			socket.close(code, reason);
			setTimeout(() => socket.terminate(), CLOSE_WITHIN).unref();
		},
		onClose: (listener) => socket.once("close", listener),
	};
}

/** Until the client answers the close frame, `ws` hands on what it still sends. */
function mute(socket: ClosableWebSocket): void {
	const emitter = socket as ClosableWebSocket & {
		emit?: (event: string, ...args: unknown[]) => boolean;
	};
	const { emit } = emitter;
	if (!emit) return;
	emitter.emit = (event, ...args) => event !== "message" && emit.call(socket, event, ...args);
}

/**
 * There is no `ServerResponse` for an upgrade: the answer is written as it is, and the connection
 * closed.
 */
async function refuse(socket: Duplex, response: Response): Promise<void> {
	const body = new Uint8Array(await response.arrayBuffer());
	const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
	for (const [name, value] of response.headers)
		if (name !== "set-cookie") lines.push(`${name}: ${value}`);
	for (const cookie of response.headers.getSetCookie()) lines.push(`set-cookie: ${cookie}`);
	lines.push("connection: close", `content-length: ${body.length}`, "", "");
	if (socket.destroyed) return;
	socket.once("finish", () => socket.destroy());
	socket.write(lines.join("\r\n"), "latin1");
	socket.end(body);
}
