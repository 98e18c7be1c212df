import type { Log } from "../../audit/log.ts";
import type { AnyErrorCode } from "../../base/errors.ts";
import { NO_FRAMING } from "../../config/embedding.ts";
import type { SetCookie } from "../../session/cookies.ts";
import { sessionHeaders, varyBy, writeSessionHeaders } from "../../session/write-headers.ts";
import { defaultViews } from "../../views/default-views.ts";
import { type Html, isHtml } from "../../views/html.ts";
import type { Views } from "../../views/types.ts";
import type { Problem } from "../../wire/problem.ts";

/** How a page of ours leaves. */
export interface PageOptions {
	readonly status: number;
	readonly nonce: string;
	readonly cookies?: readonly SetCookie[];
	/**
	 * `same-origin` where a form posts back: with `no-referrer` browsers send `Origin: null`. Default
	 * `no-referrer`.
	 */
	readonly referrerPolicy?: "no-referrer" | "same-origin";
	/** Seconds after which trying again makes sense. */
	readonly retryAfter?: number;
	/**
	 * False on pages that a login popup shows: with this header its opener would be cut off. Default
	 * true.
	 */
	readonly isolate?: boolean;
	/** Which pages may show it in a frame. Default: none. */
	readonly framing?: string;
	/** True if its script sends requests to the gate. Default false: the policy forbids requests. */
	readonly connects?: boolean;
}

/** What a caller who is refused is told, besides the code. */
export interface RefusalAnswer {
	readonly status: number;
	/** Default: the title of the code. */
	readonly title?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly cookies?: readonly SetCookie[];
	/** Further members of the problem. */
	readonly more?: Readonly<Record<string, unknown>>;
}

/** Value of the `nonce` attribute of one answer: 122 random bits. */
export function createNonce(): string {
	return crypto.randomUUID().replaceAll("-", "");
}

/**
 * Runs a view builder and gives its result the headers of our pages. A builder that throws, or
 * returns neither HTML nor a response, is replaced by the default and logged: a page about an error
 * must not fail by itself.
 */
export async function renderView<K extends keyof Views>(
	views: Partial<Views>,
	name: K,
	context: Parameters<Views[K]>[0],
	options: PageOptions,
	log: Log,
): Promise<Response> {
	const own = views[name];
	if (own) {
		try {
			const result = await (own as (c: typeof context) => unknown)(context);
			if (isHtml(result)) return htmlResponse(result, options);
			const isUsable = result instanceof Response && (name !== "callback" || !isRedirect(result));
			if (isUsable) return withPageHeaders(result, options);
			const problem =
				result instanceof Response
					? "redirects, which loses the new session's cookies"
					: "returned neither html nor a Response";
			log({
				level: "error",
				code: "internal_error",
				message: `views.${name} ${problem}; the default view is shown`,
			});
		} catch (cause) {
			log({
				level: "error",
				code: "internal_error",
				message: `views.${name} threw; the default view is shown`,
				cause,
			});
		}
	}
	const html = await (defaultViews[name] as (c: typeof context) => Html | Promise<Html>)(context);
	return htmlResponse(html, options);
}

/** A page of ours from finished HTML. */
export function htmlResponse(html: Html, options: PageOptions): Response {
	const headers = new Headers({ "Content-Type": "text/html; charset=utf-8" });
	const response = new Response(String(html), { status: options.status, headers });
	writePageHeaders(response.headers, options);
	return response;
}

/**
 * A refusal for a fetch (RFC 9457). Routes refuse by `refuse`, which writes the log's line as well.
 */
export function problemResponse(
	status: number,
	code: AnyErrorCode,
	title: string,
	extra: {
		id?: string;
		headers?: Readonly<Record<string, string>>;
		cookies?: readonly SetCookie[];
		/** Further members. */
		more?: Readonly<Record<string, unknown>>;
	} = {},
): Response {
	const problem: Problem = {
		type: "about:blank",
		title,
		status,
		code,
		...(extra.id === undefined ? {} : { id: extra.id }),
		...extra.more,
	};
	const own = {
		"Content-Type": "application/problem+json",
		"X-Content-Type-Options": "nosniff",
		...extra.headers,
	};
	return new Response(JSON.stringify(problem), {
		status,
		headers: sessionHeaders(own, extra.cookies ?? []),
	});
}

/** A refusal that is the same for every request, written once: anonymous callers are many. */
export function problemTemplate(
	status: number,
	code: AnyErrorCode,
	title: string,
	headers: Readonly<Record<string, string>>,
): () => Response {
	const body = JSON.stringify({ type: "about:blank", title, status, code } satisfies Problem);
	const own = {
		"Content-Type": "application/problem+json",
		"X-Content-Type-Options": "nosniff",
		...headers,
	};
	// Frozen: some hosts keep the very object in the response.
	const init: ResponseInit = Object.freeze({
		status,
		headers: Object.freeze(sessionHeaders(own, [])) as HeadersInit,
	});
	return () => new Response(body, init);
}

/** JSON about the caller. Refuses to be read by other origins. */
export function jsonResponse(body: unknown, cookies: readonly SetCookie[] = []): Response {
	const headers = new Headers({
		"Content-Type": "application/json",
		"X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
	});
	writeSessionHeaders(headers, cookies);
	return new Response(JSON.stringify(body), { headers });
}

/**
 * 302 for an answer to GET, 303 after anything that may have a body; never 307 or 308 (RFC 9700
 * section 4.12).
 */
export function redirectResponse(
	location: string,
	method: string,
	cookies: readonly SetCookie[] = [],
): Response {
	const headers = sessionHeaders({ Location: location, "Referrer-Policy": "no-referrer" }, cookies);
	return new Response(null, { status: method === "GET" || method === "HEAD" ? 302 : 303, headers });
}

/**
 * A view may lead elsewhere, but a page that it shows has the status that the gate says: a refusal
 * must never look like a success.
 */
function withPageHeaders(response: Response, options: PageOptions): Response {
	const status = isRedirect(response) ? response.status : options.status;
	const copy = new Response(response.body, { status, headers: response.headers });
	writePageHeaders(copy.headers, options);
	return copy;
}

function isRedirect({ status }: Response): boolean {
	return status >= 300 && status < 400;
}

function writePageHeaders(
	headers: Headers,
	{
		nonce,
		cookies,
		referrerPolicy,
		retryAfter,
		isolate,
		connects,
		framing = NO_FRAMING,
	}: PageOptions,
): void {
	const defaults: Record<string, string> = {
		"Content-Security-Policy": contentSecurityPolicy(nonce, connects === true, framing),
		"Referrer-Policy": referrerPolicy ?? "no-referrer",
		"X-Content-Type-Options": "nosniff",
		"Cross-Origin-Resource-Policy": "same-origin",
	};
	// For the few browsers that do not know frame-ancestors. It cannot name an origin.
	if (framing === NO_FRAMING) defaults["X-Frame-Options"] = "DENY";
	if (isolate !== false) defaults["Cross-Origin-Opener-Policy"] = "same-origin";
	if (retryAfter !== undefined) defaults["Retry-After"] = String(retryAfter);
	for (const [name, value] of Object.entries(defaults))
		if (!headers.has(name)) headers.set(name, value);
	headers.set("Cache-Control", "no-store");
	headers.set("Vary", varyBy(headers.get("Vary"), "Accept-Language"));
	writeSessionHeaders(headers, cookies ?? []);
}

function contentSecurityPolicy(nonce: string, connects: boolean, framing: string): string {
	return [
		"default-src 'none'",
		`style-src 'nonce-${nonce}'`,
		`script-src 'nonce-${nonce}'`,
		"img-src 'self' data:",
		...(connects ? ["connect-src 'self'"] : []),
		"form-action 'self'",
		"base-uri 'none'",
		"object-src 'none'",
		framing,
	].join("; ");
}
