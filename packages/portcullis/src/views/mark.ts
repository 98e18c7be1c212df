import { type Html, trustedHtml } from "./html.ts";

/**
 * A small portcullis: an arch with a grating that ends in points. Decoration only, hidden from
 * assistive technology.
 */
export const mark: Html = trustedHtml(
	`<svg class="mark" viewBox="0 0 48 48" width="48" height="48" fill="none" stroke="currentColor" stroke-width="3" ` +
		`stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">` +
		`<path d="M6 43V22a18 18 0 0 1 36 0v21"/>` +
		`<path d="M15 12v20M24 5v27M33 12v20M8 19h32M8 28h32"/>` +
		`<path fill="currentColor" stroke-width="2" d="M13 33h4l-2 7zM22 33h4l-2 7zM31 33h4l-2 7z"/></svg>`,
);
