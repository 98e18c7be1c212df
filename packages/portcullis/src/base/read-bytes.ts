/** First room for a body that comes in pieces. Bytes. */
const SMALLEST = 1024;

/**
 * Reads a stream of at most `maxBytes`. Pieces are copied as they come: one of a single byte takes up to 500, and a slow sender may make
 * a whole body of them.
 *
 * @returns `undefined` as soon as it is known to be larger.
 * @throws what reading throws.
 */
export async function readBytes(
	stream: ReadableStream<Uint8Array>,
	maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	const reader = stream.getReader();
	let bytes = new Uint8Array();
	let length = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return bytes.subarray(0, length);
		const before = length;
		length += value.byteLength;
		// proven: long-bodies
		if (length > maxBytes) {
			// Not awaited: cancelling may hang as long as reading.
			reader.cancel().catch(() => {});
			reader.releaseLock();
			return undefined;
		}
		if (length > bytes.byteLength) {
			const larger = new Uint8Array(Math.min(maxBytes, Math.max(SMALLEST, 2 * length)));
			larger.set(bytes.subarray(0, before));
			bytes = larger;
		}
		bytes.set(value, before);
	}
}
