import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";

/** An answer as it comes in, read by hand. */
export interface OpenAnswer {
	/** 0 where the connection ended without a word. */
	readonly status: number;
	/** What of the body has come so far; of HTTP/1.1 with the sizes of its chunks in between. */
	text(): string;
	/** Takes nothing more, as a browser that sleeps. */
	pause(): void;
	resume(): void;
	/** Goes away without a word. */
	hangUp(): void;
	/** True if the answer was complete, false if the connection ended before. */
	readonly isWhole: Promise<boolean>;
}

/** Sends one request over a connection of its own; resolves with the first bytes of the answer. */
export type Wire = (
	origin: string,
	method: string,
	path: string,
	headers?: Readonly<Record<string, string>>,
	body?: string,
) => Promise<OpenAnswer>;

/** HTTP/1.1 by a bare socket. */
export const http1: Wire = (origin, method, path, headers = {}, body) =>
	new Promise((resolve, reject) => {
		const { hostname, port, host } = new URL(origin);
		const socket = connect(Number(port), hostname);
		const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
		const lines = Object.entries({ host, connection: "close", ...length, ...headers }).map((pair) =>
			pair.join(": "),
		);
		socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
		let raw = "";
		let hasHead = false;
		const bodyOf = () => raw.slice(raw.indexOf("\r\n\r\n") + 4);
		const isWhole = new Promise<boolean>((whole) => {
			socket.on("close", () => {
				const announced = /^content-length: (\d+)/im.exec(raw)?.[1];
				whole(
					announced === undefined
						? raw.endsWith("0\r\n\r\n")
						: bodyOf().length >= Number(announced),
				);
			});
		});
		const answer = (): OpenAnswer => ({
			status: Number(raw.slice(9, 12)),
			text: bodyOf,
			pause: () => void socket.pause(),
			resume: () => void socket.resume(),
			hangUp: () => void socket.destroy(),
			isWhole,
		});
		socket.on("error", reject).on("close", () => resolve(answer()));
		socket.setEncoding("utf8").on("data", (text: string) => {
			raw += text;
			if (!hasHead && raw.includes("\r\n\r\n")) {
				hasHead = true;
				resolve(answer());
			}
		});
	});

/** HTTP/2 without TLS. */
export const http2: Wire = (origin, method, path, headers = {}, body) =>
	new Promise((resolve, reject) => {
		const session = connectHttp2(origin);
		const stream = session.request(
			{ ":method": method, ":path": path, ...headers },
			{ endStream: body === undefined },
		);
		if (body !== undefined) stream.end(body);
		let text = "";
		let hasEnded = false;
		const isWhole = new Promise<boolean>((whole) => {
			stream.on("close", () => {
				whole(hasEnded && stream.rstCode === 0);
				session.destroy();
			});
		});
		session.on("error", reject);
		const answer = (status: number): OpenAnswer => ({
			status,
			text: () => text,
			pause: () => void stream.pause(),
			resume: () => void stream.resume(),
			hangUp: () => session.destroy(),
			isWhole,
		});
		// It ends with an error when the answer is cut off; that is what `isWhole` says.
		stream.on("error", () => {}).on("close", () => resolve(answer(0)));
		stream.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
		});
		stream.on("end", () => {
			hasEnded = true;
		});
		stream.on("response", ({ ":status": status = 0 }) => resolve(answer(status)));
	});
