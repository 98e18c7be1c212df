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

/**
 * Classifies a request by Fetch Metadata; for browsers and programs without it, by method and
 * `Accept`.
 */
export function requestOrigin(method: string, header: HeaderReader): RequestOrigin {
	return new HeaderOrigin(method, header);
}

/** Reads each header when it is asked for: most refusals need one of the seven. */
class HeaderOrigin implements RequestOrigin {
	readonly isNavigation: boolean;
	readonly #header: HeaderReader;

	constructor(method: string, header: HeaderReader) {
		this.#header = header;
		const mode = header("sec-fetch-mode");
		this.isNavigation =
			mode === null
				? acceptsHtml(header) && (method === "GET" || method === "HEAD" || method === "POST")
				: mode === "navigate";
	}

	get isPrefetch(): boolean {
		const names = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
		// proven: no-prefetch
		return names.some((name) => /\b(prefetch|prerender|preview)\b/i.test(this.#header(name) ?? ""));
	}

	get isFramed(): boolean {
		const destination = this.#header("sec-fetch-dest");
		// proven: no-frames
		return (
			this.isNavigation &&
			destination !== null &&
			destination !== "document" &&
			destination !== "empty"
		);
	}

	get site(): RequestOrigin["site"] {
		const site = this.#header("sec-fetch-site");
		return SITES.find((known) => known === site);
	}
}

function acceptsHtml(header: HeaderReader): boolean {
	return /\btext\/html\b/i.test(header("accept") ?? "");
}
