import { createServer, type RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createApp, gate } from "./app.ts";
import { builtFrontEnd } from "./built-front-end.ts";
import { listenEverywhere, listenOnLoopback } from "./loopback.ts";

export interface StartOptions {
	/** 0 for any free one. */
	readonly port: number;
	/**
	 * True: Vite serves the front end, and only this machine is listened to. False: the built files,
	 * for everyone.
	 */
	readonly development: boolean;
}

export interface RunningApp {
	/** As a browser on this machine opens it. */
	readonly url: string;
	/** Ends all connections too. */
	close(): Promise<void>;
}

/**
 * Starts the app.
 *
 * @throws the `EADDRINUSE` error of Node if the port is taken.
 */
export async function startApp({ port, development }: StartOptions): Promise<RunningApp> {
	// What is wrong with the configuration shows here, not at the first request.
	await gate.ready();
	const server = createServer();
	let start!: (listener: RequestListener) => void;
	const started = new Promise<RequestListener>((resolve) => {
		start = resolve;
	});
	// Listens first, to know whether the port is free; who comes early waits.
	server.on(
		"request",
		(request, response) => void started.then((answer) => answer(request, response)),
	);
	const listening = await (development
		? listenOnLoopback(server, port)
		: listenEverywhere(server, port));

	const frontEnd = development
		? await (await import("./vite-front-end.ts")).viteFrontEnd(server)
		: await builtFrontEnd();
	start(getRequestListener(createApp(frontEnd).fetch));
	return {
		url: `http://localhost:${listening.port}`,
		close: async () => {
			listening.close();
			await gate.close();
			server.closeAllConnections();
			await frontEnd.close();
		},
	};
}
