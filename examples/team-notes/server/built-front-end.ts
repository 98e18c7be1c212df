import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import type { FrontEnd } from "./front-end.ts";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** Serves what `npm run build` wrote: `assets/` alone, whose names change with their contents. */
export function builtFrontEnd(): FrontEnd {
	const manifest = readManifest();
	const urlOf = (source: string) => {
		const file = manifest[source]?.file;
		if (!file)
			throw new Error(
				`${dist} has no ${source}. Run \`npm run build\` in examples/team-notes again.`,
			);
		return `/web/${file}`;
	};
	const serve = serveStatic({
		root: dist,
		rewriteRequestPath: (path) => path.replace(/^\/web\//, "/"),
		onFound: (_, c) => c.header("Cache-Control", "public, max-age=31536000, immutable"),
	});
	return {
		scripts: [urlOf("main.tsx")],
		styles: urlOf("styles.css"),
		policy: {},
		files: (c, next) => (c.req.path.startsWith("/web/assets/") ? serve(c, next) : next()),
		close: async () => {},
	};
}

function readManifest(): Record<string, { file?: string } | undefined> {
	try {
		return JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, "utf8"));
	} catch (cause) {
		throw new Error(
			"The front end is not built. Run `npm run build` in examples/team-notes first.",
			{ cause },
		);
	}
}
