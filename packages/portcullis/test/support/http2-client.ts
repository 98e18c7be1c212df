import { type ClientHttp2Session, connect } from "node:http2";

/** One answer over HTTP/2; status 0 where the stream was refused or reset without one. */
export interface Http2Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	readonly body: string;
}

/** A connection over which requests with any path and any headers are sent. */
export class Http2Client {
	readonly #origin: string;
	#session: ClientHttp2Session | undefined;

	/** @param origin `https:`, by a certificate that this process trusts. */
	constructor(origin: string) {
		this.#origin = origin;
	}

	get(
		path: string,
		headers: Readonly<Record<string, string | string[]>> = {},
	): Promise<Http2Answer> {
		return new Promise((resolve) => {
			let answer: Http2Answer = { status: 0, headers: {}, body: "" };
			let body = "";
			const stream = this.#open().request({ ":path": path, ...headers });
			stream.on("response", ({ ":status": status = 0, ...rest }) => {
				answer = { status, headers: rest, body: "" };
			});
			stream.setEncoding("utf8").on("data", (text: string) => {
				body += text;
			});
			// A path that is none ends the stream, or the connection with it.
			stream.on("error", () => {});
			stream.on("close", () => resolve({ ...answer, body }));
			stream.end();
		});
	}

	close(): void {
		this.#session?.close();
	}

	#open(): ClientHttp2Session {
		if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
		this.#session = connect(this.#origin);
		this.#session.on("error", () => {});
		return this.#session;
	}
}
