import { connect } from "node:net";

/** What came back on a connection, as far as tests look at it. */
export interface RawAnswer {
	/** 0 where the server hung up without an answer. */
	readonly status: number;
	/** Everything after the headers, chunks as they came. */
	readonly body: string;
	readonly headers: string;
}

/**
 * Sends one request over a connection of its own, with just this target: a client of any library
 * would write another one.
 *
 * @param lines Header lines besides `Host`, which is that of `origin` unless they have one.
 */
export async function rawRequest(
	origin: string,
	target: string,
	{
		method = "GET",
		lines = [],
		body = "",
	}: { method?: string; lines?: readonly string[]; body?: string } = {},
): Promise<RawAnswer> {
	const { hostname, port, host } = new URL(origin);
	const hosts = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${host}`];
	const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
	const head = [
		`${method} ${target} HTTP/1.1`,
		...hosts,
		...lines,
		...length,
		"Connection: close",
	].join("\r\n");
	const text = await new Promise<string>((resolve, reject) => {
		const socket = connect(Number(port), hostname, () =>
			socket.write(`${head}\r\n\r\n${body}`, "latin1"),
		);
		let received = "";
		socket.setEncoding("latin1").on("data", (data: string) => {
			received += data;
		});
		socket.on("end", () => resolve(received)).on("error", reject);
	});
	const end = text.indexOf("\r\n\r\n");
	return {
		status: Number(/^HTTP\/1\.\d (\d+)/.exec(text)?.[1] ?? 0),
		headers: text.slice(0, end),
		body: text.slice(end + 4),
	};
}
