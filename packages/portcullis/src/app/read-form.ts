/** Largest form that is read, in bytes: an authorization response or a logout are far smaller. */
const MAX_FORM_BYTES = 65_536;

/** Reads an `application/x-www-form-urlencoded` body. `undefined` for any other type, a body that is too large or cannot be read. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
	const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
	if (type !== "application/x-www-form-urlencoded" || !request.body) return undefined;
	const chunks: Uint8Array[] = [];
	let length = 0;
	try {
		for (const reader = request.body.getReader(); ; ) {
			const { done, value } = await reader.read();
			if (done) break;
			length += value.length;
			if (length > MAX_FORM_BYTES) {
				await reader.cancel();
				return undefined;
			}
			chunks.push(value);
		}
	} catch {
		return undefined;
	}
	const body = new Uint8Array(length);
	let offset = 0;
	for (const chunk of chunks) {
		body.set(chunk, offset);
		offset += chunk.length;
	}
	return new URLSearchParams(new TextDecoder().decode(body));
}
