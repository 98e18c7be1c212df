import { ConfigError, TokenError } from "../base/errors.ts";
import type { Platform } from "../config/options.ts";
import { isLoopbackHttp } from "../protocol/url-rules.ts";
import type { User } from "../session/user.ts";

/** Seconds. */
const DEFAULT_TIMEOUT = 10;
const MAX_TIMEOUT = 300;
/**
 * Say who the caller of the app is, to the app and on the way to it: nothing of that is the API's.
 */
const NEVER_SENT = ["cookie", "host", "proxy-authorization", "portcullis-request"];

/** What an API may take. */
export interface ApiFetchOptions {
	/** Time until the API has begun to answer, in seconds, 0.1 to 300. Default 10. */
	readonly timeout?: number;
}

/**
 * Calls an API in a person's name.
 *
 * @param user whose access token goes along.
 * @param path below the base: `"figures?year=2026"`.
 * @param init as for `fetch`. `Authorization` is replaced, cookies are left out, redirects are not
 *   followed but returned.
 * @throws {TokenError} `destination_refused` for what is not below the base; `token_expired` once
 *   the token has ended. Nothing is sent then.
 */
export type ApiFetch = (
	user: Pick<User, "accessToken">,
	path: string,
	init?: RequestInit,
) => Promise<Response>;

/**
 * Makes the function for one API: tokens go where the code says, and nowhere else, even if a path
 * came from a browser.
 *
 * @param base `https:`, or `http:` on this machine; `https://api.example/v1/` lets nothing out of
 *   `/v1/`.
 * @throws {ConfigError} for a base that is none.
 */
export function createApiFetch(
	platform: Platform,
	base: string,
	{ timeout = DEFAULT_TIMEOUT }: ApiFetchOptions,
): ApiFetch {
	const root = readBase(base, timeout);
	return async (user, path, init = {}) => {
		const url = below(root, path);
		const headers = new Headers(init.headers);
		for (const name of NEVER_SENT) headers.delete(name);
		headers.set("Authorization", `Bearer ${await user.accessToken()}`);
		const controller = new AbortController();
		const expired = () =>
			controller.abort(new DOMException(`${root.host} did not answer in time`, "TimeoutError"));
		const timer = setTimeout(expired, timeout * 1000);
		try {
			const signal = AbortSignal.any([controller.signal, ...(init.signal ? [init.signal] : [])]);
			return await platform.fetch(url, {
				...init,
				headers,
				signal,
				redirect: "manual",
				cache: "no-store",
			});
		} finally {
			clearTimeout(timer);
		}
	};
}

function readBase(base: string, timeout: number): URL {
	const problems = [];
	const url = URL.canParse(base) ? new URL(base) : undefined;
	if (!url || !(url.protocol === "https:" || isLoopbackHttp(url)))
		problems.push({
			problem: `apiFetch: ${JSON.stringify(base)} is no https URL`,
			remedy:
				"Name the API as https://api.example.com/v1/. Plain http is for this machine alone, such as http://localhost:4000/.",
		});
	else if (url.username || url.password || url.search || url.hash || !url.pathname.endsWith("/"))
		problems.push({
			problem: `apiFetch: ${JSON.stringify(base)} is more or less than the root of an API`,
			remedy: "End it with a slash; leave out user, password, query and fragment.",
		});
	if (!(timeout >= 0.1 && timeout <= MAX_TIMEOUT))
		problems.push({
			problem: `apiFetch: timeout is ${timeout}`,
			remedy: `Pass seconds, 0.1 to ${MAX_TIMEOUT}.`,
		});
	if (problems.length > 0 || !url) throw new ConfigError(problems);
	return url;
}

/**
 * A path below the root, however the API reads it: one more decoding must not lead out either.
 */
function below(root: URL, path: string): URL {
	const url = URL.canParse(path, root) ? new URL(path, root) : undefined;
	if (
		!url ||
		url.origin !== root.origin ||
		url.username !== "" ||
		url.password !== "" ||
		!url.pathname.startsWith(root.pathname) ||
		leadsUp(url.pathname)
	)
		throw new TokenError(
			"destination_refused",
			`The path is not below ${root.href}: no token goes there`,
		);
	url.hash = "";
	return url;
}

/**
 * The URL parser has resolved plain dots already; an API behind a proxy may decode once or twice
 * more.
 */
function leadsUp(pathname: string): boolean {
	let decoded = pathname;
	for (let i = 0; i < 4; i++) {
		if (decoded.split(/[/\\]/).some((segment) => segment.split(";", 1)[0] === "..")) return true;
		decoded = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
			String.fromCharCode(Number.parseInt(hex, 16)),
		);
	}
	return false;
}
