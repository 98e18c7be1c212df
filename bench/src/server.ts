// A server in a process of its own: answers until its parent is gone, and says how much CPU time it
// has used when asked.
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type AppName, createApp } from "./apps.ts";

const app = createApp(process.argv[2] as AppName);
const port = Number(process.argv[3] ?? 0);
const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info: AddressInfo) =>
	process.send?.(info.port),
);

process.on("message", () => {
	process.send?.(process.cpuUsage());
});
process.on("disconnect", () => {
	server.close();
	process.exit(0);
});
