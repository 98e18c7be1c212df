import type { HeldSocket } from "./held-sockets.ts";

/** What is used of the connection below a WebSocket. */
export interface RawSocket {
	readonly remoteAddress?: string;
	readonly encrypted?: boolean;
	readonly bytesWritten?: number;
	readonly writableEnded?: boolean;
	end(bytes: Uint8Array): unknown;
	removeAllListeners(event: "data"): unknown;
	resume(): unknown;
	destroy(): unknown;
	once(event: "close", listener: () => void): unknown;
	on(event: "error", listener: () => void): unknown;
}

/** A peer that does not hang up has so long. Milliseconds. */
const CLOSE_WITHIN = 1000;

/**
 * A WebSocket by the connection below it, where the object that speaks for it is out of reach:
 * frameworks complete handshakes by themselves. A close frame may stand between any two frames, and
 * those are written whole.
 */
export function heldRaw(socket: RawSocket): HeldSocket {
	return {
		end(code, reason) {
			// Before the handshake is answered the other side understands no frames.
			if (!socket.bytesWritten) {
				socket.destroy();
				return;
			}
			if (socket.writableEnded) return;
			// Data that still comes is read and dropped: unread data could cause a reset, and the close
			// frame would be lost. The app does not see it.
			socket.removeAllListeners("data"); // proven: raw-socket-mute
			socket.resume();
			socket.end(closeFrame(code, reason));
			const timer = setTimeout(() => socket.destroy(), CLOSE_WITHIN);
			(timer as { unref?: () => void }).unref?.();
		},
		onClose: (listener) => socket.once("close", listener),
	};
}

/** RFC 6455 section 5.5.1: of a server, unmasked. */
function closeFrame(code: number, reason: string): Uint8Array {
	const text = new TextEncoder().encode(reason);
	return new Uint8Array([0x88, text.length + 2, code >> 8, code & 0xff, ...text]);
}
