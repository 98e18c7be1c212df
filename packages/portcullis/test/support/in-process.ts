import type { Gate } from "../../src/index.ts";

/** What stands in a request that is handed to a gate without a socket. */
export interface Handed {
	readonly method?: string;
	readonly headers?: Record<string, string>;
	readonly body?: string;
	readonly address?: string | undefined;
}

/**
 * Hands one request to a gate as a host does, by the contract for hosts; the app behind answers
 * 204.
 */
export async function hand(
	gate: Gate,
	url: string,
	{ method, headers = {}, body, address }: Handed = {},
): Promise<Response> {
	const request = new Request(url, {
		method: method ?? (body === undefined ? "GET" : "POST"),
		headers,
		...(body === undefined ? {} : { body }),
	});
	const result = await gate.enter({
		method: request.method,
		url,
		header: (name) => request.headers.get(name),
		request: () => request,
		remoteAddress: address,
	});
	return result.kind === "respond" ? result.response : new Response(null, { status: 204 });
}

/** A request about state, as the app's own script sends it. */
export function handState(
	gate: Gate,
	origin: string,
	endpoint: string,
	body: unknown,
	{ headers, ...rest }: Handed = {},
): Promise<Response> {
	return hand(gate, `${origin}/_portcullis/${endpoint}`, {
		...rest,
		headers: { "content-type": "application/json", origin, "portcullis-request": "1", ...headers },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

/** A stream that is read as it comes. */
export interface ReadStream {
	readonly lines: { readonly type: string; readonly client?: number }[];
	/** True once the server has ended it. */
	isEnded: boolean;
	cancel(): Promise<void>;
}

export function readStream(response: Response): ReadStream {
	if (!response.ok || !response.body) throw new Error(`stream: ${response.status}`);
	const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
	const stream: ReadStream = { lines: [], isEnded: false, cancel: () => reader.cancel() };
	void (async () => {
		for (let rest = ""; ; ) {
			const { done, value } = await reader.read();
			if (done) break;
			const texts = (rest + value).split("\n");
			rest = texts.pop() ?? "";
			for (const text of texts) if (text !== "") stream.lines.push(JSON.parse(text));
		}
		stream.isEnded = true;
	})().catch(() => {});
	return stream;
}
