import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** Certificate and private key, PEM. */
export interface Tls {
	readonly cert: string;
	readonly key: string;
}

/** A server of this machine alone, on a free port. */
export interface LoopbackServer {
	readonly port: number;
	close(): Promise<void>;
}

const ATTEMPTS = 10;

/**
 * Serves on 127.0.0.1 and `::1` alike. A browser tries both for `localhost`, and whoever else had
 * the second one would be taken for the app. Plain http without `tls`.
 */
export async function serveOnLoopback(
	listener: RequestListener,
	tls?: Tls,
): Promise<LoopbackServer> {
	const create = () =>
		(tls ? createHttpsServer(tls, listener) : createHttpServer(listener)) as Server;
	for (let attempt = 1; ; attempt++) {
		const first = create();
		const port = await listen(first, 0, "127.0.0.1");
		const second = create();
		try {
			await listen(second, port, "::1");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
				await close(first);
				if (attempt < ATTEMPTS) continue;
				throw error;
			}
			// A machine without IPv6.
		}
		return { port, close: async () => void (await Promise.all([close(first), close(second)])) };
	}
}

function listen(server: Server, port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host }, () => {
			server.off("error", reject);
			resolve((server.address() as AddressInfo).port);
		});
	});
}

function close(server: Server): Promise<void> {
	if (!server.listening) return Promise.resolve();
	return new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}
