import { readLines } from "./lines.ts";
import type { Platform } from "./platform.ts";
import { postJson } from "./post-json.ts";

/** After a lost request the server counts as out of reach for this long. Milliseconds. */
const OUT_OF_REACH = 5000;
/** Longest wait between two attempts. Milliseconds. */
const MAX_PAUSE = 30_000;

/** Requests to the app, and what is known about whether it can be reached. */
export interface Connection {
	readonly platform: Platform;
	/**
	 * Gets refused requests (401) before the caller does, and returns the answer that the caller
	 * gets. The one place for what can be repaired without the person, such as a token that has to be
	 * refreshed.
	 *
	 * @param sendAgain Sends the request once more.
	 */
	retry?: (refused: Response, sendAgain: () => Promise<Response>) => Promise<Response>;
	/** Whether it is better not to send now what makes no sense later. */
	readonly isOutOfReach: boolean;
	/** Sends JSON by POST to a path below the endpoint. Rejects if there is no answer. */
	post(path: string, body: string, signal?: AbortSignal): Promise<Response>;
	/**
	 * Sends JSON by POST to a path of the app. Rejects if there is no answer. With `keepalive` it
	 * outlives the page.
	 */
	send(path: string, body: string, signal?: AbortSignal, keepalive?: boolean): Promise<Response>;
	/**
	 * Sends by a function, and once more if the reason for the refusal could be repaired. The server
	 * has then carried out nothing of the first request.
	 */
	withRetry(send: () => Promise<Response>): Promise<Response>;
	/** Reads the lines of an answer; see `readLines`. */
	lines<T>(body: ReadableStream<Uint8Array>, onBytes?: () => void): AsyncGenerator<T>;
	/** An answer did not come, or broke off. */
	lost(): void;
	/**
	 * How long to wait after so many failures: 0.5 to 1 second, doubled with each up to 15 to 30, at
	 * random so that not all come at once. Milliseconds.
	 */
	backOff(failures: number): number;
	/**
	 * Waits this many milliseconds, or until there is reason to think that the server can be reached
	 * again.
	 */
	pause(milliseconds: number): Promise<void>;
	/** Ends all pauses: the browser is online again, or the page is looked at. */
	wake(): void;
}

export function createConnection(platform: Platform, endpoint: string): Connection {
	const pauses = new Set<() => void>();
	let outOfReachUntil = 0;

	const lost = () => {
		outOfReachUntil = Date.now() + OUT_OF_REACH;
	};

	const send: Connection["send"] = async (path, body, signal, keepalive) => {
		try {
			const response = await platform.fetch(path, {
				...postJson(body, keepalive),
				...(signal && { signal }),
			});
			outOfReachUntil = 0;
			return response;
		} catch (error) {
			if (!signal?.aborted) lost();
			throw error;
		}
	};

	const connection: Connection = {
		platform,
		get isOutOfReach() {
			return platform.isOffline() || Date.now() < outOfReachUntil;
		},
		post: (path, ...rest) => connection.withRetry(() => send(`${endpoint}/${path}`, ...rest)),
		send,
		withRetry: async (send) => {
			const response = await send();
			return response.status === 401 && connection.retry
				? connection.retry(response, send)
				: response;
		},
		lines: readLines,
		lost,
		backOff: (failures) => Math.min(MAX_PAUSE, 1000 * 2 ** failures) * (1 - Math.random() / 2),
		pause: (milliseconds) =>
			new Promise((resolve) => {
				const end = () => {
					clearTimeout(timer);
					pauses.delete(end);
					resolve();
				};
				const timer = setTimeout(end, milliseconds);
				pauses.add(end);
			}),
		wake: () => {
			outOfReachUntil = 0;
			for (const end of pauses) end();
		},
	};
	return connection;
}
