import { request as httpRequest, type IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";

/** One answer, read whole. */
export interface Answer {
	readonly url: string;
	readonly status: number;
	readonly headers: Headers;
	readonly body: string;
	/** The raw `Set-Cookie` lines. */
	readonly setCookies: readonly string[];
}

interface StoredCookie {
	value: string;
	sameSite: string;
	path: string;
	expiresAt: number;
	host: string;
}

/** How a navigation was begun. */
export interface NavigationOptions {
	/** The page it was begun on; `undefined` for a typed address. */
	from?: string | undefined;
	method?: string;
	form?: Record<string, string>;
	headers?: Record<string, string>;
	/** Follow redirects and pages that move on by themselves. Default true. */
	follow?: boolean;
}

/**
 * A browser without a screen: speaks HTTP/1.1 and follows the rules that a login depends on.
 * Cookies with `SameSite`, `Secure` (loopback counts as secure), `__Host-` and `Max-Age`; Fetch
 * Metadata; a redirect chain that was once cross-site stays so (Firefox, WebKit); meta refresh
 * without script.
 */
export class ScriptedBrowser {
	readonly jar = new Map<string, StoredCookie>();
	/** Every request of the last navigation, in order: method and URL. */
	readonly trail: string[] = [];
	/** Servers that are reached without a socket, by origin. Redirects are left to the browser. */
	readonly servers = new Map<string, (request: Request) => Promise<Response>>();
	/** The page that is shown. */
	location: string | undefined;
	userAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";

	/** Navigates, like a click on `from` or, without it, like a typed address. */
	async navigate(url: string, options: NavigationOptions = {}): Promise<Answer> {
		this.trail.length = 0;
		const from = "from" in options ? options.from : undefined;
		let crossSite = from !== undefined && site(from) !== site(url);
		let target = url;
		let initiator = from;
		let method = options.method ?? (options.form ? "POST" : "GET");
		let form = options.form;
		for (let hop = 0; hop < 20; hop++) {
			const answer = await this.send(target, {
				method,
				initiator,
				crossSite,
				form,
				headers: options.headers,
			});
			this.location = target;
			if (options.follow === false) return answer;
			const location =
				answer.status >= 300 && answer.status < 400 ? answer.headers.get("location") : null;
			if (location !== null) {
				const next = new URL(location, target).href;
				crossSite ||= site(next) !== site(target);
				if (answer.status !== 307 && answer.status !== 308) {
					method = "GET";
					form = undefined;
				}
				target = next;
				continue;
			}
			const refresh = /<meta http-equiv="refresh" content="0; url='([^']*)'"/.exec(
				answer.body,
			)?.[1];
			if (refresh === undefined) return answer;
			// The page itself navigates: it is the initiator from here on.
			initiator = target;
			target = new URL(unescapeHtml(refresh), target).href;
			crossSite = site(initiator) !== site(target);
			method = "GET";
			form = undefined;
		}
		throw new Error(`The browser was sent around in circles: ${this.trail.join(" -> ")}`);
	}

	/** A click on a link of the page that is shown. */
	click(href: string, options: NavigationOptions = {}): Promise<Answer> {
		return this.navigate(new URL(href, this.location).href, { from: this.location, ...options });
	}

	/** Submits the first form of a page that is shown. */
	submit(page: Answer, extra: Record<string, string> = {}): Promise<Answer> {
		const form = /<form[\s\S]*?<\/form>/.exec(page.body)?.[0] ?? "";
		const action = unescapeHtml(/action="([^"]*)"/.exec(form)?.[1] ?? "");
		const fields = [...form.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(
			([, name, value]) => [unescapeHtml(name ?? ""), unescapeHtml(value ?? "")],
		);
		return this.navigate(new URL(action, page.url).href, {
			from: page.url,
			form: { ...Object.fromEntries(fields), ...extra },
		});
	}

	/** A `fetch` by script of the page that is shown. */
	fetch(
		url: string,
		options: { method?: string; headers?: Record<string, string>; from?: string } = {},
	): Promise<Answer> {
		const initiator = options.from ?? this.location ?? url;
		const crossSite = site(initiator) !== site(url);
		const headers = {
			"sec-fetch-mode": "cors",
			"sec-fetch-dest": "empty",
			accept: "*/*",
			...options.headers,
		};
		return this.send(url, { method: options.method ?? "GET", initiator, crossSite, headers });
	}

	/** The cookies that a request would carry, as a header. */
	cookieHeader(url: string, { crossSite = false, method = "GET" } = {}): string {
		const { hostname, pathname } = new URL(url);
		const sent: string[] = [];
		for (const [name, cookie] of this.jar) {
			if (
				cookie.host !== hostname ||
				cookie.expiresAt <= Date.now() ||
				!pathname.startsWith(cookie.path)
			)
				continue;
			if (
				crossSite &&
				(cookie.sameSite === "strict" || (cookie.sameSite !== "none" && method !== "GET"))
			)
				continue;
			sent.push(`${name}=${cookie.value}`);
		}
		return sent.join("; ");
	}

	async send(
		url: string,
		options: {
			method: string;
			initiator?: string | undefined;
			crossSite: boolean;
			form?: Record<string, string> | undefined;
			headers?: Record<string, string> | undefined;
		},
	): Promise<Answer> {
		const { method, initiator, crossSite, form } = options;
		this.trail.push(`${method} ${url}`);
		const cookies = this.cookieHeader(url, { crossSite, method });
		const headers: Record<string, string> = {
			accept: "text/html,application/xhtml+xml,*/*;q=0.8",
			"user-agent": this.userAgent,
			"sec-fetch-mode": "navigate",
			"sec-fetch-dest": "document",
			"sec-fetch-site": initiator === undefined ? "none" : crossSite ? "cross-site" : "same-origin",
			...(cookies ? { cookie: cookies } : {}),
			...(method === "GET" || method === "HEAD" || initiator === undefined
				? {}
				: { origin: new URL(initiator).origin }),
			...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
			...options.headers,
		};
		const body = form && new URLSearchParams(form).toString();
		const server = this.servers.get(new URL(url).origin);
		const answer = server
			? await ask(server, url, { method, headers, ...(body === undefined ? {} : { body }) })
			: await exchange(url, method, headers, body);
		for (const line of answer.setCookies) this.#store(line, url);
		return answer;
	}

	#store(line: string, url: string): void {
		const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
		const equals = pair.indexOf("=");
		const name = pair.slice(0, equals);
		const byName = new Map<string, string | undefined>();
		for (const attribute of attributes) {
			const [key = "", value] = attribute.split("=", 2);
			byName.set(key.toLowerCase(), value);
		}
		const secure = byName.has("secure");
		if (
			name.startsWith("__Host-") &&
			(!secure || byName.get("path") !== "/" || byName.has("domain"))
		)
			return;
		const { hostname, protocol } = new URL(url);
		if (secure && protocol !== "https:" && hostname !== "localhost" && hostname !== "127.0.0.1")
			return;
		if (pair.length > 4096) return;
		const maxAge = byName.get("max-age");
		const expiresAt =
			maxAge === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(maxAge) * 1000;
		if (expiresAt <= Date.now()) this.jar.delete(name);
		else
			this.jar.set(name, {
				value: pair.slice(equals + 1),
				sameSite: (byName.get("samesite") ?? "lax").toLowerCase(),
				path: byName.get("path") ?? "/",
				expiresAt,
				host: hostname,
			});
	}
}

async function ask(
	server: (request: Request) => Promise<Response>,
	url: string,
	init: { method: string; headers: Record<string, string>; body?: string },
): Promise<Answer> {
	const response = await server(new Request(url, init));
	const { status, headers } = response;
	return { url, status, headers, body: await response.text(), setCookies: headers.getSetCookie() };
}

/** A handshake for each request would take most of a test's time. */
const lastingConnections = new Agent({ keepAlive: true });
const connectionEach = new Agent({ keepAlive: false });
let tlsAgent = lastingConnections;

/**
 * From now on each request over https has a connection of its own. Where a proxy may close idle
 * ones: browsers then send what was lost once more, and this one does not.
 */
export function useEachConnectionOnce(): void {
	tlsAgent = connectionEach;
}

/**
 * One request over HTTP/1.1, with just these headers and this target: nothing is normalised on the
 * way. Over https the connection is used again.
 *
 * @param isEnough For answers without an end: hears what has come so far, and ends the request with
 *   `true`.
 */
export async function exchange(
	url: string,
	method: string,
	headers: Record<string, string | string[]>,
	body?: string | Uint8Array,
	rawTarget?: string,
	isEnough: (text: string) => boolean = () => false,
): Promise<Answer> {
	const { protocol, hostname, port, pathname, search } = new URL(url);
	const options = { hostname, port, method, headers, path: rawTarget ?? pathname + search };
	const message = await new Promise<IncomingMessage>((resolve, reject) => {
		const request =
			protocol === "https:"
				? httpsRequest({ ...options, agent: tlsAgent }, resolve)
				: httpRequest({ ...options, agent: false }, resolve);
		request.on("error", reject);
		request.end(body);
	});
	const chunks: Buffer[] = [];
	for await (const chunk of message) {
		chunks.push(chunk as Buffer);
		if (isEnough(Buffer.concat(chunks).toString())) break;
	}
	const answered = new Headers();
	for (const [name, value] of Object.entries(message.headers)) {
		for (const one of Array.isArray(value) ? value : [value ?? ""]) answered.append(name, one);
	}
	return {
		url,
		status: message.statusCode ?? 0,
		headers: answered,
		body: Buffer.concat(chunks).toString(),
		setCookies: message.headers["set-cookie"] ?? [],
	};
}

/**
 * Enough of a site for tests: host names here have no registrable domain, so that another port is
 * another site only if we say so.
 */
function site(url: string): string {
	const { hostname, port } = new URL(url);
	// Two servers on localhost stand for two sites: ports tell them apart.
	return `${hostname}:${port}`;
}

function unescapeHtml(text: string): string {
	return text
		.replace(/&quot;/g, '"')
		.replace(/&#39;|&#x27;/g, "'")
		.replace(/&#96;|&#x60;/g, "`")
		.replace(/&lt;/g, "<")
		.replace(/&gt;/g, ">")
		.replace(/&amp;/g, "&");
}
