import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { getRequestListener } from "@hono/node-server";
import { createApp, gate } from "./app.ts";
import { auditStore } from "./audit-store.ts";
import { builtFrontEnd } from "./built-front-end.ts";
import { listenEverywhere, listenOnLoopback } from "./loopback.ts";
import { noteStore } from "./note-store.ts";

export interface StartOptions {
	/** 0 for any free one. */
	readonly port: number;
	/**
	 * True: Vite serves the front end, and only this machine is listened to. False: the built files,
	 * for everyone.
	 */
	readonly development: boolean;
	/** PEM. Without it plain http: for localhost, and behind a proxy that ends TLS. */
	readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

export interface RunningApp {
	/** As a browser on this machine opens it. */
	readonly url: string;
	/**
	 * Says goodbye to open tabs, ends all connections and closes the database. The gate does not open
	 * again in this process.
	 */
	close(): Promise<void>;
}

/**
 * Starts the app.
 *
 * @throws the `EADDRINUSE` error of Node if the port is taken.
 */
export async function startApp({ port, development, tls }: StartOptions): Promise<RunningApp> {
	// What is wrong with the configuration shows here, not at the first request.
	await gate.ready();
	noteStore.open();
	const server: Server = tls ? createHttpsServer(tls) : createHttpServer();
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
		: builtFrontEnd();
	start(getRequestListener(createApp(frontEnd).fetch));
	return {
		url: `${tls ? "https" : "http"}://localhost:${listening.port}`,
		close: async () => {
			listening.close();
			await gate.close();
			server.closeAllConnections();
			await frontEnd.close();
			noteStore.close();
			auditStore.close();
		},
	};
}
