import type { Outcome } from "./faulty-idp-transport.ts";

/**
 * Makes a `fetch` that reaches a handler without a socket. It answers for one origin and knows no
 * network: any other one fails as an unreachable host does. `signal` and `redirect` work as they do
 * in the real one.
 */
export function toFetch(
	origin: string,
	handler: (request: Request) => Promise<Outcome>,
): typeof fetch {
	return async (input, init) => {
		const request = new Request(input, init);
		return send(request, init?.signal ?? request.signal, maxRedirects);
	};

	async function send(request: Request, signal: AbortSignal, redirects: number): Promise<Response> {
		signal.throwIfAborted();
		if (new URL(request.url).origin !== origin)
			throw networkError(`no route to ${new URL(request.url).origin}`);
		const outcome = await Promise.race([handler(request.clone()), aborted(signal)]);
		if (outcome === "hang") return aborted(signal);
		if (outcome === "reset") throw networkError("connection reset");
		const location = outcome.headers.get("location");
		if (location !== null && request.redirect === "error")
			throw networkError("unexpected redirect");
		if (location === null || request.redirect === "manual")
			return withSignal(outcome, request, signal);
		if (redirects === 0) throw networkError("redirect count exceeded");
		return send(new Request(new URL(location, request.url)), signal, redirects - 1);
	}
}

/** As the Fetch Standard has it. */
const maxRedirects = 20;

function networkError(reason: string): TypeError {
	return new TypeError("fetch failed", { cause: new Error(reason) });
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_resolve, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}

/** A body that ends with an error when the signal fires, as one over the network does. */
function withSignal(response: Response, request: Request, signal: AbortSignal): Response {
	if (response.body === null) return response;
	const body = response.body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal });
	requestOf.set(body, request);
	return new Response(body, { status: response.status, headers: response.headers });
}

/**
 * The signal of a request stops following the caller's once the request is collected: it lives as
 * long as the body.
 */
const requestOf = new WeakMap<ReadableStream, Request>();
