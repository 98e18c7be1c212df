import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { afterEachFile } from "./after-file.ts";

/** A server on this machine. */
export interface Listening {
	/** `http://localhost:<port>`. */
	readonly origin: string;
	close(): Promise<void>;
}

const running: Listening[] = [];

afterEachFile(async () => {
	await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Serves a `node:http` listener on a free port until the tests of the file are over. */
export async function listen(listener: RequestListener): Promise<Listening> {
	const server = createServer(listener);
	await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
	const listening: Listening = {
		origin: `http://localhost:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
	running.push(listening);
	return listening;
}

/**
 * Serves a web-standard handler: the smallest bridge that keeps cookies apart and streams. A throw
 * is a 500 that says so.
 */
export function listenFetch(handler: (request: Request) => Promise<Response>): Promise<Listening> {
	return listen(async (incoming, outgoing) => {
		let response: Response;
		try {
			response = await handler(toRequest(incoming));
		} catch (error) {
			response = new Response(`thrown: ${error}`, { status: 500 });
		}
		outgoing.statusCode = response.status;
		for (const [name, value] of response.headers)
			if (name !== "set-cookie") outgoing.setHeader(name, value);
		const cookies = response.headers.getSetCookie();
		if (cookies.length > 0) outgoing.setHeader("Set-Cookie", cookies);
		if (response.body === null || incoming.method === "HEAD") {
			outgoing.end();
			return;
		}
		const body = Readable.fromWeb(response.body as unknown as NodeReadableStream);
		await pipeline(body, outgoing).catch((error: NodeJS.ErrnoException) => {
			if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") console.error(error);
		});
	});
}

function toRequest(incoming: IncomingMessage): Request {
	const method = incoming.method ?? "GET";
	const headers = new Headers();
	for (const [name, value] of Object.entries(incoming.headers)) {
		for (const line of Array.isArray(value) ? value : [value ?? ""]) headers.append(name, line);
	}
	const hasBody = method !== "GET" && method !== "HEAD";
	const body = hasBody
		? { body: Readable.toWeb(incoming) as unknown as ReadableStream, duplex: "half" as const }
		: {};
	return new Request(`http://${incoming.headers.host}${incoming.url}`, {
		method,
		headers,
		...body,
	});
}
