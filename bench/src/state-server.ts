// A server of the state benchmark in a process of its own: answers until its parent is gone, and
// does what it is told in between.
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createStateApp } from "./state-app.ts";

/** What the parent may ask for. */
export type StateOrder =
	| { readonly kind: "cpu" }
	/** Bytes in use after a garbage collection. */
	| { readonly kind: "heap" }
	| { readonly kind: "change"; readonly count: number }
	| { readonly kind: "advance"; readonly milliseconds: number };

const { app, change, advance } = createStateApp(process.argv[2] === "gate" ? "gate" : "bare");
const port = Number(process.argv[3] ?? 0);
const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info: AddressInfo) =>
	process.send?.(info.port),
);
// While the other server is measured, this one gets no request: connections have to outlive that.
if ("keepAliveTimeout" in server) server.keepAliveTimeout = 0;

process.on("message", async (order: StateOrder) => process.send?.(await obey(order)));
process.on("disconnect", () => process.exit(0));

async function obey(order: StateOrder): Promise<unknown> {
	switch (order.kind) {
		case "cpu":
			return process.cpuUsage();
		case "heap":
			return measureHeap();
		case "change":
			change(order.count);
			return true;
		case "advance":
			advance(order.milliseconds);
			return true;
	}
}

/** Closes idle connections first: their sockets and parsers are no memory of clients. */
async function measureHeap(): Promise<number> {
	if (!globalThis.gc) throw new Error("The server was started without --expose-gc");
	if ("closeIdleConnections" in server) server.closeIdleConnections();
	for (let i = 0; i < 3; i++) {
		await new Promise((resolve) => setImmediate(resolve));
		globalThis.gc();
	}
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}
