import { type ErrorCode, LoginError } from "../base/errors.ts";
import { readBytes } from "../base/read-bytes.ts";
import { fromFetch } from "./foreign-errors.ts";
import type { ProviderCall, ProviderOperation, ProviderRuntime } from "./types.ts";
import { findUrlProblem } from "./url-rules.ts";

/** Largest body of a token or userinfo response, in bytes. */
export const MAX_BODY_BYTES: number = 1024 * 1024;
/** Largest discovery document or key set, in bytes. */
export const MAX_METADATA_BYTES: number = 256 * 1024;
/** Time-out of one call where none is given, in seconds. */
const DEFAULT_TIMEOUT = 5;
/** Redirects of one GET that are followed, all within its origin. */
const MAX_REDIRECTS = 3;

const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const NULL_BODY_STATUS: ReadonlySet<number> = new Set([204, 205, 304]);

/** What an outbound call may say. Everything else is decided here. */
export interface BoundedRequest {
	/** `GET` by default. */
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: URLSearchParams | string | null | undefined;
	/** Largest body that is read, in bytes; `MAX_BODY_BYTES` by default. */
	readonly maxBytes?: number;
	/**
	 * Seconds, instead of the time-out of all calls: for a request that costs more to give up than to
	 * wait for.
	 */
	readonly timeout?: number | undefined;
	/** What it is for, for telemetry; `other` by default. */
	readonly operation?: ProviderOperation;
	/**
	 * `return`: an answer that redirects is the answer, wherever it leads. Nothing is asked there.
	 * `follow` by default.
	 */
	readonly redirects?: "follow" | "return";
}

/**
 * One call to the provider, with every limit in place. The response is complete when the promise
 * resolves: nothing streams any more.
 *
 * @throws LoginError `provider_unreachable` with reason `timeout`, `network` or `status_<5xx, 408,
 *   429>`; `provider_misconfigured` with reason `insecure_url`, `private_address`, `redirect` or
 *   `too_large`.
 */
export type BoundedFetch = (url: string, request?: BoundedRequest) => Promise<Response>;

export interface BoundedFetchOptions {
	readonly fetch: typeof fetch;
	/** The configured issuer: it decides whether loopback and private addresses are allowed. */
	readonly issuer: URL;
	/**
	 * Time for connecting and the body, all redirects included, in seconds. Anything but a positive
	 * number means 5.
	 */
	readonly timeout: number;
	/** Name of the provider, for errors. */
	readonly provider: string;
	/** Surrounds each call that is made: see `ProviderRuntime`. */
	readonly observe?: ProviderRuntime["observe"];
}

/**
 * Wraps a `fetch` so that a slow, huge, redirecting or hostile endpoint costs a bounded amount and
 * reaches nothing of our own network: one time-out over everything, a bounded body, at most three
 * redirects of a GET within one origin, no plain http, no private address.
 */
export function createBoundedFetch(options: BoundedFetchOptions): BoundedFetch {
	const usual =
		options.timeout > 0 && Number.isFinite(options.timeout) ? options.timeout : DEFAULT_TIMEOUT;
	const bounded: BoundedFetch = async (url, request = {}) => {
		const timeout = request.timeout ?? usual;
		const controller = new AbortController();
		let timer: ReturnType<typeof setTimeout> | undefined;
		// A race, because an injected fetch or a body may ignore the signal. Rejected first and aborted
		// second, so that the time-out is what the caller sees.
		const expired = new Promise<never>((_, reject) => {
			timer = setTimeout(() => {
				const message = `${hostOf(url)} did not answer within ${timeout} s.`;
				reject(refusal(options, "provider_unreachable", "timeout", message));
				controller.abort();
			}, timeout * 1000);
		});
		try {
			return await Promise.race([call(options, url, request, controller.signal), expired]);
		} catch (error) {
			throw fromFetch(error, hostOf(url), options.provider);
		} finally {
			clearTimeout(timer);
			// Closes what a refusal left open; without effect on a body that was read to its end.
			controller.abort();
		}
	};
	const { observe } = options;
	return observe
		? (url, request) => observe(describeCall(options, url, request), () => bounded(url, request))
		: bounded;
}

function describeCall(
	{ provider }: BoundedFetchOptions,
	href: string,
	request: BoundedRequest = {},
): ProviderCall {
	const { hostname = "", port = "", protocol = "" } = URL.parse(href) ?? {};
	return {
		provider,
		operation: request.operation ?? "other",
		method: (request.method ?? "GET").toUpperCase(),
		host: hostname,
		port: Number(port) || (protocol === "http:" ? 80 : 443),
	};
}

async function call(
	options: BoundedFetchOptions,
	href: string,
	request: BoundedRequest,
	signal: AbortSignal,
): Promise<Response> {
	const method = (request.method ?? "GET").toUpperCase();
	let url = requireAllowed(options, href);
	for (let redirects = 0; ; redirects++) {
		signal.throwIfAborted();
		const response = await options.fetch(url.href, {
			method,
			headers: { ...request.headers },
			...(request.body == null ? {} : { body: request.body }),
			redirect: "manual",
			// Some frameworks patch fetch into a cache; a token response or a key set must never come out
			// of one.
			cache: "no-store", // proven: cached-answers
			signal,
		});
		if (!isRedirect(response) || request.redirects === "return")
			return finish(options, url, response, request.maxBytes ?? MAX_BODY_BYTES);
		discard(response);
		url = followed(options, url, response, { method, redirects });
	}
}

async function finish(
	options: BoundedFetchOptions,
	url: URL,
	response: Response,
	maxBytes: number,
): Promise<Response> {
	const { status } = response;
	// proven: no-outage
	if (isOutage(status)) {
		discard(response);
		throw refusal(
			options,
			"provider_unreachable",
			`status_${status}`,
			`${url.host} answered with status ${status}.`,
		);
	}
	const body = await readBody(response, maxBytes);
	if (body === undefined) {
		discard(response);
		const message = `The answer of ${url.host}${url.pathname} is larger than ${maxBytes} bytes.`;
		throw refusal(options, "provider_misconfigured", "too_large", message);
	}
	const headers = new Headers(response.headers);
	// The body is decoded by now: these two describe what came over the wire.
	headers.delete("content-encoding");
	headers.delete("content-length");
	return new Response(NULL_BODY_STATUS.has(status) ? null : body, { status, headers });
}

/**
 * The whole body, or `undefined` as soon as it is known to be too large. Counts decoded bytes:
 * compression does not get around it.
 */
async function readBody(
	response: Response,
	maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
	if (Number(response.headers.get("content-length")) > maxBytes) return undefined;
	if (response.body === null) return new Uint8Array();
	return readBytes(response.body, maxBytes); // proven: no-size-limit
}

/**
 * Where a redirect leads, if it may be followed: a GET within its own origin, at most three times.
 */
function followed(
	options: BoundedFetchOptions,
	from: URL,
	response: Response,
	hop: { method: string; redirects: number },
): URL {
	const location = response.headers.get("location");
	const target =
		location === null || !URL.canParse(location, from) ? undefined : new URL(location, from);
	// Any other origin would receive the authorization code, the client secret or a bearer token.
	// proven: any-redirect, post-redirect, endless-redirects
	if (
		hop.method !== "GET" ||
		hop.redirects >= MAX_REDIRECTS ||
		target === undefined ||
		target.origin !== from.origin
	) {
		const message = `${from.host}${from.pathname} redirects, which is not followed here.`;
		throw refusal(options, "provider_misconfigured", "redirect", message);
	}
	return requireAllowed(options, target.href);
}

function requireAllowed(options: BoundedFetchOptions, href: string): URL {
	const url = URL.canParse(href) ? new URL(href) : undefined;
	const problem = url === undefined ? "insecure_url" : findUrlProblem(url, options.issuer);
	if (url !== undefined && problem === undefined) return url;
	throw refusal(
		options,
		"provider_misconfigured",
		problem ?? "insecure_url",
		`${hostOf(href)} may not be called (${problem}).`,
	);
}

function isRedirect(response: Response): boolean {
	return response.type === "opaqueredirect" || REDIRECT_STATUS.has(response.status);
}

/** Says nothing about the request: the provider is in trouble, or tells us to wait. */
function isOutage(status: number): boolean {
	return status >= 500 || status === 408 || status === 429;
}

function discard(response: Response): void {
	if (response.body?.locked === false) response.body.cancel().catch(() => {});
}

function hostOf(href: string): string {
	return URL.canParse(href) ? new URL(href).host : "an invalid URL";
}

function refusal(
	{ provider }: BoundedFetchOptions,
	code: ErrorCode,
	reason: string,
	message: string,
): LoginError {
	return new LoginError(code, message, { provider, reason });
}
