import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Outcome } from "./faulty-idp-transport.ts";

/** Serves a handler over a socket. */
export function toListener(
	issuer: string,
	handler: (request: Request) => Promise<Outcome>,
): RequestListener {
	return (incoming, outgoing) => {
		answer(issuer, handler, incoming, outgoing).catch((error: unknown) => {
			// A client that has gone is the point of several faults, not a failure of ours.
			if (!outgoing.destroyed && !outgoing.headersSent) console.error("faulty-idp:", error);
			outgoing.destroy();
		});
	};
}

async function answer(
	issuer: string,
	handler: (request: Request) => Promise<Outcome>,
	incoming: IncomingMessage,
	outgoing: ServerResponse,
): Promise<void> {
	const outcome = await handler(await toRequest(issuer, incoming));
	if (outcome === "hang") return;
	if (outcome === "reset") {
		incoming.socket.destroy();
		return;
	}
	outgoing.statusCode = outcome.status;
	outgoing.sendDate = false;
	outcome.headers.forEach((value, name) => {
		outgoing.appendHeader(name, value);
	});
	if (outcome.body === null) {
		outgoing.end();
		return;
	}
	outgoing.flushHeaders();
	await pipeline(
		Readable.fromWeb(outcome.body as import("node:stream/web").ReadableStream),
		outgoing,
	);
}

async function toRequest(issuer: string, incoming: IncomingMessage): Promise<Request> {
	const chunks: Buffer[] = [];
	for await (const chunk of incoming) chunks.push(chunk as Buffer);
	const headers = new Headers();
	for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
	const method = incoming.method ?? "GET";
	const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks).toString();
	return new Request(new URL(incoming.url ?? "/", issuer), { method, headers, body });
}
