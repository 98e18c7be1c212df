/**
 * Reads objects line by line as they come. Ends with the body; a last line without its end is no
 * line.
 *
 * @param onBytes Called whenever something came, also where it was only an empty line.
 * @throws what reading throws, and `SyntaxError` for a line that is not JSON.
 */
export async function* readLines<T>(
	body: ReadableStream<Uint8Array>,
	onBytes?: () => void,
): AsyncGenerator<T> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			onBytes?.();
			const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
			rest = lines.pop() as string;
			for (const line of lines) if (line) yield JSON.parse(line);
		}
	} finally {
		reader.cancel().catch(() => {});
	}
}
