import { createServer, type RequestListener, type Server } from "node:http";

/** A server that listens on this machine only. */
export interface LoopbackServer {
	readonly port: number;
	/** Starts to answer; until then requests wait. */
	answer(listener: RequestListener): void;
	/** Ends all connections, also those that are still being answered. */
	close(): Promise<void>;
}

/**
 * Listens on 127.0.0.1 and, where the machine has it, on `::1`: `localhost` may mean either, and
 * another process on the second address would be taken for this server.
 *
 * @param port 0 for any free one.
 * @throws the `EADDRINUSE` or `EACCES` error of Node if the port cannot be had.
 */
export async function listenOnLoopback(port: number): Promise<LoopbackServer> {
	let answer!: (listener: RequestListener) => void;
	const listener = new Promise<RequestListener>((resolve) => {
		answer = resolve;
	});
	const create = () =>
		createServer((request, response) => {
			listener.then((run) => run(request, response)).catch(() => response.destroy());
		});

	for (let attempt = 0; ; attempt++) {
		const first = create();
		const bound = await listen(first, port, "127.0.0.1");
		const second = create();
		try {
			await listen(second, bound, "::1");
		} catch (error) {
			if (!hasNoIPv6(error)) {
				await close(first);
				// The port was free on one address only. With a port of our choice there are others.
				if (port === 0 && attempt < maxAttempts) continue;
				throw error;
			}
		}
		return {
			port: bound,
			answer,
			close: async () => void (await Promise.all([close(first), close(second)])),
		};
	}
}

const maxAttempts = 10;

function listen(server: Server, port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host }, () => {
			server.off("error", reject);
			const address = server.address();
			resolve(typeof address === "object" && address !== null ? address.port : port);
		});
	});
}

function hasNoIPv6(error: unknown): boolean {
	return (
		error instanceof Error &&
		"code" in error &&
		["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"].includes(String(error.code))
	);
}

function close(server: Server): Promise<void> {
	if (!server.listening) return Promise.resolve();
	return new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}
