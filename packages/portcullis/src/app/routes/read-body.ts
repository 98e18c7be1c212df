import { readBytes } from "../../base/read-bytes.ts";
import { UNFINISHED, type UnfinishedBodies } from "./unfinished-bodies.ts";

/**
 * Longest body that the platform may read by itself. It keeps every piece until the end, and a
 * piece of one byte takes up to 500 bytes: a body of 60 kB that came byte by byte took 26 MB.
 */
const MAX_AS_TEXT = 1024;
const PIECE = 500;

/**
 * Reads a body of at most `maxBytes`.
 *
 * @returns `undefined` for one that is larger, cannot be read or takes too long.
 */
export async function readBody(
	request: Request,
	maxBytes: number,
	bodies: UnfinishedBodies = UNFINISHED,
): Promise<Uint8Array | undefined> {
	const announced = request.headers.get("content-length");
	if (announced !== null && Number(announced) > maxBytes) return undefined; // proven: announced-length
	if (!request.body) return new Uint8Array();
	const body = bodies.begin();
	try {
		return await readBytes(request.body, maxBytes, body);
	} catch {
		return undefined;
	} finally {
		body.end();
	}
}

const decoder = new TextDecoder();

async function readDecoded(...given: Parameters<typeof readBody>): Promise<string | undefined> {
	const bytes = await readBody(...given);
	return bytes && decoder.decode(bytes);
}

/**
 * The same as text, without a stream where a small length is announced: a stream took a quarter of
 * what an event takes.
 *
 * @returns `undefined` for a body that is larger, cannot be read or takes too long.
 */
export function readText(
	request: Request,
	maxBytes: number,
	bodies: UnfinishedBodies = UNFINISHED,
): Promise<string | undefined> {
	const announced = request.headers.get("content-length");
	// The HTTP server that received the request holds it to the length that it announced, by HTTP/1.1
	// (RFC 9112 section 6.3) as by HTTP/2 (RFC 9113 section 8.1.1), unless it came in chunks.
	const isHeld =
		announced !== null && /^\d+$/.test(announced) && !request.headers.has("transfer-encoding");
	// proven: pieces-kept
	if (!isHeld || Number(announced) > Math.min(MAX_AS_TEXT, maxBytes))
		return readDecoded(request, maxBytes, bodies);
	const body = bodies.begin();
	body.holds(PIECE * Number(announced));
	if (body.isDropped) return Promise.resolve(undefined);
	return new Promise((resolve) => {
		const settle = (text: string | undefined): void => {
			body.end();
			resolve(text);
		};
		body.cancel = () => resolve(undefined);
		request.text().then(
			(text) => settle(text.length > maxBytes ? undefined : text),
			() => settle(undefined),
		);
	});
}
