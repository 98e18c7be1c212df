import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream, ReadableStreamDefaultReader } from "node:stream/web";
import type { Gate } from "../app/gate.ts";
import type { Admission, HostCall } from "../app/host-call.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import { makePrivate } from "./outgoing.ts";

/** A listener of `node:http`, `node:https` or the compatible API of `node:http2`. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** The signed-in people of requests that were let pass. */
const USERS = new WeakMap<IncomingMessage, User>();

/**
 * Puts the gate in front of a `node:http` listener: `createServer(protect(listener, gate))`.
 *
 * The listener runs only for requests that may pass. `upgrade` and `connect` events do not come by here: a server that handles
 * them has to ask `gate.enter` itself.
 */
export function protect(listener: Listener, gate: Gate<OIDCUserInfo>): Listener {
	return async (request, response) => {
		let admission: Admission;
		try {
			admission = await gate.enter(new NodeCall(request));
		} catch {
			// A request target or Host header that makes no URL; the gate itself never throws.
			response.writeHead(400, { "Content-Type": "text/plain", "Cache-Control": "no-store" }).end("Bad request");
			return;
		}
		if (admission.kind === "answered") return sendResponse(admission.response, request, response);
		if (admission.user) USERS.set(request, admission.user);
		if (admission.isPrivate) makePrivate(response, admission);
		return listener(request, response);
	};
}

/** The person of a request that `protect` let pass; `undefined` where a page is open to everyone and nobody is signed in. */
export function userOf<U extends OIDCUserInfo = OIDCUserInfo>(request: IncomingMessage): User<U> | undefined {
	return USERS.get(request) as User<U> | undefined;
}

/** A Node request as the gate wants it. */
class NodeCall implements HostCall {
	readonly #message: IncomingMessage;
	readonly method: string;
	readonly url: string;
	#request: Request | undefined;

	constructor(message: IncomingMessage) {
		this.#message = message;
		this.method = (message.method ?? "GET").toUpperCase();
		this.url = absoluteUrl(message);
	}

	get remoteAddress(): string | undefined {
		return this.#message.socket.remoteAddress;
	}

	readonly header = (name: string): string | null => {
		const value = this.#message.headers[name];
		return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
	};

	readonly request = (): Request => {
		this.#request ??= toWebRequest(this.#message, this.method, this.url);
		return this.#request;
	};
}

/** Throws `TypeError` for a request target or `Host` that makes no URL, so that nothing odd is ever matched. */
function absoluteUrl(message: IncomingMessage): string {
	const target = message.url ?? "/";
	const scheme = "encrypted" in message.socket ? "https" : "http";
	const host = message.headers.host ?? message.headers[":authority"] ?? "localhost";
	if (typeof host !== "string" || /[/\\?#@\s]/.test(host)) throw new TypeError("unusable Host header");
	const origin = new URL(`${scheme}://${host}`).origin;
	// Absolute form (RFC 9112 section 3.2.2): its path counts, its host does not.
	if (!target.startsWith("/")) {
		const url = new URL(target);
		return origin + url.pathname + url.search;
	}
	return origin + target;
}

function toWebRequest(message: IncomingMessage, method: string, url: string): Request {
	const headers = new Headers();
	for (const [name, value] of Object.entries(message.headers)) {
		if (name.startsWith(":") || value === undefined) continue;
		for (const line of Array.isArray(value) ? value : [value]) headers.append(name, line);
	}
	const hasBody = method !== "GET" && method !== "HEAD";
	const body = hasBody ? { body: lazyBody(message), duplex: "half" as const } : {};
	return new Request(url, { method, headers, ...body });
}

/** The body, read when somebody asks for it: `Readable.toWeb` by itself starts at once, and the listener would find nothing left. */
function lazyBody(message: IncomingMessage): ReadableStream<Uint8Array> {
	let reader: ReadableStreamDefaultReader<unknown> | undefined;
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				reader ??= Readable.toWeb(message).getReader();
				const { done, value } = await reader.read();
				if (done) controller.close();
				else controller.enqueue(value as Uint8Array);
			},
			cancel: (reason) => reader?.cancel(reason),
		},
		{ highWaterMark: 0 },
	);
}

async function sendResponse(response: Response, request: IncomingMessage, target: ServerResponse): Promise<void> {
	target.statusCode = response.status;
	for (const [name, value] of response.headers) if (name !== "set-cookie") target.setHeader(name, value);
	// One by one: cookies must never be joined into one header.
	const cookies = response.headers.getSetCookie();
	if (cookies.length > 0) target.setHeader("Set-Cookie", cookies);
	if (request.method === "HEAD" || !response.body) {
		target.end();
		return;
	}
	for await (const chunk of Readable.fromWeb(response.body as unknown as NodeReadableStream)) target.write(chunk);
	target.end();
}
