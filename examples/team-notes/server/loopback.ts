import { createServer, type Server } from "node:net";

export interface Listening {
	readonly port: number;
	/** Takes no more connections; open ones stay. */
	close(): void;
}

/** Listens for everyone. */
export async function listenEverywhere(server: Server, port: number): Promise<Listening> {
	return { port: await listen(server, { port }), close: () => server.close() };
}

/**
 * Listens on this machine alone, on both of its addresses: `localhost` may mean either, and a
 * program that has the other one would be taken for us.
 *
 * @throws the `EADDRINUSE` error of Node if the port is taken on one of them.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<Listening> {
	const bound = await listen(server, { port, host: "127.0.0.1" });
	const second = createServer((socket) => server.emit("connection", socket));
	const close = () => {
		server.close();
		if (second.listening) second.close();
	};
	try {
		await listen(second, { port: bound, host: "::1" });
	} catch (error) {
		if (!hasNoIPv6(error)) {
			close();
			throw error;
		}
	}
	return { port: bound, close };
}

function listen(server: Server, options: { port: number; host?: string }): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(options, () => {
			server.off("error", reject);
			const address = server.address();
			resolve(typeof address === "object" && address !== null ? address.port : options.port);
		});
	});
}

function hasNoIPv6(error: unknown): boolean {
	const code = error instanceof Error && "code" in error ? error.code : undefined;
	return code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT" || code === "EINVAL";
}
