import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

/**
 * A `fetch` for GET that sends the headers it is given and no others. The platform's sets
 * `Sec-Fetch-Mode: cors`, with any options, and a gate begins no login in the background. Follows
 * no redirects and decodes nothing.
 */
export const plainFetch: typeof fetch = (input, init = {}) =>
	new Promise((resolve, reject) => {
		const url = new URL(input instanceof Request ? input.url : input);
		const headers = Object.fromEntries(new Headers(init.headers));
		const send = url.protocol === "https:" ? httpsRequest : httpRequest;
		// A connection for each: one that was kept could have been closed meanwhile.
		const options = {
			method: init.method ?? "GET",
			headers,
			agent: false,
			...(init.signal && { signal: init.signal }),
		};
		const request = send(url, options, (incoming) => resolve(toResponse(incoming)));
		request.on("error", reject);
		request.end();
	});

function toResponse(incoming: IncomingMessage): Response {
	const headers = new Headers();
	for (let i = 0; i < incoming.rawHeaders.length; i += 2)
		headers.append(incoming.rawHeaders[i] ?? "", incoming.rawHeaders[i + 1] ?? "");
	const status = incoming.statusCode ?? 502;
	const hasBody = status !== 204 && status !== 304;
	if (!hasBody) incoming.resume();
	const body = hasBody
		? (Readable.toWeb(incoming) as NodeReadableStream as unknown as ReadableStream)
		: null;
	return new Response(body, { status, headers });
}
