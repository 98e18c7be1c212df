import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { snapshotScript } from "portcullis/views";
import type { PageData } from "../shared/types.ts";
import type { FrontEnd } from "./front-end.ts";

/**
 * Runs before the first paint, so that a page never flashes in the other colours: what this tab
 * showed last, else what this browser did. The document cannot know better: its request does not
 * say which tab it is for. See web/theme.ts.
 */
const THEME_SCRIPT = `try { const theme = sessionStorage.getItem("theme") ?? localStorage.getItem("theme"); if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme; } catch {}`;
const THEME_HASH = `'sha256-${createHash("sha256").update(THEME_SCRIPT).digest("base64")}'`;

/**
 * The HTML of every page: the script renders into it what `data` says, real values from the first
 * paint on.
 */
export function renderDocument(
	title: string,
	{ page, pictureOrigin, snapshot }: PageData,
	frontEnd: FrontEnd,
) {
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
${raw(snapshotScript(snapshot))}
${frontEnd.scripts.map((src) => html`<script type="module" src="${src}"></script>`)}
</head>
<body><div id="root" data-page="${page}" data-picture-origin="${pictureOrigin ?? ""}"></div><noscript><p class="noscript">Team notes needs JavaScript. Signing in and out does not.</p></noscript></body>
</html>`;
}

/**
 * The headers of a document. Scripts, styles and data come from here, the person's picture from
 * `pictureOrigin`.
 */
export function documentHeaders(
	pictureOrigin: string | null,
	frontEnd: FrontEnd,
): Record<string, string> {
	const directives: Record<string, string> = {
		"default-src": "'none'",
		"script-src": `'self' ${THEME_HASH}`,
		"style-src": "'self'",
		"img-src": pictureOrigin ? `'self' ${pictureOrigin}` : "'self'",
		"connect-src": "'self'",
		"form-action": "'self'",
		"base-uri": "'none'",
		"frame-ancestors": "'none'",
		...frontEnd.policy,
	};
	return {
		// A snapshot is one tab's: a second tab must not get it out of a cache, on public pages
		// neither.
		"Cache-Control": "no-store",
		Vary: "Cookie",
		"Content-Security-Policy": Object.entries(directives)
			.map(([name, sources]) => `${name} ${sources}`)
			.join("; "),
		"Cross-Origin-Opener-Policy": "same-origin",
		"Referrer-Policy": "same-origin",
		"X-Content-Type-Options": "nosniff",
	};
}

/** Origin of a picture on the web; `null` for anything else, which is not shown. */
export function pictureOriginOf(picture: string | undefined): string | null {
	const url = picture ? URL.parse(picture) : null;
	return url && /^https?:$/.test(url.protocol) ? url.origin : null;
}
