/**
 * Reads a body of at most `maxBytes`.
 *
 * @returns `undefined` for one that is larger or cannot be read.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
	const announced = request.headers.get("content-length");
	if (announced !== null && Number(announced) > maxBytes) return undefined;
	if (!request.body) return new Uint8Array();
	const chunks: Uint8Array[] = [];
	let length = 0;
	try {
		for (const reader = request.body.getReader(); ; ) {
			const { done, value } = await reader.read();
			if (done) break;
			length += value.length;
			if (length > maxBytes) {
				await reader.cancel();
				return undefined;
			}
			chunks.push(value);
		}
	} catch {
		return undefined;
	}
	if (chunks.length === 1) return chunks[0];
	const body = new Uint8Array(length);
	let offset = 0;
	for (const chunk of chunks) {
		body.set(chunk, offset);
		offset += chunk.length;
	}
	return body;
}
