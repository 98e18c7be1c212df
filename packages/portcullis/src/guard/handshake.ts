import type { HeaderReader } from "./navigation.ts";

/**
 * True for a WebSocket handshake. It is a `GET`, but what follows can change anything, and browsers
 * let every site begin one with this site's cookies: RFC 6455 section 10.2 leaves it to the server
 * to look at `Origin`.
 *
 * Any `Upgrade` that names WebSocket counts, however it is written: servers differ in which
 * spellings they take. Over HTTP/2 a handshake is an extended `CONNECT` (RFC 8441).
 */
export function isHandshake({
	method,
	header,
}: {
	readonly method: string;
	readonly header: HeaderReader;
}): boolean {
	if (method === "CONNECT") return true; // proven: handshake-connect
	const upgrade = header("upgrade");
	return upgrade !== null && /websocket/i.test(upgrade); // proven: handshake-spelling
}
