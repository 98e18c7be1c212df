/** First room for a body that comes in pieces. Bytes. */
const SMALLEST = 1024;

/** Who watches over what is being read. */
export interface Reading {
	/** Hears how many bytes are held. */
	holds(bytes: number): void;
	/** Set here: ends the reading. */
	cancel: (() => void) | undefined;
	/** True once it has been ended. */
	readonly isDropped: boolean;
}

/**
 * Reads a stream of at most `maxBytes`. Pieces are copied as they come: one of a single byte takes
 * up to 500, and a slow sender may make a whole body of them.
 *
 * @returns `undefined` as soon as it is known to be larger, and where the reading was ended.
 * @throws what reading throws.
 */
export async function readBytes(
	stream: ReadableStream<Uint8Array>,
	maxBytes: number,
	reading?: Reading,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	const reader = stream.getReader();
	// What is being waited for comes to its end at once, then.
	if (reading) reading.cancel = () => void reader.cancel().catch(() => {});
	let bytes = new Uint8Array();
	let length = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (reading?.isDropped) return undefined;
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
			reading?.holds(larger.byteLength);
			if (reading?.isDropped) return undefined;
		}
		bytes.set(value, before);
	}
}
