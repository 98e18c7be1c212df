import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { PageData, Viewer } from "../shared/types.ts";
import type { FrontEnd } from "./front-end.ts";

/** Runs before the first paint, so that a page never flashes in the other colours. */
const THEME_SCRIPT = `try { const theme = localStorage.getItem("theme"); if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme; } catch {}`;
const THEME_HASH = `'sha256-${createHash("sha256").update(THEME_SCRIPT).digest("base64")}'`;

/** The HTML of every page: the script renders into it what `data` says. */
export function renderDocument(title: string, data: PageData, frontEnd: FrontEnd) {
	return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/favicon.ico" type="image/svg+xml">
<script>${raw(THEME_SCRIPT)}</script>
<link rel="stylesheet" href="${frontEnd.styles}">
<script type="application/json" id="page-data">${raw(toScriptJson(data))}</script>
${frontEnd.scripts.map((src) => html`<script type="module" src="${src}"></script>`)}
</head>
<body><div id="root"></div><noscript><p class="noscript">Team notes needs JavaScript. Signing in and out does not.</p></noscript></body>
</html>`;
}

/** The headers of a document. Scripts, styles and data come from here, pictures from the identity provider as well. */
export function documentHeaders(viewer: Viewer | null, frontEnd: FrontEnd): Record<string, string> {
	const directives: Record<string, string> = {
		"default-src": "'none'",
		"script-src": `'self' ${THEME_HASH}`,
		"style-src": "'self'",
		"img-src": ["'self'", ...pictureOrigin(viewer)].join(" "),
		"connect-src": "'self'",
		"form-action": "'self'",
		"base-uri": "'none'",
		"frame-ancestors": "'none'",
		...frontEnd.policy,
	};
	return {
		// The gate tightens this wherever the answer depends on who asks.
		"Cache-Control": "no-cache",
		Vary: "Cookie",
		"Content-Security-Policy": Object.entries(directives)
			.map(([name, sources]) => `${name} ${sources}`)
			.join("; "),
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy": "same-origin",
		"X-Content-Type-Options": "nosniff",
	};
}

/** JSON that cannot end the script element it stands in, nor open a comment there: without `<` nothing does. */
export function toScriptJson(data: unknown): string {
	return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function pictureOrigin(viewer: Viewer | null): string[] {
	const url = viewer?.picture ? URL.parse(viewer.picture) : null;
	return url && /^https?:$/.test(url.protocol) ? [url.origin] : [];
}
