/** What is looked at of a Node request before the gate sees it. */
export interface ReceivedMessage {
	readonly method?: string | undefined;
	readonly url?: string | undefined;
	readonly headers: {
		readonly host?: string | undefined;
		readonly "content-length"?: string | undefined;
		readonly [name: string]: string | string[] | undefined;
	};
	readonly socket: object;
	readonly readableDidRead: boolean;
	readonly readableEnded: boolean;
}

/** What Express, Connect and their likes add to a request. */
interface RoutedMessage {
	/** The target as it came, where a mount has cut `url`. */
	readonly originalUrl?: unknown;
	/** The path that the mount has cut off. */
	readonly baseUrl?: unknown;
}

/**
 * Nothing but what a target may hold: no control character, which some parsers drop, and no
 * fragment, which some cut off.
 */
const ORIGIN_FORM = /^\/[!"$-~\x80-\xff]*$/;

/**
 * The absolute URL of a request in origin form (RFC 9112 section 3.2.1), with its target exactly as
 * the listener will see it. `undefined` for every other form, and for a `Host` that makes no
 * origin: routers differ in what they take for the path of such a request, so that no one reading
 * of it can be judged.
 */
export function urlOfOriginForm(message: ReceivedMessage): string | undefined {
	const target = message.url;
	if (target === undefined || !ORIGIN_FORM.test(target)) return undefined; // proven: any-request-target
	const { socket, headers } = message;
	const scheme = (socket as { encrypted?: unknown }).encrypted ? "https" : "http";
	const host = headers.host ?? headers[":authority"] ?? "localhost";
	if (typeof host !== "string" || /[/\\?#@\s]/.test(host)) return undefined;
	try {
		return new URL(`${scheme}://${host}`).origin + target;
	} catch {
		return undefined;
	}
}

/**
 * Why the gate cannot judge a request at the place where it was put, with the remedy; `undefined`
 * where it can. Below a path it would judge what the mount has left of the target, and behind a
 * body parser its own routes would find no body.
 */
export function misplacementOf(message: ReceivedMessage): string | undefined {
	const { originalUrl, baseUrl } = message as RoutedMessage;
	// proven: mounted-gate
	if (
		(originalUrl !== undefined && originalUrl !== message.url) ||
		(baseUrl !== undefined && baseUrl !== "")
	)
		return "protect() of portcullis/node is mounted below a path, or behind middleware that rewrites addresses: it would judge another path than the browser asked for. Put it in front of the whole app: createServer(protect(app, gate))";
	// proven: gate-behind-parser
	if (isBodyTaken(message))
		return "protect() of portcullis/node comes after something that reads request bodies, so that logins, sign-outs and events fail. Put it in front of body parsers: createServer(protect(app, gate))";
	return undefined;
}

function isBodyTaken(message: ReceivedMessage): boolean {
	// A parser sets it, to nothing too. A getter has read nothing yet, and must not be called: it
	// would.
	const body = Object.getOwnPropertyDescriptor(message, "body");
	if (body !== undefined && body.get === undefined) return true;
	// Where there is nothing to read, it does no harm that it was read.
	if (
		message.method === "GET" ||
		message.method === "HEAD" ||
		message.headers["content-length"] === "0"
	)
		return false;
	return message.readableDidRead || message.readableEnded;
}
