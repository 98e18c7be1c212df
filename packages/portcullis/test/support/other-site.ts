import { serveOnLoopback } from "./loopback-server.ts";

/** Somebody else's web site: on 127.0.0.1, which for a browser is another site than localhost. */
export interface OtherSite {
	readonly origin: string;
	/** Puts HTML on a path; returns its URL. */
	publish(name: string, content: string): string;
	close(): Promise<void>;
}

export async function startOtherSite(): Promise<OtherSite> {
	const pages = new Map<string, string>();
	const server = await serveOnLoopback((request, response) => {
		const content = pages.get(request.url ?? "");
		response.writeHead(content === undefined ? 404 : 200, {
			"Content-Type": "text/html; charset=utf-8",
		});
		response.end(content ?? "Not found");
	});
	const origin = `http://127.0.0.1:${server.port}`;
	return {
		origin,
		publish: (name, content) => {
			pages.set(
				`/${name}`,
				`<!doctype html><html lang="en"><title>Another site</title><link rel="icon" href="data:,">${content}`,
			);
			return `${origin}/${name}`;
		},
		close: () => server.close(),
	};
}
