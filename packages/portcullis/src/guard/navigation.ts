/** Reads one request header by its lower-case name. */
export type HeaderReader = (name: string) => string | null;

/** Where a request came from, as far as the browser says. */
export interface RequestOrigin {
	/** A browser showing a page, as opposed to a fetch, an image or a script. */
	readonly isNavigation: boolean;
	/** Loaded ahead of a click that may never come. */
	readonly isPrefetch: boolean;
	/** Shown in a frame, an object or an embed. */
	readonly isFramed: boolean;
	/** `Sec-Fetch-Site`, where the browser sends it (W3C Fetch Metadata). */
	readonly site: "same-origin" | "same-site" | "cross-site" | "none" | undefined;
}

const SITES = ["same-origin", "same-site", "cross-site", "none"] as const;

/** Classifies a request by Fetch Metadata; for browsers and programs without it, by method and `Accept`. */
export function requestOrigin(method: string, header: HeaderReader): RequestOrigin {
	const mode = header("sec-fetch-mode");
	const destination = header("sec-fetch-dest");
	const site = SITES.find((known) => known === header("sec-fetch-site"));
	const isNavigation =
		mode === null
			? acceptsHtml(header) && (method === "GET" || method === "HEAD" || method === "POST")
			: mode === "navigate";
	const purpose = `${header("sec-purpose") ?? ""} ${header("purpose") ?? ""} ${header("x-moz") ?? ""}`;
	return {
		isNavigation,
		isPrefetch: /\b(prefetch|prerender|preview)\b/i.test(purpose),
		isFramed: isNavigation && destination !== null && destination !== "document" && destination !== "empty",
		site,
	};
}

function acceptsHtml(header: HeaderReader): boolean {
	return /\btext\/html\b/i.test(header("accept") ?? "");
}
