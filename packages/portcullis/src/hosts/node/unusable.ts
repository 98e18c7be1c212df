import type { Gate } from "../../app/gate.ts";
import { internalsOf } from "../../app/gate-internals.ts";
import { networkOf } from "../../base/ip.ts";
import { oneLine } from "../../base/one-line.ts";
import type { ReceivedMessage } from "./target.ts";

/**
 * Writes the line about a request that cannot be handed to the gate, which would write it
 * otherwise: its target makes no one address, or it asks for another protocol than is spoken here,
 * or its method is one that no `Request` can have. The query stays out of it.
 */
export function logUnusable(
	// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
	gate: Gate<any>,
	{ method = "", url = "", headers, socket }: ReceivedMessage,
): void {
	const [target = ""] = url.split(/[?#]/, 1);
	const wanted = headers.upgrade;
	const upgrade = typeof wanted === "string" ? ` and Upgrade ${oneLine(wanted, 40)}` : "";
	const host = oneLine(headers.host ?? "none", 120);
	const seen = `${oneLine(method, 20)} ${oneLine(target, 120)} came with Host ${host}${upgrade}`;
	const expected = `a path in origin form, a plain Host and a method other than CONNECT, TRACE and TRACK${upgrade === "" ? "" : ", and a handshake of WebSocket"}`;
	const message = `${seen}; expected ${expected}. If a proxy sends it, have it pass on the path alone`;
	const entry = { level: "warning", code: "not_found", reason: "target", message } as const;
	internalsOf(gate)?.log(
		entry,
		networkOf(String((socket as { remoteAddress?: unknown }).remoteAddress ?? "")),
	);
}
