import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { html, raw } from "hono/html";
import { portcullis } from "../../src/app/portcullis.ts";
import type { LogEntry } from "../../src/audit/log.ts";
import type { PortcullisOptions, ProviderRef } from "../../src/config/options.ts";
import { stepUp } from "../../src/guard/step-up.ts";
import { protect } from "../../src/hosts/hono/protect.ts";
import { Generic } from "../../src/index.ts";
import type { UserClaims } from "../../src/protocol/types.ts";
import { type DevIdp, startDevIdp } from "../../src/testing/dev-idp.ts";
import type { DevIdpOptions } from "../../src/testing/dev-idp-options.ts";
import { serveOnLoopback, type Tls } from "./loopback-server.ts";

/** One request to the app and its answer. */
export interface Visit {
	readonly method: string;
	/** Path and query. */
	readonly path: string;
	readonly header: (name: string) => string | null;
	readonly status: number;
	/** The raw `Set-Cookie` lines. */
	readonly setCookies: readonly string[];
	readonly location: string | null;
}

/**
 * A small app behind the gate, on `localhost`, with a real identity provider on another site:
 * 127.0.0.1.
 */
export interface AppFixture {
	readonly origin: string;
	readonly idp: DevIdp;
	/** Every request to the app so far, oldest first. */
	readonly visits: readonly Visit[];
	/** The requests for one path, whatever the query. */
	visitsTo(path: string): readonly Visit[];
	/** Forgets the visits so far. */
	forgetVisits(): void;
	/** What the gate has logged since the last call; forgets it. */
	takeLog(): readonly LogEntry[];
	/**
	 * Seconds that the server's clock is ahead. The identity provider and the browser keep the real
	 * time.
	 */
	clockOffset: number;
	/**
	 * Runs before each request and is waited for: to move the clock, or to hold a request back, in
	 * the middle of a chain.
	 */
	beforeRequest: ((path: string, header: Visit["header"]) => void | Promise<void>) | undefined;
	/** Keeps the `Set-Cookie` lines for which it returns true from the browser. */
	dropCookie: ((line: string) => boolean) | undefined;
	/** Keeps this header from the browser. */
	dropHeader: string | undefined;
	/** Puts HTML, or a script, on a public path below `/free/`; returns its URL. */
	publish(name: string, content: string): string;
	close(): Promise<void>;
}

/** What stands only on protected pages: it must never be seen by somebody who is not signed in. */
export const SECRET = "The combination is 4-8-15-16-23-42";

type Claims = UserClaims & { groups?: readonly string[] };

export interface AppFixtureOptions {
	readonly tls?: Tls;
	readonly idp?: DevIdpOptions;
	readonly auth?: Pick<PortcullisOptions, "http" | "store" | "ui">;
	readonly provider?: ProviderRef;
	/**
	 * A second provider, with a server of its own: its settings are `SECOND_ISSUER_URI` and so on.
	 */
	readonly second?: ProviderRef;
}

/**
 * Starts both. `/` is public, `/admin` is for the group `admins`, `/notes/secret` for who has
 * signed in lately, everything else but `/free/*` needs a login.
 *
 * @param options.tls Serves the app over https; the identity provider stays on plain http.
 * @param options.idp More options of the identity provider.
 * @param options.kit More options.
 * @param options.provider The provider. Default: `Generic`.
 */
export async function startAppFixture(options: AppFixtureOptions = {}): Promise<AppFixture> {
	const idp = await startDevIdp({ host: "127.0.0.1", ...options.idp });
	const clients = [{ clientId: "second", clientSecret: crypto.randomUUID() + crypto.randomUUID() }];
	const second =
		options.second === undefined ? undefined : await startDevIdp({ host: "127.0.0.1", clients });
	const visits: Visit[] = [];
	const log: LogEntry[] = [];
	const published = new Map<string, string>();

	const fixture: Pick<AppFixture, "clockOffset" | "beforeRequest" | "dropCookie" | "dropHeader"> = {
		clockOffset: 0,
		beforeRequest: undefined,
		dropCookie: undefined,
		dropHeader: undefined,
	};
	const auth = portcullis({
		platform: {
			env: { ...idp.env, ...(second && secondEnv(second.env)) },
			log: (entry) => log.push(entry),
			now: () => Date.now() + fixture.clockOffset * 1000,
		},
		extraScopes: ["offline_access"],
		...options.auth,
		...((options.provider || options.second) && {
			providers: [options.provider ?? Generic, ...(options.second ? [options.second] : [])],
		}),
	});
	const isAdmin = auth.check(
		(context) => (context.user.claims as Claims).groups?.includes("admins") === true,
	);
	const gate = auth.gate({
		pages: {
			"/": { auth: false },
			"/admin": { auth: isAdmin },
			"/notes/secret": { auth: stepUp({ maxAge: 60, prompt: "login" }) },
		},
		assets: ["/free/*", "/favicon.ico"],
	});
	const app = protect(new Hono(), gate);
	app.get("/favicon.ico", (c) => c.body(null, 204));
	app.get("/free/*", (c) => {
		const content = published.get(c.req.path);
		if (content === undefined) return c.notFound();
		return c.req.path.endsWith(".js")
			? c.body(content, 200, { "Content-Type": "text/javascript" })
			: c.html(content);
	});
	app.get("/", (c) => c.html(appPage("Start", c.var.user?.name, "")));
	app.get("/admin", (c) => c.html(appPage("Admin", c.var.user?.name, SECRET)));
	app.get("/notes", (c) => c.html(appPage("Notes", c.var.user?.name, SECRET)));
	app.get("/notes/:id", (c) =>
		c.html(appPage(`Note ${c.req.param("id")}`, c.var.user?.name, SECRET)),
	);

	const listener = getRequestListener(async (request, env) => {
		const { pathname, search } = new URL(request.url);
		const { method, headers } = request;
		const header = (name: string) => headers.get(name);
		await fixture.beforeRequest?.(pathname, header);
		const response = await app.fetch(request, env);
		if (pathname !== "/favicon.ico") {
			visits.push({
				method,
				path: pathname + search,
				header,
				status: response.status,
				setCookies: response.headers.getSetCookie(),
				location: response.headers.get("location"),
			});
		}
		return curtailed(response, fixture);
	});
	const server = await serveOnLoopback(listener, options.tls).catch(async (error: unknown) => {
		await idp.close();
		throw error;
	});
	const origin = `${options.tls ? "https" : "http"}://localhost:${server.port}`;

	return Object.assign(fixture, {
		origin,
		idp,
		visits,
		visitsTo: (path: string) => visits.filter((visit) => visit.path.split("?", 1)[0] === path),
		forgetVisits: () => void visits.splice(0),
		takeLog: () => log.splice(0),
		publish: (name: string, content: string) => {
			published.set(`/free/${name}`, content);
			return `${origin}/free/${name}`;
		},
		close: async () => void (await Promise.all([server.close(), idp.close(), second?.close()])),
	});
}

function secondEnv(env: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(env).map(([name, value]) => [name.replace("OIDC_", "SECOND_"), value]),
	);
}

function curtailed(
	response: Response,
	{ dropCookie, dropHeader }: Pick<AppFixture, "dropCookie" | "dropHeader">,
) {
	if (!dropCookie && !dropHeader) return response;
	const changed = new Response(response.body, response);
	if (dropHeader) changed.headers.delete(dropHeader);
	if (!dropCookie) return changed;
	changed.headers.delete("set-cookie");
	for (const line of response.headers.getSetCookie()) {
		if (!dropCookie(line)) changed.headers.append("set-cookie", line);
	}
	return changed;
}

function appPage(title: string, name: string | undefined, text: string) {
	return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title>${raw('<link rel="icon" href="data:,">')}</head>
<body>
<h1>${title}</h1>
<p id="who">${name === undefined ? "Nobody is signed in" : `Signed in as ${name}`}</p>
<p id="text">${text}</p>
<p><a href="/">Start</a> <a href="/notes">Notes</a> <a href="/admin">Admin</a> <a href="/login">Sign in</a> <a href="/logout">Sign out</a></p>
</body>
</html>`;
}
