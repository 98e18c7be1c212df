// One replica of an app, as it is deployed: a process of its own that uses the built package. Told
// what to do by `PORT`, `HOST_KIND` (`hono` or `node`), `TRUST_PROXY`, `REDIS_URL`, `STATES` (any
// text: a board for everyone, without Redis), `REDIS_CLUSTER` (URLs of nodes), `DELAY` of
// `shutDown`, and `AHEAD`, seconds by which its clock is ahead, besides the variables of the
// package. Hears `{ ahead }` too.
import { createServer, type Server } from "node:http";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { type Auth, portcullis, type User, type UserClaims } from "portcullis";
import { protect } from "portcullis/hono";
import { protect as protectNode, shutDown, userOf } from "portcullis/node";
import { redis } from "portcullis/redis";
import { createCluster } from "redis";
import { z } from "zod";
import { BODIES, mostSecretBody } from "./path-spellings.ts";

const { PORT, HOST_KIND, TRUST_PROXY, REDIS_URL, REDIS_CLUSTER, STATES, AHEAD, DELAY } =
	process.env;
let ahead = Number(AHEAD ?? 0);

const auth = portcullis({
	extraScopes: ["offline_access"],
	...(REDIS_URL ? { store: redis(REDIS_URL) } : {}),
	...(REDIS_CLUSTER ? { store: redis({ client: clusterOf(REDIS_CLUSTER) }) } : {}),
	platform: { now: () => Date.now() + ahead * 1000 },
	http: { trustProxy: TRUST_PROXY ? TRUST_PROXY.split(",") : false },
});
const isAdmin = auth.check(
	({ user }) => (user.claims as { groups?: string[] }).groups?.includes("admins") === true,
);
const gate = auth.gate({
	...(REDIS_URL || REDIS_CLUSTER || STATES ? { states: board(auth) } : {}),
	pages: {
		"/public/*": { auth: false },
		"/public/internal/*": { auth: true },
		"/open/:name": { auth: false },
		"/open/private": { auth: true },
		"/open/private/*": { auth: true },
		"/admin/*": { auth: isAdmin },
	},
	assets: ["/assets/*"],
});
await gate.ready();

const server = HOST_KIND === "node" ? onNode() : onHono();

process.on("message", (message: { readonly ahead: number }) => {
	ahead = message.ahead;
	process.send?.({ ahead });
});
process.once("SIGTERM", async () => {
	await shutDown(server, gate, { delay: Number(DELAY ?? 0) });
	process.exit();
});
server.on("listening", () => process.send?.({ isListening: true }));

function clusterOf(urls: string) {
	return createCluster({ rootNodes: urls.split(",").map((url) => ({ url })) });
}

function onHono(): Server {
	const app = protect(new Hono(), gate);
	for (const [path, body] of Object.entries(BODIES))
		app.all(path, (c) => c.text(say(path, c.var.user, body), 200, { "X-Replica": PORT ?? "" }));
	app.all("*", (c) => c.text(say(c.req.path, c.var.user), 200, { "X-Replica": PORT ?? "" }));
	return serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }) as Server;
}

function onNode(): Server {
	const listener = protectNode((request, response) => {
		response.setHeader("Content-Type", "text/plain;charset=UTF-8");
		response.setHeader("X-Replica", PORT ?? "");
		const { url = "/" } = request;
		response.end(say(url.split("?", 1)[0] ?? "/", userOf(request), mostSecretBody(url)));
	}, gate);
	return createServer(listener).listen(Number(PORT), "127.0.0.1");
}

/** What a page says: `served-by-the-app`, where it is, for whom, and what is secret about it. */
function say(path: string, user: User<UserClaims> | undefined, body = ""): string {
	return `served-by-the-app ${path} for ${user?.sub ?? "nobody"} ${body}`.trimEnd();
}

function board<U extends UserClaims>({ State, field, computed, event, topic }: Auth<U>) {
	const changes = topic("changes");
	class Board extends State {
		log = field<readonly string[]>([]);
		rows = computed(() => "r".repeat(STATES ? 30_000 : 0), { auth: false, initial: "" });
		toldAt = computed(() => Date.now(), { on: [changes], initial: 0 });
		add = event({ input: z.string() }, ({ input: text }) => {
			this.log.value = [...this.log.value, text];
			return { replica: PORT, length: this.log.value.length };
		});
		tell = event(() => changes.changed());
		heardAt = computed(() => Math.random(), { auth: false, on: [changes], initial: 0 });
		say = event({ auth: false }, () => changes.changed());
		steps = event({ input: z.string() }, async function* (this: Board, { input: text }) {
			this.log.value = [...this.log.value, `${text} 1`];
			yield;
			await new Promise((resolve) => setTimeout(resolve, 1000));
			this.log.value = [...this.log.value, `${text} 2`];
		});
	}
	return { board: Board };
}
