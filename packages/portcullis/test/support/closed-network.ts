import { Socket } from "node:net";
import { afterEach, expect } from "vitest";

/**
 * Setup file of the test projects: only loopback can be reached. Any other connection of this process is refused before a name is
 * looked up, and fails the test that tried it, also where the code under test swallowed the error.
 *
 * Sits below `fetch`, `http`, `http2` and `tls`, which all connect through `net.Socket`. Does not see datagrams or child processes.
 */
const attempts: string[] = [];
const connect = Socket.prototype.connect;

Socket.prototype.connect = function refuseUnlessLoopback(this: Socket, ...args: unknown[]): Socket {
	const host = hostOf(args);
	if (isLoopback(host)) return Reflect.apply(connect, this, args);
	attempts.push(host);
	const error = Object.assign(new Error(`Tests may connect to loopback only, not to ${host}`), {
		code: "ECONNREFUSED",
	});
	queueMicrotask(() => this.destroy(error));
	return this;
} as typeof connect;

afterEach(() => {
	const made = attempts.splice(0);
	expect(made, "connections to other machines").toEqual([]);
});

/**
 * The connections that were refused since the last look, for a test that provokes one on purpose. Forgets them.
 */
export function takeRefusedConnections(): string[] {
	return attempts.splice(0);
}

/** Host of a call of `socket.connect`; "localhost" for a pipe. The forms: `(options)`, `(port, host?)`, `(path)`, and Node's own `([options, listener])`. */
function hostOf(args: unknown[]): string {
	const first = Array.isArray(args[0]) ? args[0][0] : args[0];
	if (typeof first === "object" && first !== null) {
		const { path, host } = first as { path?: unknown; host?: unknown };
		return typeof path === "string" ? "localhost" : String(host ?? "localhost");
	}
	const isPath = typeof first === "string" && !/^\d+$/.test(first);
	return !isPath && typeof args[1] === "string" ? args[1] : "localhost";
}

function isLoopback(host: string): boolean {
	return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
