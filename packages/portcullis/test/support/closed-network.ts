import { Socket } from "node:net";
import { afterEach, expect } from "vitest";

/**
 * Setup file of the test projects: only loopback can be reached. Any other connection of this
 * process is refused before a name is looked up, and fails the test that tried it, also where the
 * code under test swallowed the error.
 *
 * Sits below `fetch`, `http`, `http2` and `tls`, which all connect through `net.Socket`. Does not
 * see datagrams or child processes.
 */
const attempts = shut();

/**
 * Puts the check in front, once in a process: a setup file is run for each test file. Gives what it
 * refuses.
 */
function shut(): string[] {
	const key = Symbol.for("portcullis.test.refused-connections");
	const connect = Socket.prototype.connect as typeof Socket.prototype.connect & {
		[key]?: string[];
	};
	const known = connect[key];
	if (known) return known;
	const refused: string[] = [];
	const refuseUnlessLoopback = function (this: Socket, ...args: unknown[]): Socket {
		const host = hostOf(args);
		if (isLoopback(host)) return Reflect.apply(connect, this, args);
		refused.push(host);
		const error = Object.assign(new Error(`Tests may connect to loopback only, not to ${host}`), {
			code: "ECONNREFUSED",
		});
		queueMicrotask(() => this.destroy(error));
		return this;
	};
	Socket.prototype.connect = Object.assign(refuseUnlessLoopback, {
		[key]: refused,
	}) as typeof connect;
	return refused;
}

afterEach(() => {
	const made = attempts.splice(0);
	expect(made, "connections to other machines").toEqual([]);
});

/**
 * The connections that were refused since the last look, for a test that provokes one on purpose.
 * Forgets them.
 */
export function takeRefusedConnections(): string[] {
	return attempts.splice(0);
}

/**
 * Host of a call of `socket.connect`; "localhost" for a pipe. The forms: `(options)`, `(port,
 * host?)`, `(path)`, and Node's own `([options, listener])`.
 */
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
