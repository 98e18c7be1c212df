import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "../../app/gate.ts";
import { internalsOf } from "../../app/gate-internals.ts";
import type { Auth } from "../../app/portcullis.ts";
import { consoleLog } from "../../audit/log.ts";
import { shared } from "../../base/copies.ts";
import { definitionSite } from "../../base/definition-site.ts";
import type { AnonymousOf, GateOptions, PageRules, StateClasses } from "../../config/options.ts";
import type { AccessResult, GateRequest } from "../../guard/gate-request.ts";
import type { UserClaims } from "../../protocol/types.ts";
import type { User } from "../../session/user.ts";
import { type AnyAuth, type AnyGate, gateFor, type WithGate } from "../gate-for.ts";
import { makePrivate } from "../outgoing.ts";
import { neverRejecting, sendResponse } from "./send.ts";
import { misplacementOf, urlOfOriginForm } from "./target.ts";
import { logUnusable } from "./unusable.ts";
import { warnOfOpenUpgrades } from "./upgrade.ts";

/** A listener of `node:http`, `node:https` or the compatible API of `node:http2`. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What the Fetch standard allows in no request (section 2.2.1). */
const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;

/** The signed-in people of requests that were let pass, by any copy of the package. */
const USERS = shared("node.users.1", () => new WeakMap<IncomingMessage, User>());

/**
 * Puts the gate in front of a `node:http` listener: `createServer(protect(listener, gate))`.
 *
 * The listener runs only for requests that may pass. It must be the whole app, and the gate the
 * first to see a request: below a path, or after a body parser, every request gets 500, and the log
 * says why. `upgrade` and `connect` events do not come by here: hand WebSockets to `upgrade`.
 */
export function protect(listener: Listener, gate: Gate<UserClaims>): Listener;
/**
 * The same with a gate of its own, which the listener has as `listener.gate`.
 *
 * @param auth What `portcullis()` has returned.
 * @param options What is behind the gate, as for `auth.gate`. Default: nothing has a rule of its
 *   own.
 * @throws {ConfigError} with every mistake, as `auth.gate`.
 */
export function protect<
	U extends UserClaims,
	D,
	const S extends StateClasses = Record<never, never>,
	const P extends PageRules<U> = Record<never, never>,
>(
	listener: Listener,
	auth: Auth<U, D>,
	options?: GateOptions<U, S, P>,
): Listener & WithGate<Gate<U, S, AnonymousOf<D, P>>>;
export function protect(
	listener: Listener,
	given: AnyGate | AnyAuth,
	options?: GateOptions,
): Listener {
	const site = definitionSite();
	const gate = gateFor({ host: "protect()", given, options, site });
	const guarded = guard(listener, gate);
	return gate === given ? guarded : Object.defineProperty(guarded, "gate", { value: gate });
}

function guard(listener: Listener, gate: Gate<UserClaims>): Listener {
	const logged = new Set<string>();
	let hasSeenServer = false;

	return neverRejecting(gate, async (request, response) => {
		if (!hasSeenServer) {
			hasSeenServer = true;
			warnOfOpenUpgrades((request.socket as { readonly server?: unknown }).server, gate);
		}
		const misplaced = misplacementOf(request);
		if (misplaced !== undefined) {
			// Once: every request says the same, and a stranger could fill the log.
			if (!logged.has(misplaced)) {
				logged.add(misplaced);
				const log = internalsOf(gate)?.log ?? consoleLog;
				log({ level: "error", code: "config_invalid", message: misplaced });
			}
			return refuse(response, 500, "The sign-on of this server is set up wrongly");
		}
		const url = urlOfOriginForm(request);
		if (url === undefined) {
			logUnusable(gate, request);
			return refuse(response, 400, "Bad request");
		}
		// No `Request` can be made of it, which checks and views are given, and no app means it.
		if (FORBIDDEN_METHOD.test(request.method ?? "")) {
			logUnusable(gate, request);
			return refuse(response, 405, "Method not allowed");
		}
		const result: AccessResult = await gate.enter(new NodeCall(request, url));
		if (result.kind === "respond")
			return sendResponse(result.response, { request, response, gate });
		if (result.user) USERS.set(request, result.user);
		if (result.isPrivate) makePrivate(response, result);
		return listener(request, response);
	});
}

/**
 * The person of a request that `protect` let pass; `undefined` where a page is open to everyone and
 * the request is anonymous.
 */
export function userOf<U extends UserClaims = UserClaims>(
	request: IncomingMessage,
): User<U> | undefined {
	return USERS.get(request) as User<U> | undefined;
}

/** A Node request as the gate wants it. */
class NodeCall implements GateRequest {
	readonly #message: IncomingMessage;
	readonly method: string;
	readonly url: string;
	#request: Request | undefined;

	constructor(message: IncomingMessage, url: string) {
		this.#message = message;
		this.method = (message.method ?? "GET").toUpperCase();
		this.url = url;
	}

	get remoteAddress(): string | undefined {
		return this.#message.socket.remoteAddress;
	}

	readonly header = (name: string): string | null => {
		const value = this.#message.headers[name];
		return value === undefined ? null : typeof value === "string" ? value : value.join(", ");
	};

	readonly request = (): Request => {
		this.#request ??= toWebRequest(this.#message, this.method, this.url);
		return this.#request;
	};
}

function refuse(response: ServerResponse, status: number, text: string): void {
	response
		.writeHead(status, { "Content-Type": "text/plain", "Cache-Control": "no-store" })
		.end(text);
}

function toWebRequest(message: IncomingMessage, method: string, url: string): Request {
	const headers = new Headers();
	for (const [name, value] of Object.entries(message.headers)) {
		if (name.startsWith(":") || value === undefined) continue;
		for (const line of Array.isArray(value) ? value : [value]) headers.append(name, line);
	}
	const hasBody = method !== "GET" && method !== "HEAD";
	const body = hasBody ? { body: lazyBody(message), duplex: "half" as const } : {};
	return new Request(url, { method, headers, ...body });
}

/**
 * The body, read only when the app asks for it: `Readable.toWeb` starts at once, and the listener
 * would find nothing left. It would also end the connection when the body is cancelled, and with it
 * the answer that says why.
 */
function lazyBody(message: IncomingMessage): ReadableStream<Uint8Array> {
	let chunks: AsyncIterator<Uint8Array> | undefined;
	return new ReadableStream<Uint8Array>(
		{
			async pull(controller) {
				chunks ??= message.iterator({ destroyOnReturn: false });
				const { done, value } = await chunks.next();
				if (done) controller.close();
				else controller.enqueue(value);
			},
			// The rest is read and dropped, so that the connection can take the next request.
			cancel: () => void chunks?.return?.().then(() => message.resume(), ignore),
		},
		{ highWaterMark: 0 },
	);
}

function ignore(): void {}
