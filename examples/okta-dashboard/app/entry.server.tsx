import { renderToReadableStream } from "react-dom/server";
import {
	type EntryContext,
	type HandleErrorFunction,
	isRouteErrorResponse,
	type RouterContextProvider,
	ServerRouter,
} from "react-router";
import { documentHeaders } from "./document-headers.ts";
import { pageContext } from "./page-context.ts";

// For the server: in development the bundler's side has a copy of React Router of its own, and the
// two do not mix.
export { createRequestHandler } from "react-router";
export { toLoadContext } from "./page-context.ts";

/** Milliseconds. */
export const streamTimeout = 5000;

/** Renders a document. */
export default async function handleRequest(
	request: Request,
	status: number,
	routeHeaders: Headers,
	context: EntryContext,
	loadContext: RouterContextProvider,
): Promise<Response> {
	const nonce = randomNonce();
	const headers = documentHeaders(nonce, loadContext.get(pageContext));
	for (const [name, value] of routeHeaders) headers.append(name, value);
	if (request.method === "HEAD") return new Response(null, { status, headers });

	let outcome = status;
	const body = await renderToReadableStream(
		<ServerRouter context={context} url={request.url} nonce={nonce} />,
		{
			nonce,
			signal: AbortSignal.any([request.signal, AbortSignal.timeout(streamTimeout + 1000)]),
			onError(error: unknown) {
				outcome = 500;
				if (!request.signal.aborted) console.error(error);
			},
		},
	);
	return new Response(body, { status: outcome, headers });
}

/**
 * Logs what went wrong. A path without a page is the caller's mistake, and an aborted
 * request is no error.
 */
export const handleError: HandleErrorFunction = (error, { request }) => {
	const isCallers = isRouteErrorResponse(error) && error.status < 500;
	if (!isCallers && !request.signal.aborted) console.error(error);
};

function randomNonce(): string {
	return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(18))));
}
