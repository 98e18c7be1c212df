import type { Gate } from "../app/gate.ts";
import type { UserClaims } from "../protocol/types.ts";
import { endSockets } from "./held-sockets.ts";

/**
 * How often connections that have become idle are looked for. Also how long a connection may take
 * to bring its first request. Milliseconds.
 */
const LOOK_FOR_IDLE = 250;
/** A turn of the event loop in which nothing happened is shorter than that. Milliseconds. */
const QUIET_TURN = 0.1;
/** How long to wait for one. Milliseconds. */
const QUIET_WITHIN = 200;

/**
 * What is used of a server: one of `node:http` or `node:https`, or what `serve` of
 * `@hono/node-server` returns.
 */
export interface ClosableServer {
	close(callback?: (error?: Error) => void): unknown;
	closeIdleConnections?(): void;
	closeAllConnections?(): void;
	on(event: "connection", listener: () => void): unknown;
	prependListener(
		event: "request",
		listener: (
			request: { readonly httpVersionMajor: number },
			response: { setHeader(name: string, value: string): unknown },
		) => void,
	): unknown;
}

/** Options of `shutDown`, in seconds. */
export interface ShutDownOptions {
	/**
	 * How long connections are still accepted while `health/ready` already says 503. For balancers
	 * that stop sending requests only after they have asked there. Default 0.
	 */
	readonly delay?: number;
	/** After so long, `delay` included, what is still running is cut off. Default 8. */
	readonly timeout?: number;
}

/**
 * Stops a server without a failed request: `health/ready` says 503 and streams say goodbye at once,
 * then no more connections are accepted, WebSockets are closed with code 1001, requests that have
 * begun are finished, and in the end the gate and its store are closed. For `SIGTERM`.
 *
 * Resolves when all of it is done, a moment after `timeout` at the latest; never rejects for
 * requests that had to be cut off.
 */
export async function shutDown<U extends UserClaims>(
	server: ClosableServer,
	gate: Gate<U>,
	options: ShutDownOptions = {},
): Promise<void> {
	const { delay = 0, timeout = 8 } = options;
	const end = performance.now() + timeout * 1000;
	gate.drain();
	// A client that uses a connection again is told to open a new one next time, which then leads to
	// another process.
	server.prependListener("request", (request, response) => {
		if (request.httpVersionMajor === 1) response.setHeader("Connection", "close");
	});
	await new Promise((resolve) => setTimeout(resolve, Math.min(delay, timeout) * 1000));
	// They count as connections, and no one else would close them.
	endSockets(gate); // proven: sockets-at-stop
	await closed(server, end - performance.now());
	await gate.close();
}

/**
 * Resolves when the last request is finished, and at the latest after so many milliseconds, when
 * the rest is cut off.
 */
function closed(server: ClosableServer, milliseconds: number): Promise<void> {
	return new Promise((resolve) => {
		const done = () => {
			clearInterval(idle);
			clearTimeout(timer);
			resolve();
		};
		const closeIdle = server.closeIdleConnections?.bind(server);
		// A connection whose last answer left before it could say so stays open, and would hold up the
		// end for as long as it is kept alive.
		const idle = setInterval(() => closeIdle?.(), LOOK_FOR_IDLE);
		const timer = setTimeout(() => {
			server.closeAllConnections?.();
			done();
		}, milliseconds);
		// `close` would also end connections whose first request is on its way: to it they are idle.
		if (closeIdle) server.closeIdleConnections = () => {};
		inQuietTurn(server, () => server.close(done));
	});
}

/**
 * Calls back in a turn of the event loop in which no connection came in. Connections that the
 * system has accepted, and the process has not taken yet, are reset when the server closes; right
 * after such a turn there are none.
 */
function inQuietTurn(server: ClosableServer, close: () => void): void {
	let hasNew = false;
	server.on("connection", () => {
		hasNew = true;
	});
	const end = performance.now() + QUIET_WITHIN;
	const turn = (since: number) => {
		const now = performance.now();
		if ((!hasNew && now - since < QUIET_TURN) || now > end) return close();
		hasNew = false;
		setImmediate(turn, now);
	};
	setImmediate(turn, 0);
}
