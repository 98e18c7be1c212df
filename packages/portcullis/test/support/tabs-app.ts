import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { type OutputChunk, rolldown } from "rolldown";
import { z } from "zod";
import { portcullis } from "../../src/app/portcullis.ts";
import type { LogEntry } from "../../src/audit/log.ts";
import type { Gate } from "../../src/index.ts";
import { type FaultyIdp, startFaultyIdp } from "../../src/testing/faulty-idp.ts";
import { providerClass } from "./gate-fixture.ts";
import { serveOnLoopback } from "./loopback-server.ts";
import { packageFolder } from "./source-tree.ts";

/** One request to the app, and which replica it went to. */
export interface TabsVisit {
	readonly method: string;
	readonly path: string;
	readonly replica: number;
	readonly status: number;
}

/**
 * An app with the client in its pages, served by replicas that share nothing but the secret, one
 * request each in turn.
 */
export interface TabsApp {
	readonly origin: string;
	/** Rotates refresh tokens and ends the whole login when one comes twice, at once. */
	readonly idp: FaultyIdp;
	readonly visits: TabsVisit[];
	/** What the gates of all replicas logged. */
	readonly log: LogEntry[];
	/** Seconds that the gates' clocks are ahead. */
	readonly clock: { ahead: number };
	/** Runs before a request is handed to a replica, and is waited for. */
	beforeRequest: ((path: string, replica: number) => void | Promise<void>) | undefined;
	/** Sends all requests to one replica; `undefined`: in turn. */
	pinned: number | undefined;
	/**
	 * Successful refreshes that the identity provider was asked for: one for each refresh token that
	 * came.
	 */
	refreshGrants(): number;
	/** Refresh tokens that came once more after they were spent. */
	reuseAlarms(): number;
	close(): Promise<void>;
}

export interface TabsAppOptions {
	readonly replicas?: number;
	/** Seconds. */
	readonly accessTokenLifetime?: number;
	/** How long the gates wait for the provider, in seconds. Default: the gate's own. */
	readonly timeout?: number;
	/** Whether people get refresh tokens. Default true. */
	readonly offline?: boolean;
	/** What stands in the pages instead of the usual, and what they run. */
	readonly page?: { readonly html: string; readonly files: ReadonlyMap<string, string> };
	/**
	 * What becomes of a refresh: `delay` in milliseconds, half of it before the identity provider
	 * decides and half after. Default: nothing.
	 */
	readonly fault?: () => { readonly delay: number; readonly status?: 503 };
}

export async function startTabsApp(options: TabsAppOptions = {}): Promise<TabsApp> {
	const { replicas: count = 2, accessTokenLifetime = 60, offline = true } = options;
	const idp = await startFaultyIdp({
		algorithm: "ES256",
		accessTokenLifetime,
		idTokenLifetime: 864_000,
		clients: [{ clientId: "tabs", clientSecret: "tabs-secret-h7Kq2Vx9Tz4Lm6" }],
	});
	const log: LogEntry[] = [];
	const clock = { ahead: 0 };
	const secret = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";
	const env = Object.fromEntries(
		Object.entries(idp.env).map(([key, value]) => [key.replace("OIDC", "GENERIC"), value]),
	);
	/** How often a refresh token was taken. */
	const spent = new Map<string, number>();
	let alarms = 0;
	const platformFetch: typeof fetch = async (input, init) => {
		const request = new Request(input, init);
		const form = request.url.endsWith("/token")
			? new URLSearchParams(await request.clone().text())
			: undefined;
		const token = form?.get("refresh_token");
		if (!token) return fetch(request);
		const fault = options.fault?.();
		const wait = () => new Promise((resolve) => setTimeout(resolve, (fault?.delay ?? 0) / 2));
		if (fault) await wait();
		if (fault?.status) return new Response("busy", { status: fault.status });
		const answer = await fetch(request);
		if (answer.ok) spent.set(token, (spent.get(token) ?? 0) + 1);
		else if (spent.has(token)) alarms++;
		if (fault) await wait();
		return answer;
	};
	const gates = Array.from({ length: count }, () => {
		const auth = portcullis({
			secret,
			providers: [providerClass("generic")],
			...(offline ? { extraScopes: ["offline_access"] } : {}),
			platform: {
				env,
				log: (entry) => log.push(entry),
				now: () => Date.now() + clock.ahead * 1000,
				fetch: platformFetch,
				...(options.timeout === undefined ? {} : { timeout: options.timeout }),
			},
		});
		const { State, field, event } = auth;
		class Notes extends State {
			text = field("");
			write = event({ input: z.string() }, ({ input: text }) => {
				this.text.value = text;
			});
		}
		return auth.gate({
			states: { notes: Notes },
			pages: { "/public/*": { auth: false } },
			assets: ["/web/*"],
		});
	});
	const files = options.page?.files ?? (await bundledClient());
	const visits: TabsVisit[] = [];
	let turn = 0;
	const app: Pick<TabsApp, "beforeRequest" | "pinned"> = {
		beforeRequest: undefined,
		pinned: undefined,
	};
	const listener = getRequestListener(async (request) => {
		const path = new URL(request.url).pathname;
		const file = files.get(path);
		if (file) return new Response(file, { headers: { "Content-Type": "text/javascript" } });
		const replica = app.pinned ?? turn++ % gates.length;
		await app.beforeRequest?.(path, replica);
		const gate = gates[replica] as unknown as Gate;
		const response = await gate.handle(request, (_, user) =>
			answer(path, user?.sub, options.page?.html),
		);
		visits.push({ method: request.method, path, replica, status: response.status });
		return response;
	});
	const server = await serveOnLoopback(listener);
	return Object.assign(app, {
		origin: `http://localhost:${server.port}`,
		...{ idp, visits, log, clock },
		refreshGrants: () => [...spent.values()].reduce((sum, times) => sum + times, 0),
		reuseAlarms: () => alarms,
		close: async () => {
			await server.close();
			await Promise.all([idp.close(), ...gates.map((gate) => gate.close())]);
		},
	});
}

function answer(path: string, sub: string | undefined, html = USUAL): Response {
	if (path === "/favicon.ico") return new Response(null, { status: 204 });
	if (path.startsWith("/api")) return Response.json({ sub: sub ?? null });
	const text = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Tabs</title><link rel="icon" href="data:,"></head><body>
<h1>Page ${path}</h1><p id="served">${sub ?? "nobody"}</p><p id="who">?</p><p id="text">?</p>${html}
<a href="/logout">Sign out</a><script type="module" src="/web/page.js"></script></body></html>`;
	return new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

const USUAL = `<textarea id="draft"></textarea>`;

/** What the pages run: shows who is there and what the state says; `portcullis` is the client. */
const PAGE = `import { createClient } from "/web/client.js";
const client = window.portcullis = createClient();
const show = () => {
	const session = client.session();
	document.getElementById("who").textContent = session ? (session.signedIn ? session.user.sub : "nobody") : "?";
	document.getElementById("text").textContent = client.has("notes") ? client.state("notes").text : "?";
};
client.subscribeSession(show);
client.subscribe("notes", show);
await client.ready("notes");
show();
document.documentElement.dataset.ready = "yes";`;

let bundled: Promise<ReadonlyMap<string, string>> | undefined;

/** The same for all apps of a test file. */
function bundledClient(): Promise<ReadonlyMap<string, string>> {
	bundled ??= bundleClient();
	return bundled;
}

async function bundleClient(): Promise<ReadonlyMap<string, string>> {
	const built = await rolldown({
		input: join(packageFolder, "src/client.ts"),
		platform: "browser",
		transform: { target: "es2023" },
		tsconfig: false,
	});
	const { output } = await built.generate({ format: "esm", entryFileNames: "client.js" });
	await built.close();
	const chunks = output.filter((each): each is OutputChunk => each.type === "chunk");
	return new Map([
		["/web/page.js", PAGE],
		...chunks.map(({ fileName, code }) => [`/web/${fileName}`, code] as const),
	]);
}
