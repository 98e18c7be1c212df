import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "../../app/gate.ts";
import { internalsOf } from "../../app/gate-internals.ts";
import { consoleLog } from "../../audit/log.ts";
import { networkOf } from "../../base/ip.ts";
import type { UserClaims } from "../../protocol/types.ts";

/** `INTERNAL_ERROR` of HTTP/2 (RFC 9113 section 7). */
const HTTP2_INTERNAL_ERROR = 2;
/**
 * A browser that takes nothing of an answer for so long loses it: Node waits for ever, over HTTP/2
 * for any number at once. Milliseconds.
 */
const TAKES_WITHIN = 120_000;
/** Largest part of a chunk that is written at once. Bytes. */
const PIECE = 65_536;

type Run = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A request, what answers it, and the gate in front of it. */
export interface Exchange {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly gate: Gate<UserClaims>;
}

/**
 * Sends a web-standard answer through Node's. Never rejects.
 *
 * - The body is read as fast as the browser takes it, one chunk at a time.
 * - When the browser goes away, or takes nothing for two minutes, the body is cancelled.
 * - A body that fails, or headers that Node refuses, become a 500 where nothing has left yet, and
 *   else end the connection. Either is logged once.
 *
 * By hand and not by `stream.pipeline`: a pipe writes the head together with the first chunk, in an
 * event handler where what Node refuses would be an uncaught exception.
 */
export async function sendResponse(answer: Response, exchange: Exchange): Promise<void> {
	const { request, response } = exchange;
	if (isOver(response) || request.method === "HEAD") discard(answer);
	if (isOver(response)) return;
	try {
		setHeaders(answer, response);
		if (request.method === "HEAD" || !answer.body) response.end();
		else if (answer.bodyUsed)
			throw new TypeError("The body of the answer was read already"); // proven: body-in-use
		else await sendBody(answer.body, response);
	} catch (error) {
		discard(answer);
		fail(exchange, "The answer could not be sent", error);
	}
}

/**
 * A listener that never rejects: what it throws is logged, and answered with a 500 where nothing
 * has left yet. As a rejection it would end the process, and an upload that breaks off while the
 * app reads it is enough to bring one about.
 */
export function neverRejecting(
	gate: Gate<UserClaims>,
	run: Run,
): (...args: Parameters<Run>) => Promise<void> {
	return async (request, response) => {
		try {
			await run(request, response);
		} catch (error) {
			fail({ request, response, gate }, "The app's listener failed", error); // proven: failing-listener
		}
	};
}

function setHeaders(answer: Response, response: ServerResponse): void {
	response.statusCode = answer.status;
	for (const [name, value] of answer.headers)
		if (name !== "set-cookie") response.setHeader(name, value);
	// One by one: cookies must never be joined into one header.
	const cookies = answer.headers.getSetCookie();
	if (cookies.length > 0) response.setHeader("Set-Cookie", cookies);
}

/**
 * Resolves when the last chunk was handed to Node, or the browser has gone. Rejects if the body
 * fails.
 */
function sendBody(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
	const reader = body.getReader();
	return new Promise<void>((resolve, reject) => {
		let rest: Uint8Array | undefined;
		const stop = (): void => {
			response.off("drain", readOn).off("close", onClose).off("error", onError);
			reader.cancel().catch(ignore); // proven: body-goes-on
		};
		const onClose = (): void => {
			stop();
			resolve();
		};
		const onError = (error: unknown): void => {
			stop();
			reject(error);
		};
		const take = ({ done, value }: ReadableStreamReadResult<Uint8Array>): void => {
			try {
				if (done && !isOver(response)) {
					response.end();
					expectTaking(response);
				}
				if (isOver(response)) {
					onClose();
					return;
				}
				rest = value;
				writeOn();
			} catch (error) {
				onError(error);
			}
		};
		/**
		 * Writes what is left of a chunk, in pieces, so that it can be seen how the browser gets on
		 * with it.
		 */
		const writeOn = (): void => {
			while (rest !== undefined) {
				const chunk = rest;
				rest = chunk.length > PIECE ? chunk.subarray(PIECE) : undefined;
				if (response.write(rest ? chunk.subarray(0, PIECE) : chunk)) continue;
				expectTaking(response);
				return;
			}
			reader.read().then(take, onError);
		};
		const readOn = (): void => {
			try {
				writeOn();
			} catch (error) {
				onError(error);
			}
		};
		response.on("drain", readOn).on("close", onClose).on("error", onError);
		// A body can also fail while it waits for the browser, when nothing is being read.
		reader.closed.catch(onError);
		readOn();
	});
}

function fail({ request, response, gate }: Exchange, what: string, error: unknown): void {
	// Work for a browser that has gone ends with an error. Any caller can cause that, as often as
	// they like, so it is not logged.
	if (isOver(response) && !response.writableEnded && isDisconnection(error)) return; // proven: gone-is-logged
	const path = (request.url ?? "/").split("?", 1)[0];
	const message = `${what}: ${request.method} ${path}`;
	const entry = { level: "error", code: "internal_error", message, cause: error } as const;
	const internals = internalsOf(gate);
	// With a share for each network: a stranger can bring it about, and must not keep back lines
	// about others.
	if (internals) internals.log(entry, networkOf(request.socket?.remoteAddress ?? ""));
	else consoleLog(entry);
	if (isOver(response)) return;
	if (response.headersSent) {
		cutOff(response); // proven: half-an-answer
		return;
	}
	try {
		// `Connection` is not the answer's: a server that is being shut down has set it.
		for (const name of response.getHeaderNames())
			if (name !== "connection") response.removeHeader(name);
		response.setHeader("Content-Type", "text/plain; charset=utf-8");
		response.setHeader("Cache-Control", "no-store");
		response.statusCode = 500;
		response.end("Internal error");
	} catch {
		cutOff(response);
	}
}

/** Ends an answer of which the browser takes nothing for too long. */
function expectTaking(response: ServerResponse): void {
	const timer = setTimeout(() => cutOff(response), TAKES_WITHIN); // proven: stalled-browser
	timer.unref();
	const clear = (): void => {
		clearTimeout(timer);
		response.off("drain", clear).off("close", clear);
	};
	response.on("drain", clear).on("close", clear);
}

/**
 * Ends the connection, or the one stream of HTTP/2, so that what was sent is not taken for the
 * whole.
 */
function cutOff(response: ServerResponse & { readonly stream?: Http2Stream }): void {
	if (response.stream) response.stream.close(HTTP2_INTERNAL_ERROR);
	else response.destroy();
}

/** What is used of the stream below an answer in HTTP/2. */
interface Http2Stream {
	readonly closed: boolean;
	readonly destroyed: boolean;
	close(code: number): void;
}

/** True if nothing more can be sent: the browser has gone, or all was said. */
function isOver(response: ServerResponse & { readonly stream?: Http2Stream }): boolean {
	const { stream } = response;
	return (
		response.writableEnded ||
		response.destroyed ||
		stream?.closed === true ||
		stream?.destroyed === true
	);
}

/** True for the errors of a browser that went away in the middle. */
function isDisconnection(error: unknown): boolean {
	const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
	return (
		code === "ECONNRESET" ||
		code === "EPIPE" ||
		code === "ERR_STREAM_PREMATURE_CLOSE" ||
		name === "AbortError"
	);
}

function discard({ body }: Response): void {
	if (body && !body.locked) body.cancel().catch(ignore);
}

function ignore(): void {}
