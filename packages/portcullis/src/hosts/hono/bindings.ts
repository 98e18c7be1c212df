import type { Outgoing } from "../outgoing.ts";
import type { RawSocket } from "../raw-socket.ts";

/** What @hono/node-server hands to an app besides the request; nothing on other platforms. */
export interface NodeBindings {
	readonly incoming?: { readonly socket?: RawSocket };
	readonly outgoing?: Outgoing;
}

const NO_BINDINGS: NodeBindings = {};

export function nodeBindings(env: unknown): NodeBindings {
	const bindings = env as NodeBindings | undefined;
	return typeof bindings?.outgoing?.writeHead === "function" ? bindings : NO_BINDINGS;
}

/** The socket of a handshake: @hono/node-server and @hono/node-ws then hand over no `outgoing`. */
export function handshakeSocket(env: unknown): RawSocket | undefined {
	const bindings = env as NodeBindings | undefined;
	if (bindings?.incoming === undefined || bindings.outgoing !== undefined) return undefined;
	const { socket } = bindings.incoming;
	return typeof socket?.destroy === "function" ? socket : undefined;
}

/**
 * A connection that breaks during a handshake ends the process where nothing listens, and
 * @hono/node-ws does not: any client could end it that way.
 */
export function surviveBreaks(env: unknown): void {
	const socket = handshakeSocket(env);
	socket?.on("error", () => socket.destroy()); // proven: handshake-breaks
}
