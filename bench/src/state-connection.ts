import { connect, type Socket } from "node:net";

/** An answer, as text. */
export interface WireAnswer {
	readonly status: number;
	/** Still in chunks, if it came in chunks. */
	readonly body: string;
}

/**
 * One HTTP/1.1 connection, kept alive, with one request at a time. It knows just what answers of
 * these servers need, so that sending costs far less than answering: a load generator that is the
 * slower side would make every server look alike.
 */
export class WireConnection {
	readonly #socket: Socket;
	#received = "";
	#settle: { resolve: (answer: WireAnswer) => void; reject: (error: Error) => void } | undefined;

	constructor(port: number) {
		this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
		this.#socket.setEncoding("latin1");
		this.#socket.on("data", (text: unknown) => this.#receive(text as string));
		this.#socket.on("error", (error) => this.#fail(error));
		this.#socket.on("close", () => this.#fail(new Error("The server closed the connection")));
	}

	/** @param head Request line and headers, without `Content-Length` and the empty line. */
	send(head: string, body: string): Promise<WireAnswer> {
		if (this.#socket.destroyed)
			return Promise.reject(new Error("The server closed the connection"));
		return new Promise((resolve, reject) => {
			this.#settle = { resolve, reject };
			this.#socket.write(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
		});
	}

	close(): void {
		this.#settle = undefined;
		this.#socket.destroy();
	}

	#receive(text: string): void {
		this.#received += text;
		const bodyAt = this.#received.indexOf("\r\n\r\n") + 4;
		if (bodyAt < 4) return;
		const head = this.#received.slice(0, bodyAt);
		const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
		const body = this.#received.slice(bodyAt);
		if (length === undefined ? !body.endsWith("0\r\n\r\n") : body.length < Number(length)) return;
		this.#received = "";
		const settle = this.#settle;
		this.#settle = undefined;
		settle?.resolve({ status: Number(head.slice(9, 12)), body });
	}

	#fail(error: Error): void {
		this.#settle?.reject(error);
		this.#settle = undefined;
	}
}

/** Request line and headers as a browser's script sends them, for `WireConnection.send`. */
export function requestHead(port: number, path: string, cookie: string): string {
	return [
		`POST ${path} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Connection: keep-alive",
		"Accept: */*",
		"Content-Type: application/json",
		`Origin: http://127.0.0.1:${port}`,
		"Portcullis-Request: 1",
		"Sec-Fetch-Site: same-origin",
		"Sec-Fetch-Mode: cors",
		"Sec-Fetch-Dest: empty",
		`Cookie: ${cookie}`,
	].join("\r\n");
}
