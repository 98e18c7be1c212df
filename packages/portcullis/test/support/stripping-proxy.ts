import { request as httpRequest } from "node:http";
import { serveOnLoopback } from "./loopback-server.ts";

/** What a proxy does to all that goes through it. */
export interface Stripping {
	/** Names of request headers that are dropped, in lower case. */
	readonly drop: RegExp;
	/** The same for GET alone. */
	readonly dropOnGet?: RegExp;
	/** Request headers that it sets. */
	readonly ask?: Readonly<Record<string, string>>;
	/** Headers that it sets on answers of `localhost`, where the app is. */
	readonly answer?: Readonly<Record<string, string>>;
}

/**
 * A proxy that a browser is told to use for everything: hosts and ports stay what they are, headers
 * do not.
 */
export interface StrippingProxy {
	/** Where it listens, for the browser's `proxy` option. */
	readonly server: string;
	/** Counts from the next request on. */
	does: Stripping;
	/**
	 * How many requests went through, and how many of them had one of the headers `sec-fetch-*`
	 * afterwards.
	 */
	readonly seen: { requests: number; withMetadata: number };
	close(): Promise<void>;
}

export async function startStrippingProxy(does: Stripping): Promise<StrippingProxy> {
	const seen = { requests: 0, withMetadata: 0 };
	const state = { does };
	const server = await serveOnLoopback((incoming, outgoing) => {
		const { drop, dropOnGet, ask, answer } = state.does;
		const url = new URL(incoming.url ?? "");
		// The browser asks its maker for this and that.
		if (!["localhost", "127.0.0.1"].includes(url.hostname)) {
			outgoing.writeHead(403).end();
			return;
		}
		const headers: Record<string, string | string[] | undefined> = {};
		for (const [name, value] of Object.entries(incoming.headers)) {
			if (drop.test(name) || name.startsWith("proxy-")) continue;
			if (incoming.method === "GET" && dropOnGet?.test(name)) continue;
			headers[name] = value;
		}
		Object.assign(headers, ask);
		seen.requests++;
		if (Object.keys(headers).some((name) => name.startsWith("sec-fetch-"))) seen.withMetadata++;
		// Names may lead to either family of addresses.
		const { hostname, port, pathname, search } = url;
		const target = { hostname, port, path: pathname + search, method: incoming.method, headers };
		const upstream = httpRequest(target, (response) => {
			outgoing.writeHead(response.statusCode ?? 502, {
				...response.headers,
				...(hostname === "localhost" ? answer : {}),
			});
			response.pipe(outgoing);
		});
		upstream.on("error", () => outgoing.destroy());
		outgoing.on("close", () => upstream.destroy());
		incoming.pipe(upstream);
	});
	return Object.assign(state, {
		server: `http://127.0.0.1:${server.port}`,
		seen,
		close: () => server.close(),
	});
}
